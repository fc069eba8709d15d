#ifndef COUPOND_STORAGE_REPAIR_LOG_REPAIR_H_
#define COUPOND_STORAGE_REPAIR_LOG_REPAIR_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "engine/ports/clock.h"
#include "storage/files/data_directory.h"
#include "storage/repair/log_salvage.h"
#include "storage/repair/repair_findings.h"

namespace coupond::storage {

/// What a repair does, in this order. A repair that is interrupted between any two of them leaves a
/// store that is refused as before or opens as after, and that the next repair finishes.
enum class RepairStep : std::uint8_t {
  kCopyLog,         ///< makes the new log of the sound part, beside the old one
  kVerifyCopy,      ///< reads it back from disk
  kKeepOld,         ///< gives the removed parts their place: what follows is put there
  kSwapLog,         ///< the new log takes the place of the old one, in one step
  kRemoveViews,     ///< the next start makes them anew
  kWriteWatermark,  ///< which names the last group that is left
};

/// Cuts the damaged end off a store's log, with everything that is removed kept.
///
/// It holds the data directory's lock as long as it lives. Inspect changes nothing but a folder
/// `repair-scratch`, which it removes at its end. One thread.
class LogRepair {
 public:
  /// Groups read so far, of about how many.
  using Progress = std::function<void(std::uint64_t done, std::uint64_t groups)>;
  /// Called before each step; false ends the repair there.
  using BeforeStep = std::function<bool(RepairStep step)>;

  /// Looks at the directory. Errors are those of DataDirectory::Open, and whatever cannot be
  /// repaired: no finished store (kNotADataDirectory), no sound group 1 (the log's own error), the
  /// log of another store (kLogDamaged), a log whose hashes hold but are not those of WATERMARK
  /// (kLogChainBroken).
  [[nodiscard]] static Result<std::unique_ptr<LogRepair>> Inspect(const std::filesystem::path& path,
                                                                  const Progress& progress);
  ~LogRepair();
  LogRepair(const LogRepair&) = delete;
  LogRepair& operator=(const LogRepair&) = delete;

  [[nodiscard]] const RepairFindings& findings() const { return findings_; }
  /// Where AcceptLoss would put what it removes, with the time for X.
  [[nodiscard]] std::filesystem::path removed_pattern() const;

  /// Does it, once; only when needs_repair(). Returns where the removed parts are. kUnavailable:
  /// `before_step` ended it.
  [[nodiscard]] Result<std::filesystem::path> AcceptLoss(const Clock& clock,
                                                         const Progress& progress,
                                                         const BeforeStep& before_step);

 private:
  LogRepair(std::filesystem::path path, DataDirectory directory);

  [[nodiscard]] Status Look(const Progress& progress);
  /// Reads the log in every way that may help, and keeps the one that gives most.
  [[nodiscard]] Status FindSoundPart(const Progress& progress);
  /// That what is sound belongs here.
  [[nodiscard]] Status CheckIdentity() const;

  [[nodiscard]] bool rebuilds_log() const { return findings_.log_damage.has_value(); }
  [[nodiscard]] Status CopyLog(const Progress& progress) const;
  [[nodiscard]] Status VerifyCopy(const Progress& progress) const;
  [[nodiscard]] Status KeepOld(const Clock& clock);
  [[nodiscard]] Status SwapLog() const;
  [[nodiscard]] Status RemoveViews() const;
  [[nodiscard]] Status WriteWatermark() const;

  [[nodiscard]] std::filesystem::path scratch() const { return path_ / "repair-scratch"; }
  /// The removed parts before they have their place, and until kSwapLog the new log.
  [[nodiscard]] std::filesystem::path unfinished() const { return scratch() / "removed"; }

  const std::filesystem::path path_;
  DataDirectory directory_;
  RepairFindings findings_;
  std::unique_ptr<LogSalvage> salvage_;
  std::filesystem::path removed_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_REPAIR_LOG_REPAIR_H_
