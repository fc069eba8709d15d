#ifndef COUPOND_STORAGE_FILES_ENV_FILES_H_
#define COUPOND_STORAGE_FILES_ENV_FILES_H_

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// Directories, and small files that are replaced as a whole or not at all, accessed through a
/// RocksDB Env, so that an Env between the store and the disk sees every operation.
///
/// Any thread, but one writer per file. `env` is not owned; null: the system's files. Errors are
/// kIo, or kNoSpace if the disk is full, and name the path and the system's reason. Changes of a
/// directory are not durable before SyncDirectory; a file that ReplaceFile has written is.
namespace coupond::storage {

/// Reports whether anything has that name. Lacking the permission to look is an error.
[[nodiscard]] Result<bool> Exists(const std::filesystem::path& path, rocksdb::Env* env = nullptr);

/// Returns the names in an existing directory, in any order.
[[nodiscard]] Result<std::vector<std::string>> ListDirectory(const std::filesystem::path& directory,
                                                             rocksdb::Env* env = nullptr);

/// Returns the path without links, dots and a slash at the end. Nothing need exist there.
[[nodiscard]] Result<std::filesystem::path> RealPath(const std::filesystem::path& path);

/// Reports whether `inner` is `outer` or lies within it. Both are real paths.
[[nodiscard]] bool IsWithin(const std::filesystem::path& inner, const std::filesystem::path& outer);

/// Creates a directory for its owner alone (mode 0700). Leaves an existing one as it is.
[[nodiscard]] Status MakePrivateDirectory(const std::filesystem::path& directory,
                                          rocksdb::Env* env = nullptr);

/// Removes a file, or a directory with its contents. A missing one is not an error.
[[nodiscard]] Status RemoveAll(const std::filesystem::path& path, rocksdb::Env* env = nullptr);

/// Makes created, renamed and removed entries of `directory` durable.
[[nodiscard]] Status SyncDirectory(const std::filesystem::path& directory,
                                   rocksdb::Env* env = nullptr);

/// Small files are read as a whole; a longer one is not ours.
inline constexpr std::size_t kSmallFileMaxBytes = 4'096;
/// The suffix of the unfinished new version of a small file.
inline constexpr std::string_view kUnfinishedSuffix = ".new";

/// Writes a new file beside `file`, syncs it, renames it over `file` and syncs the directory. On
/// return the new contents survive a crash; after an error the file has the old or the new ones.
[[nodiscard]] Status ReplaceFile(const std::filesystem::path& file, std::string_view contents,
                                 rocksdb::Env* env = nullptr);

/// Returns the contents, or nullopt if there is no such file. Reads at most one byte more than
/// kSmallFileMaxBytes, which no reader of ours accepts.
[[nodiscard]] Result<std::optional<std::string>> ReadSmallFile(const std::filesystem::path& file,
                                                               rocksdb::Env* env = nullptr);

/// Returns the error "cannot <action> <path>: <text of error_number>", with what to do about it
/// where that is known.
[[nodiscard]] std::unexpected<Error> SystemError(std::string_view action,
                                                 const std::filesystem::path& path,
                                                 int error_number);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_ENV_FILES_H_
