#ifndef COUPOND_STORAGE_FILES_DIRECTORY_H_
#define COUPOND_STORAGE_FILES_DIRECTORY_H_

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// Directories and what is in them, by way of a RocksDB Env, so that whoever stands between the
/// store and the disk sees everything that is done.
///
/// Any thread. `env` is not owned; null: the system's files. Errors are kIo, or kNoSpace when the
/// disk is full, and name the path and the reason that the system gave. Nothing here is durable
/// before SyncDirectory.
namespace coupond::storage {

/// Whether there is anything of that name. What may not be looked at is an error, not "no".
[[nodiscard]] Result<bool> Exists(const std::filesystem::path& path, rocksdb::Env* env = nullptr);

/// What is in a directory that is there, in any order.
[[nodiscard]] Result<std::vector<std::string>> ListDirectory(const std::filesystem::path& directory,
                                                             rocksdb::Env* env = nullptr);

/// Makes a directory for its owner alone (mode 0700); one that is there is left as it is.
[[nodiscard]] Status MakePrivateDirectory(const std::filesystem::path& directory,
                                          rocksdb::Env* env = nullptr);

/// Removes a file, or a directory with all that is in it; that there is none is fine.
[[nodiscard]] Status RemoveAll(const std::filesystem::path& path, rocksdb::Env* env = nullptr);

/// Makes created, renamed and removed entries of `directory` durable.
[[nodiscard]] Status SyncDirectory(const std::filesystem::path& directory,
                                   rocksdb::Env* env = nullptr);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_DIRECTORY_H_
