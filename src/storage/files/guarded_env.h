#ifndef COUPOND_STORAGE_FILES_GUARDED_ENV_H_
#define COUPOND_STORAGE_FILES_GUARDED_ENV_H_

#include <memory>

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace coupond::storage {

class FileGuard;

/// Returns `env` (null: the system's) wrapped so that `guard` learns of every file that the store
/// creates, writes, renames or removes, and can tell the store's own changes from those of other
/// programs.
///
/// Each file is checked before every write to it and after every sync, so no group is acknowledged
/// whose file was gone by then. A sealed guard refuses every change outside the views. A table
/// whose name is gone is read through the descriptor that the guard holds.
///
/// The result must not outlive `guard` or `env`.
[[nodiscard]] std::shared_ptr<rocksdb::Env> GuardFiles(FileGuard& guard, rocksdb::Env* env);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_GUARDED_ENV_H_
