#ifndef COUPOND_STORAGE_FILES_ROCKSDB_STATUS_H_
#define COUPOND_STORAGE_FILES_ROCKSDB_STATUS_H_

#include <string_view>

#include "base/error.h"

namespace rocksdb {
class Status;
}  // namespace rocksdb

namespace coupond::storage {

/// The end of messages of kNoSpace: what to do.
inline constexpr std::string_view kMakeRoom = "; make room on that disk, then start again";

/// The end of messages about files that may not be written or read.
inline constexpr std::string_view kMakeAccessible =
    "; coupond must be able to read and write there: check the owner, the permissions and whether "
    "the file system is mounted read-only";

/// Converts a RocksDB status that is not OK: kNoSpace for a full disk, `damaged` for files that are
/// corrupted or missing, kIo for the rest. `what` states what failed, and where.
[[nodiscard]] std::unexpected<Error> RocksDbError(const rocksdb::Status& status, ErrorCode damaged,
                                                  std::string_view what);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_ROCKSDB_STATUS_H_
