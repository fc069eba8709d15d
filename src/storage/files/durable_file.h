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

/// Small files that are replaced as a whole or not at all, whenever the power goes.
///
/// Any thread, but one writer per file. `env` is not owned; null: the system's files. Errors are
/// kIo, or kNoSpace when the disk is full, and name the file and the reason that the system gave.
namespace coupond::storage {

/// Small files are read whole; whatever is longer is not one of ours.
inline constexpr std::size_t kSmallFileMaxBytes = 4'096;
/// What the unfinished new version of a small file is called: its name and this.
inline constexpr std::string_view kUnfinishedSuffix = ".new";

/// Writes a new file beside `file`, syncs it, renames it over `file` and syncs the directory. On
/// return the new contents survive a crash; after an error the file has the old or the new ones.
[[nodiscard]] Status ReplaceFile(const std::filesystem::path& file, std::string_view contents,
                                 rocksdb::Env* env = nullptr);

/// Nothing: there is no such file. A file longer than kSmallFileMaxBytes is read up to one byte
/// more than that, which no reader of ours accepts.
[[nodiscard]] Result<std::optional<std::string>> ReadSmallFile(const std::filesystem::path& file,
                                                               rocksdb::Env* env = nullptr);

/// "cannot <action> <path>: <text of error_number>", and what to do about it where that is known,
/// as an error value.
[[nodiscard]] std::unexpected<Error> SystemError(std::string_view action,
                                                 const std::filesystem::path& path,
                                                 int error_number);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_DURABLE_FILE_H_
