#ifndef COUPOND_STORAGE_ROCKSDB_LOG_WAL_ORDER_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_WAL_ORDER_H_

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// The WAL files of a log, before RocksDB opens them. `env` is not owned; null: the system's files.
namespace coupond::storage {

/// The names of the WAL files, the oldest first.
[[nodiscard]] Result<std::vector<std::string>> ListWals(const std::filesystem::path& log,
                                                        rocksdb::Env* env);

/// That each WAL begins with later entries than the one before. Debian's RocksDB has asserts on,
/// and one of them would end the process at files that were exchanged. kLogDamaged, kIo.
[[nodiscard]] Status CheckWalOrder(const std::filesystem::path& log, rocksdb::Env* env);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_WAL_ORDER_H_
