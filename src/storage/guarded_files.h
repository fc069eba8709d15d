#ifndef COUPOND_STORAGE_GUARDED_FILES_H_
#define COUPOND_STORAGE_GUARDED_FILES_H_

#include <memory>

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace coupond::storage {

class FileGuard;

/// The files of `env` (null: the system's), through which a store is used that `guard` watches: it
/// is told of every file that is made, grows, is renamed or removed, so that it can tell the
/// store's own doings from everybody else's.
///
/// Before each write to the log, and after each sync, the file is looked at, so no group is
/// acknowledged whose file was gone by then. A guard that is sealed lets nothing be changed outside
/// the views. A table whose name is gone is read by the descriptor that the guard holds.
///
/// Must outlive neither of the two.
[[nodiscard]] std::shared_ptr<rocksdb::Env> GuardFiles(FileGuard& guard, rocksdb::Env* env);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_GUARDED_FILES_H_
