#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_COMMAND_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/outcome.h"
#include "couponctl/watch/watch_run.h"
#include "engine/rules/timestamp.h"

namespace coupond::ctl {

/// Watches the campaign over one stream as long as `plan` says, or until it is deleted, and prints
/// each message to `context.out`. With `context.json`, prints one JSON object per line,
/// including messages that only repeat the previous one. Otherwise prints a line for people, unless
/// nothing has changed; on a terminal (of `terminal_columns` columns), this is a single line that
/// is continually redrawn. Reports changes of the connection on `context.err`. Returns kInterrupted
/// after SIGINT or SIGTERM, and kFailed if the time is up while the connection is lost. Throws if
/// the output cannot be written.
[[nodiscard]] ExitCode WatchCampaign(const CommandContext& context, const WatchPlan& plan,
                                     std::optional<std::size_t> terminal_columns);

// The texts that it prints, for people.

/// The number of coupons issued per second, computed from the counts of the last moments.
class IssueRate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Older counts say nothing about the present.
  static constexpr std::chrono::seconds kWindow{1};

  /// Adds a count. Times must not go back.
  void Add(Time now, std::int64_t issued_in_all);
  /// Returns 0 before the second count, and when nothing has changed for the length of the window.
  [[nodiscard]] double PerSecond(Time now);

 private:
  struct Count {
    Time time;
    std::int64_t issued = 0;
  };

  void Forget(Time now);

  std::deque<Count> counts_;  // one from before the window, then those in it
};

/// Returns a line for a terminal of this width: name, bar, counts, coupons per second. It leaves
/// the last column free.
[[nodiscard]] std::string WatchBar(const coupon::v1::WatchCampaignResponse& message,
                                   double per_second, Timestamp now, std::size_t columns);

/// Returns a line for a log.
[[nodiscard]] std::string WatchLine(const coupon::v1::WatchCampaignResponse& message,
                                    double per_second, Timestamp now);

/// Returns the line that says what became of the campaign.
[[nodiscard]] std::string WatchLastLine(const coupon::v1::WatchCampaignResponse& message);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_COMMAND_H_
