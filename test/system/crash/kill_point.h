#ifndef COUPOND_TEST_SYSTEM_CRASH_KILL_POINT_H_
#define COUPOND_TEST_SYSTEM_CRASH_KILL_POINT_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

namespace coupond::test {

/// The steps at which a process can be made to kill itself. All are in the ports of the engine and
/// the store, so neither contains code for it.
enum class KillPoint : std::uint8_t {
  kNever,
  // While a store is opened, and the engine recovers.
  kStoreOpened,     ///< before the engine is started
  kReadCheckpoint,  ///< before the views' checkpoint is read
  kReadCampaigns,   ///< before the ledger is loaded from the views
  kReadClaims,      ///< the same, half way
  kReadLog,         ///< in the log's tail, before a group is applied
  kEngineStarted,   ///< before the first command
  // While a command is carried out.
  kBeforeAppend,
  kAfterAppend,  ///< durable, not yet acknowledged
  kAfterReply,   ///< acknowledged, before any listener gets the group
  // In the projector.
  kBeforeViewWrite,
  kAfterViewWrite,
  kBeforeViewFlush,
  kAfterViewFlush,
  // At the watermark.
  kBeforeWatermark,  ///< before its keeper gets a group
  kAfterWatermark,   ///< when the file names the group
  // While a user is erased.
  kBeforeErased,       ///< before the append of UserErased
  kAfterErased,        ///< durable; the texts are hidden from now on
  kBeforeViewRemoval,  ///< before the views lose the texts' rows
  kAfterViewRemoval,
  kBeforePurge,   ///< before files that have the texts are rewritten
  kLogRewrite,    ///< in it, before an operation on a file of the log, or half way through a write
  kViewsRewrite,  ///< the same for the views
  kAfterPurge,    ///< when no file has the texts any more, unless somebody reads it
  kBeforeFinished,  ///< before the append of ErasureFinished
  kAfterFinished,
  kBeforeForget,  ///< before the texts, which are gone, are no longer hidden
  // Anywhere.
  kFileOperation,  ///< before an operation on a file, or half way through a write
};

struct KillPointName {
  KillPoint point;
  std::string_view name;
};
inline constexpr std::array<KillPointName, 28> kKillPointNames{{
    {KillPoint::kNever, "never"},
    {KillPoint::kStoreOpened, "store-opened"},
    {KillPoint::kReadCheckpoint, "read-checkpoint"},
    {KillPoint::kReadCampaigns, "read-campaigns"},
    {KillPoint::kReadClaims, "read-claims"},
    {KillPoint::kReadLog, "read-log"},
    {KillPoint::kEngineStarted, "engine-started"},
    {KillPoint::kBeforeAppend, "before-append"},
    {KillPoint::kAfterAppend, "after-append"},
    {KillPoint::kAfterReply, "after-reply"},
    {KillPoint::kBeforeViewWrite, "before-view-write"},
    {KillPoint::kAfterViewWrite, "after-view-write"},
    {KillPoint::kBeforeViewFlush, "before-view-flush"},
    {KillPoint::kAfterViewFlush, "after-view-flush"},
    {KillPoint::kBeforeWatermark, "before-watermark"},
    {KillPoint::kAfterWatermark, "after-watermark"},
    {KillPoint::kBeforeErased, "before-erased"},
    {KillPoint::kAfterErased, "after-erased"},
    {KillPoint::kBeforeViewRemoval, "before-view-removal"},
    {KillPoint::kAfterViewRemoval, "after-view-removal"},
    {KillPoint::kBeforePurge, "before-purge"},
    {KillPoint::kLogRewrite, "log-rewrite"},
    {KillPoint::kViewsRewrite, "views-rewrite"},
    {KillPoint::kAfterPurge, "after-purge"},
    {KillPoint::kBeforeFinished, "before-finished"},
    {KillPoint::kAfterFinished, "after-finished"},
    {KillPoint::kBeforeForget, "before-forget"},
    {KillPoint::kFileOperation, "file-operation"},
}};
[[nodiscard]] std::string_view NameOf(KillPoint point);
[[nodiscard]] std::optional<KillPoint> KillPointNamed(std::string_view name);

/// Kills this process when it reaches a point for the `at`-th time, counted from 1. Any thread.
class KillSwitch {
 public:
  KillSwitch(KillPoint point, std::uint64_t at) : point_(point), at_(at) {}

  /// Counts, and reports whether the process must be killed now; then the caller calls Kill.
  [[nodiscard]] bool Reaches(KillPoint point);
  /// Writes the line "killed <point> <detail>" to standard output, and ends by SIGKILL.
  [[noreturn]] void Kill(std::uint64_t detail) const;
  /// Kills the process if this is the time.
  void Reach(KillPoint point, std::uint64_t detail) {
    if (Reaches(point)) Kill(detail);
  }
  /// Says whether texts are being purged, which makes operations on files kLogRewrite and
  /// kViewsRewrite as well.
  void SetPurging(bool purging) { purging_ = purging; }
  [[nodiscard]] bool purging() const { return purging_; }
  /// Returns how often the process has reached its point.
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  const KillPoint point_;
  const std::uint64_t at_;
  std::atomic<std::uint64_t> count_ = 0;
  std::atomic<bool> purging_ = false;
};

/// Writes a line to standard output in one call, so that it survives a kill.
void Tell(std::string_view line);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_KILL_POINT_H_
