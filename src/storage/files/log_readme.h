#ifndef COUPOND_STORAGE_FILES_LOG_README_H_
#define COUPOND_STORAGE_FILES_LOG_README_H_

#include <filesystem>
#include <string_view>

namespace rocksdb {
class Env;
}  // namespace rocksdb

/// The file log/README, for people (and authors of clean-up jobs) who wonder what the files beside
/// it are. No program reads it.
namespace coupond::storage {

inline constexpr std::string_view kLogReadmeName = "README";

/// Writes the file if it is missing. A store works without it, so errors are ignored.
void WriteLogReadme(const std::filesystem::path& log, rocksdb::Env* env);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FILES_LOG_README_H_
