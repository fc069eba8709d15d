#ifndef COUPOND_STORAGE_REPAIR_LOG_REPAIR_H_
#define COUPOND_STORAGE_REPAIR_LOG_REPAIR_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "engine/ports/clock.h"
#include "engine/rules/ids.h"
#include "storage/files/data_directory.h"
#include "storage/files/watermark.h"
#include "storage/repair/log_salvage.h"

namespace coupond::storage {

/// What is wrong with a data directory, and what is lost by accepting it.
struct RepairFindings {
  /// Why the log cannot be used as it is; nullopt if it can.
  std::optional<Error> log_damage;
  /// Its sound part, and what lies behind that.
  LogSurvey survey;
  /// The watermark, or why it cannot be read.
  Result<Watermark> watermark;
  /// The last group in the views and its last event, if they can be read.
  GroupNumber views_group;
  Sequence views_sequence;

  /// Returns the last group that is known to have been acknowledged, from WATERMARK or the views.
  [[nodiscard]] GroupNumber acknowledged() const;
  /// Returns how many acknowledged groups are not in the sound part.
  [[nodiscard]] std::uint64_t acknowledged_lost() const;
  /// What is known to be lost: everything behind the sound part, up to the last group that was
  /// acknowledged or can be read. It may be more.
  struct Loss {
    std::uint64_t groups = 0;
    std::uint64_t events = 0;
    std::uint64_t coupons = 0;  ///< only in groups that can be read
  };
  [[nodiscard]] Loss known_loss() const;
  [[nodiscard]] bool needs_repair() const;
};

/// The steps of a repair, in this order. A repair that is interrupted between any two of them
/// leaves a store that is refused as before or opens as after, and that the next repair finishes.
enum class RepairStep : std::uint8_t {
  kCopyLog,         ///< writes the sound part to a new log, beside the old one
  kVerifyCopy,      ///< reads it back from disk
  kKeepOld,         ///< creates the place for what the next steps remove
  kSwapLog,         ///< the new log replaces the old one, in one step
  kRemoveViews,     ///< the next start rebuilds them
  kWriteWatermark,  ///< names the last group that is left
};

/// Cuts the damaged end off a store's log, and keeps everything that it removes.
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

  /// Repairs the store and returns where the removed parts are. Call it once, and only if
  /// needs_repair(). kUnavailable: `before_step` ended it.
  [[nodiscard]] Result<std::filesystem::path> AcceptLoss(const Clock& clock,
                                                         const Progress& progress,
                                                         const BeforeStep& before_step);

 private:
  LogRepair(std::filesystem::path path, DataDirectory directory);

  [[nodiscard]] Status Look(const Progress& progress);
  /// Reads the log in every way that may help, and keeps the one that yields most.
  [[nodiscard]] Status FindSoundPart(const Progress& progress);
  /// Checks that the sound part belongs to this store.
  [[nodiscard]] Status CheckIdentity() const;

  [[nodiscard]] bool rebuilds_log() const { return findings_.log_damage.has_value(); }
  [[nodiscard]] Status CopyLog(const Progress& progress) const;
  [[nodiscard]] Status VerifyCopy(const Progress& progress) const;
  [[nodiscard]] Status KeepOld(const Clock& clock);
  [[nodiscard]] Status SwapLog() const;
  [[nodiscard]] Status RemoveViews() const;
  [[nodiscard]] Status WriteWatermark() const;

  [[nodiscard]] std::filesystem::path scratch() const { return path_ / "repair-scratch"; }
  /// Returns where the removed parts are before they have their place, and the new log until
  /// kSwapLog.
  [[nodiscard]] std::filesystem::path unfinished() const { return scratch() / "removed"; }

  const std::filesystem::path path_;
  DataDirectory directory_;
  RepairFindings findings_;
  std::unique_ptr<LogSalvage> salvage_;
  std::filesystem::path removed_;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_REPAIR_LOG_REPAIR_H_
