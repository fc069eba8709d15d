#ifndef COUPOND_COUPOND_STORE_FIGURES_H_
#define COUPOND_COUPOND_STORE_FIGURES_H_

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace coupond {

/// Looks at the files of a store, for the metrics. What cannot be read is nullopt. Any thread.
class StoreFigures {
 public:
  /// `backup_directory` may be empty.
  StoreFigures(std::filesystem::path data_directory, const std::string& backup_directory);

  /// Returns the size of the log's files.
  [[nodiscard]] std::optional<std::uint64_t> LogBytes() const;
  /// Returns how many bytes the server can still write to the disk of the data directory.
  [[nodiscard]] std::optional<std::uint64_t> FreeBytes() const;
  /// Returns when the newest backup present at the start ended.
  [[nodiscard]] std::optional<std::chrono::sys_seconds> backup_at_start() const {
    return backup_at_start_;
  }

 private:
  const std::filesystem::path data_directory_;
  const std::optional<std::chrono::sys_seconds> backup_at_start_;
};

}  // namespace coupond

#endif  // COUPOND_COUPOND_STORE_FIGURES_H_
