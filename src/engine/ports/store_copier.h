#ifndef COUPOND_ENGINE_PORTS_STORE_COPIER_H_
#define COUPOND_ENGINE_PORTS_STORE_COPIER_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/error.h"
#include "engine/ports/event_log.h"

namespace coupond {

inline constexpr std::size_t kBackupNameMaxBytes = 64;

/// Reports whether `name` can name a backup: one part of a path that cannot lead elsewhere, of
/// letters, digits, '.', '_' and '-', not beginning with a dot, no longer than kBackupNameMaxBytes.
[[nodiscard]] inline bool IsBackupName(std::string_view name) {
  const auto may_be_in_name = [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '.' || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kBackupNameMaxBytes && name.front() != '.' &&
         std::ranges::all_of(name, may_be_in_name);
}

/// A finished backup.
struct BackupReport {
  std::string path;
  LogTip tip;  ///< the last group that it has
  std::uint64_t bytes = 0;
};

/// Makes copies of the store while it is in use.
///
/// A copy has everything that was durable when it began, and ends with some group that was durable
/// when it ended. One thread at a time, beside the engine's.
class StoreCopier {
 public:
  virtual ~StoreCopier() = default;

  /// Makes a backup of that name, which takes as long as reading the whole log. Gives up soon after
  /// `stop` becomes true (kUnavailable). kInvalidArgument: not a name for a backup. kBackupExists:
  /// something of that name exists, and stays as it is. kNoSpace and others: the copy could not be
  /// written, or the log not be read. A backup of that name is always complete, even after a crash
  /// or an error.
  [[nodiscard]] virtual Result<BackupReport> CopyTo(const std::string& name,
                                                    const std::atomic<bool>& stop) = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_PORTS_STORE_COPIER_H_
