#ifndef COUPOND_STORAGE_REPAIR_LOG_REPAIR_H_
#define COUPOND_STORAGE_REPAIR_LOG_REPAIR_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "base/entropy.h"
#include "base/error.h"
#include "engine/ports/clock.h"
#include "engine/ports/event_log.h"
#include "storage/files/data_directory.h"
#include "storage/repair/log_salvage.h"
#include "storage/repair/repair_findings.h"
#include "storage/repair/restored_history.h"

namespace coupond::storage {

/// The steps of a repair, in this order. A repair that is interrupted between any two of them
/// leaves a store that a start refuses, as before or because it has no WATERMARK, and that the next
/// repair finishes.
///
/// There is no WATERMARK while the logs are exchanged, because it may name a lost group: one whose
/// number the new log's last group has, with another hash.
enum class RepairStep : std::uint8_t {
  kCopyLog,          ///< writes the sound part, and the group that continues it, to a new log
  kVerifyCopy,       ///< reads it back from disk
  kKeepOld,          ///< creates the place for what the next steps remove
  kRemoveWatermark,  ///< from now on no start accepts the store
  kSwapLog,          ///< the new log replaces the old one, in one step
  kRemoveViews,      ///< the next start rebuilds them
  kWriteWatermark,   ///< names the new log's last group
};

/// What a repair has made.
struct RepairedStore {
  std::filesystem::path removed;  ///< where everything is that was removed
  LogTip tip;                     ///< of the new log
  NewSerials serials;             ///< with which the store goes on
};

/// Cuts the damaged end off a store's log, and keeps everything that it removes. The store goes on
/// with new serials, so that no code of a coupon that is lost is given out again: also if nothing
/// is known to be lost, as without WATERMARK.
///
/// Holds the data directory's lock until destruction. Inspect changes nothing but a folder
/// `repair-scratch`, which the destructor removes. One thread.
class LogRepair {
 public:
  /// Called now and then with how many groups were read so far, of about how many.
  using Progress = std::function<void(std::uint64_t done, std::uint64_t groups)>;
  /// Called before each step; the repair ends there if it returns false.
  using BeforeStep = std::function<bool(RepairStep step)>;

  /// Examines the directory. Errors are those of DataDirectory::Open, and whatever cannot be
  /// repaired: no finished store (kNotADataDirectory), no sound group 1 (the log's own error), the
  /// log of another store (kLogDamaged), a log whose hashes hold but are not those of WATERMARK
  /// (kLogChainBroken).
  [[nodiscard]] static Result<std::unique_ptr<LogRepair>> Inspect(const std::filesystem::path& path,
                                                                  const Progress& progress);
  ~LogRepair();
  LogRepair(const LogRepair&) = delete;
  LogRepair& operator=(const LogRepair&) = delete;

  [[nodiscard]] const RepairFindings& findings() const { return findings_; }
  /// Returns where AcceptLoss would put what it removes, with letters for the time.
  [[nodiscard]] std::filesystem::path removed_pattern() const;

  /// Repairs the store. Call it once, and only if needs_repair(). `clock` must be plausible.
  /// kSerialsExhausted: too few serials are left; nothing was changed. kUnavailable: `before_step`
  /// ended it.
  [[nodiscard]] Result<RepairedStore> AcceptLoss(Entropy& entropy, const Clock& clock,
                                                 const Progress& progress,
                                                 const BeforeStep& before_step);

 private:
  LogRepair(std::filesystem::path path, DataDirectory directory);

  [[nodiscard]] Status Look(const Progress& progress);
  /// Reads the log in every way that may help, and keeps the one that yields most.
  [[nodiscard]] Status FindSoundPart(const Progress& progress);
  /// Checks that the sound part belongs to this store.
  [[nodiscard]] Status CheckIdentity() const;

  /// Fills in repaired_, but for the place of what is removed.
  [[nodiscard]] Status CopyLog(Entropy& entropy, const Clock& clock, const Progress& progress);
  [[nodiscard]] Status VerifyCopy(const Progress& progress) const;
  [[nodiscard]] Status KeepOld(const Clock& clock);
  [[nodiscard]] Status RemoveWatermark() const;
  [[nodiscard]] Status SwapLog() const;
  [[nodiscard]] Status RemoveViews() const;
  /// Moves a file or directory, if it is there, to where everything is that is removed; durably.
  [[nodiscard]] Status MoveAway(const std::filesystem::path& path) const;
  [[nodiscard]] Status WriteWatermark() const;

  [[nodiscard]] std::filesystem::path scratch() const { return path_ / "repair-scratch"; }
  /// Returns where the removed parts are before they have their place, and the new log until
  /// kSwapLog.
  [[nodiscard]] std::filesystem::path unfinished() const { return scratch() / "removed"; }

  const std::filesystem::path path_;
  DataDirectory directory_;
  RepairFindings findings_;
  std::unique_ptr<LogSalvage> salvage_;
  RepairedStore repaired_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_REPAIR_LOG_REPAIR_H_
