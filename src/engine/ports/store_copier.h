#ifndef COUPOND_ENGINE_PORTS_STORE_COPIER_H_
#define COUPOND_ENGINE_PORTS_STORE_COPIER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/ports/commit_group.h"

namespace coupond {

inline constexpr std::size_t kBackupNameMaxBytes = 64;

/// A name is one part of a path and cannot lead anywhere else: letters, digits, '.', '_' and '-',
/// not beginning with a dot, no longer than kBackupNameMaxBytes.
[[nodiscard]] bool IsBackupName(std::string_view name);

/// What a backup contains.
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

  /// Takes as long as it takes to read the whole log; gives up soon after `stop` has become true
  /// (kUnavailable). kInvalidArgument: that is no name. kBackupExists: there is something of that
  /// name, which stays as it is. kNoSpace and others: the copy could not be written, or the log not
  /// be read. What has the name is complete, also after a crash or an error.
  [[nodiscard]] virtual Result<BackupReport> CopyTo(const std::string& name,
                                                    const std::atomic<bool>& stop) = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_PORTS_STORE_COPIER_H_
