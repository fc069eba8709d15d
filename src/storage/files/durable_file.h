#ifndef COUPOND_STORAGE_FILES_DURABLE_FILE_H_
#define COUPOND_STORAGE_FILES_DURABLE_FILE_H_

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// Small files that are replaced as a whole or not at all, whenever the power fails.
///
/// Any thread, but one writer per file. `env` is not owned; null: the system's files. Errors are
/// kIo, or kNoSpace if the disk is full, and name the file and the system's reason.
namespace coupond::storage {

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

#endif  // COUPOND_STORAGE_FILES_DURABLE_FILE_H_
