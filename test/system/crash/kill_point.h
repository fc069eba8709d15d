#ifndef COUPOND_TEST_SYSTEM_CRASH_KILL_POINT_H_
#define COUPOND_TEST_SYSTEM_CRASH_KILL_POINT_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

namespace coupond::test {

/// The steps at which a process can be made to kill itself, by its name. All lie in the ports that
/// the engine and the store are given, so nothing in them knows of it.
enum class KillPoint : std::uint8_t {
  kNever,
  // While a store is opened, and the engine recovers.
  kStoreOpened,     ///< before the engine is started
  kReadCheckpoint,  ///< before the views' checkpoint is read
  kReadCampaigns,   ///< before the ledger is loaded from the views
  kReadClaims,      ///< the same, half way
  kReadLog,         ///< in the log's tail, before a group is applied
  kEngineStarted,   ///< before the first command
  // The way of a command.
  kBeforeAppend,
  kAfterAppend,  ///< durable, not yet said
  kAfterReply,   ///< said; nobody else knows of the group yet
  // In the projector.
  kBeforeViewWrite,
  kAfterViewWrite,
  kBeforeViewFlush,
  kAfterViewFlush,
  // At the watermark.
  kBeforeWatermark,  ///< before its keeper hears of a group
  kAfterWatermark,   ///< when the file names the group
  // Anywhere.
  kFileOperation,  ///< before something is done to a file; half way in a write
};

struct KillPointName {
  KillPoint point;
  std::string_view name;
};
inline constexpr std::array<KillPointName, 17> kKillPointNames{{
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
    {KillPoint::kFileOperation, "file-operation"},
}};
[[nodiscard]] std::string_view NameOf(KillPoint point);
[[nodiscard]] std::optional<KillPoint> KillPointNamed(std::string_view name);

/// Kills this process when it comes to a point for the given time: 1 is the first. Any thread.
class KillSwitch {
 public:
  KillSwitch(KillPoint point, std::uint64_t at) : point_(point), at_(at) {}

  /// Whether it must be done now: the caller prepares what it wants to, and calls Kill. Counts.
  [[nodiscard]] bool Reaches(KillPoint point);
  /// Writes the line "killed <point> <detail>" to standard output, and ends by SIGKILL.
  [[noreturn]] void Kill(std::uint64_t detail) const;
  /// The two together.
  void Reach(KillPoint point, std::uint64_t detail) {
    if (Reaches(point)) Kill(detail);
  }
  /// How often the process has come to its point.
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  const KillPoint point_;
  const std::uint64_t at_;
  std::atomic<std::uint64_t> count_ = 0;
};

/// Writes a line to standard output at once and as a whole, so that it is there after a kill.
void Tell(std::string_view line);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_KILL_POINT_H_
