#include "coupond/store_figures.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace coupond {
namespace {

namespace fs = std::filesystem;

/// Returns when the newest finished backup ended: the last file that a backup gets is its FORMAT.
std::optional<std::chrono::sys_seconds> NewestBackup(const fs::path& directory) {
  using std::chrono::seconds;
  std::optional<std::chrono::sys_seconds> newest;
  if (directory.empty()) return newest;
  std::error_code failed;
  for (fs::directory_iterator entry(directory, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    std::error_code missing;
    const auto written = fs::last_write_time(entry->path() / "FORMAT", missing);
    if (missing) continue;
    const auto time = std::chrono::floor<seconds>(std::chrono::file_clock::to_sys(written));
    newest = std::max(newest.value_or(time), time);
  }
  return newest;
}

}  // namespace

StoreFigures::StoreFigures(fs::path data_directory, const std::string& backup_directory)
    : data_directory_(std::move(data_directory)),
      backup_at_start_(NewestBackup(backup_directory)) {}

std::optional<std::uint64_t> StoreFigures::LogBytes() const {
  std::error_code failed;
  std::uint64_t bytes = 0;
  for (fs::directory_iterator entry(data_directory_ / "log", failed), end; !failed && entry != end;
       entry.increment(failed)) {
    std::error_code gone;  // deleted meanwhile
    const std::uint64_t size = entry->file_size(gone);
    if (!gone) bytes += size;
  }
  if (failed) return std::nullopt;
  return bytes;
}

std::optional<std::uint64_t> StoreFigures::FreeBytes() const {
  std::error_code failed;
  const fs::space_info space = fs::space(data_directory_, failed);
  if (failed) return std::nullopt;
  return space.available;
}

}  // namespace coupond
