#ifndef COUPOND_STORAGE_FILES_ROCKSDB_STATUS_H_
#define COUPOND_STORAGE_FILES_ROCKSDB_STATUS_H_

#include <string_view>

#include "base/error.h"

namespace rocksdb {
class Status;
}  // namespace rocksdb

namespace coupond::storage {

/// What the messages of kNoSpace end with: what to do.
inline constexpr std::string_view kMakeRoom = "; make room on that disk, then start again";

/// What the messages of files that may not be written, or read, end with.
inline constexpr std::string_view kMakeAccessible =
    "; coupond must be able to read and write there: check the owner, the permissions and whether "
    "the file system is mounted read-only";

/// A RocksDB status that is not OK, as an error of ours: kNoSpace for a full disk, `damaged` for
/// files that are corrupted or missing, kIo for the rest. `what` says what was being done, and
/// where.
[[nodiscard]] std::unexpected<Error> RocksDbError(const rocksdb::Status& status, ErrorCode damaged,
                                                  std::string_view what);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_ROCKSDB_STATUS_H_
