#ifndef COUPOND_STORAGE_ROCKSDB_LOG_LOG_TABLES_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_LOG_TABLES_H_

#include <filesystem>

#include "base/error.h"
#include "engine/rules/ids.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace coupond::storage {

/// The last group in any table in the log's directory, whether or not the list of files knows it. A
/// table that cannot be read is passed over: it may be one that was never finished. `env` is not
/// owned; null: the system's files. kIo.
[[nodiscard]] Result<GroupNumber> LastGroupInTables(const std::filesystem::path& log,
                                                    rocksdb::Env* env);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_LOG_TABLES_H_
