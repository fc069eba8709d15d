#include "coupond/store_figures.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/thread.h"

namespace coupond {
namespace {

namespace fs = std::filesystem;

/// Returns when the newest finished backup ended: the last file that a backup gets is its FORMAT.
/// Returns the epoch if there is none.
std::optional<std::chrono::sys_seconds> NewestBackup(const fs::path& directory) {
  if (directory.empty()) return std::nullopt;
  std::chrono::sys_seconds newest{};
  std::error_code failed;
  for (fs::directory_iterator entry(directory, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    std::error_code missing;
    const auto written = fs::last_write_time(entry->path() / "FORMAT", missing);
    if (missing) continue;
    newest = std::max(
        newest, std::chrono::floor<std::chrono::seconds>(std::chrono::file_clock::to_sys(written)));
  }
  return newest;
}

std::optional<std::uint64_t> BytesOfFiles(const fs::path& directory) {
  std::error_code failed;
  std::uint64_t bytes = 0;
  for (fs::directory_iterator entry(directory, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    std::error_code gone;  // deleted meanwhile
    const std::uint64_t size = entry->file_size(gone);
    if (!gone) bytes += size;
  }
  if (failed) return std::nullopt;
  return bytes;
}

std::optional<std::uint64_t> FreeBytesAt(const fs::path& directory) {
  std::error_code failed;
  const fs::space_info space = fs::space(directory, failed);
  if (failed) return std::nullopt;
  return space.available;
}

}  // namespace

StoreFigures::StoreFigures(fs::path data_directory, const std::string& backup_directory)
    : data_directory_(std::move(data_directory)), backup_at_start_(NewestBackup(backup_directory)) {
  Look();
  thread_ = std::jthread([this](const std::stop_token& stop) { LookAgain(stop); });
}

std::optional<std::uint64_t> StoreFigures::log_bytes() const {
  const std::lock_guard lock(mutex_);
  return log_bytes_;
}

std::optional<std::uint64_t> StoreFigures::free_bytes() const {
  const std::lock_guard lock(mutex_);
  return free_bytes_;
}

void StoreFigures::Look() {
  const auto log = BytesOfFiles(data_directory_ / "log");
  const auto free = FreeBytesAt(data_directory_);
  const std::lock_guard lock(mutex_);
  log_bytes_ = log;
  free_bytes_ = free;
}

void StoreFigures::LookAgain(const std::stop_token& stop) {
  NameThisThread("store-figures");
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, stop, kInterval, [&stop] { return stop.stop_requested(); })) {
    lock.unlock();
    Look();
    lock.lock();
  }
}

}  // namespace coupond
