#ifndef COUPOND_STORAGE_ROCKSDB_LOG_PAST_DAMAGE_H_
#define COUPOND_STORAGE_ROCKSDB_LOG_PAST_DAMAGE_H_

#include <filesystem>
#include <memory>

#include "base/error.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace coupond::storage {

/// The files of a log, with those fragments of its WALs hidden that are not whole. RocksDB passes
/// over what is hidden, and never sees the damage itself: at some of it, when it is to read past
/// damage, it would not go on for ever.
///
/// Null: all are whole. `env` (null: the system's files) must outlive what is returned. Changes
/// nothing; kIo.
[[nodiscard]] Result<std::shared_ptr<rocksdb::Env>> HideDamage(const std::filesystem::path& log,
                                                               rocksdb::Env* env);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_ROCKSDB_LOG_PAST_DAMAGE_H_
