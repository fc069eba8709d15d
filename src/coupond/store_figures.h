#ifndef COUPOND_COUPOND_STORE_FIGURES_H_
#define COUPOND_COUPOND_STORE_FIGURES_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace coupond {

/// Figures of a store's files, for the metrics. What cannot be read is nullopt.
///
/// A thread of its own looks at the files every few seconds, so that a disk that hangs makes these
/// figures old, and delays no caller. Any thread may ask.
class StoreFigures {
 public:
  static constexpr std::chrono::seconds kInterval{5};

  /// Looks for the first time, and starts the thread. `backup_directory` may be empty.
  StoreFigures(std::filesystem::path data_directory, const std::string& backup_directory);

  /// Returns the size of the log's files.
  [[nodiscard]] std::optional<std::uint64_t> log_bytes() const;
  /// Returns how many bytes the server can still write to the disk of the data directory.
  [[nodiscard]] std::optional<std::uint64_t> free_bytes() const;
  /// Returns when the newest backup present at the start ended: the epoch if there was none,
  /// nullopt without a directory for backups.
  [[nodiscard]] std::optional<std::chrono::sys_seconds> backup_at_start() const {
    return backup_at_start_;
  }

 private:
  void Look();
  void LookAgain(const std::stop_token& stop);

  const std::filesystem::path data_directory_;
  const std::optional<std::chrono::sys_seconds> backup_at_start_;
  mutable std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::optional<std::uint64_t> log_bytes_;   // under mutex_
  std::optional<std::uint64_t> free_bytes_;  // under mutex_
  std::jthread thread_;                      // the last member: ends before the others do
};

}  // namespace coupond

#endif  // COUPOND_COUPOND_STORE_FIGURES_H_
