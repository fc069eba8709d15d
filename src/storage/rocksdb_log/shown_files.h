#ifndef COUPOND_STORAGE_ROCKSDB_LOG_SHOWN_FILES_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_SHOWN_FILES_H_

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <string>

#include "base/error.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// Shows RocksDB other contents than a log's files have, without changing them: without a torn
/// record, or with damage hidden.
namespace coupond::storage {

/// How RocksDB sees a file that it reads from beginning to end, as it does WALs and its list of
/// files.
struct ShownFile {
  std::uint64_t size = std::numeric_limits<std::uint64_t>::max();  ///< it ends here at the latest
  /// Headers of fragments that replace those in the file, of kFragmentHeaderBytes each.
  std::map<std::uint64_t, std::string> headers;
};

/// Returns the files of `env`, which must outlive the result, with these shown as described.
[[nodiscard]] std::shared_ptr<rocksdb::Env> ShowFiles(
    rocksdb::Env& env, std::map<std::filesystem::path, ShownFile> files);

/// Returns the files of a log with those fragments of its WALs hidden that are not intact, or null
/// if all are. RocksDB passes over what is hidden, and never sees the damage itself: at some of it,
/// when it is to read past damage, it would loop forever. `env` (null: the system's files) must
/// outlive the result. kIo.
[[nodiscard]] Result<std::shared_ptr<rocksdb::Env>> HideDamage(const std::filesystem::path& log,
                                                               rocksdb::Env* env);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_SHOWN_FILES_H_
