#ifndef COUPOND_STORAGE_ROCKSDB_LOG_SHOWN_FILES_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_SHOWN_FILES_H_

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <string>

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace coupond::storage {

/// How RocksDB is to see a file that it reads from the beginning to the end, as it does WALs and
/// its list of files.
struct ShownFile {
  std::uint64_t size = std::numeric_limits<std::uint64_t>::max();  ///< it ends here at the latest
  /// Where other headers of fragments stand than there are, of kFragmentHeaderBytes each.
  std::map<std::uint64_t, std::string> headers;
};

/// The files of `env`, which it must not outlive, with these shown as said. Changes nothing.
[[nodiscard]] std::shared_ptr<rocksdb::Env> ShowFiles(
    rocksdb::Env& env, std::map<std::filesystem::path, ShownFile> files);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_SHOWN_FILES_H_
