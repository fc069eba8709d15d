#ifndef COUPOND_STORAGE_FILES_DIRECTORY_H_
#define COUPOND_STORAGE_FILES_DIRECTORY_H_

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// Directories and their contents, accessed through a RocksDB Env, so that an Env between the store
/// and the disk sees every operation.
///
/// Any thread. `env` is not owned; null: the system's files. Errors are kIo, or kNoSpace if the
/// disk is full, and name the path and the system's reason. Nothing here is durable before
/// SyncDirectory.
namespace coupond::storage {

/// Reports whether anything has that name. Lacking the permission to look is an error.
[[nodiscard]] Result<bool> Exists(const std::filesystem::path& path, rocksdb::Env* env = nullptr);

/// Returns the names in an existing directory, in any order.
[[nodiscard]] Result<std::vector<std::string>> ListDirectory(const std::filesystem::path& directory,
                                                             rocksdb::Env* env = nullptr);

/// Creates a directory for its owner alone (mode 0700). Leaves an existing one as it is.
[[nodiscard]] Status MakePrivateDirectory(const std::filesystem::path& directory,
                                          rocksdb::Env* env = nullptr);

/// Removes a file, or a directory with its contents. A missing one is not an error.
[[nodiscard]] Status RemoveAll(const std::filesystem::path& path, rocksdb::Env* env = nullptr);

/// Makes created, renamed and removed entries of `directory` durable.
[[nodiscard]] Status SyncDirectory(const std::filesystem::path& directory,
                                   rocksdb::Env* env = nullptr);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_DIRECTORY_H_
