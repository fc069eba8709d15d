#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_TEXT_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_TEXT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "engine/rules/timestamp.h"

namespace coupon::v1 {
class WatchCampaignResponse;
}

/// How a watched campaign stands, for people.
namespace coupond::ctl {

/// How many coupons a second are issued, out of how many there were at the last few moments.
class IssueRate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Older counts say nothing of the present.
  static constexpr std::chrono::seconds kWindow{1};

  /// Times never go back.
  void Add(Time now, std::int64_t issued_in_all);
  /// 0 before the second count, and when nothing has changed for the window's length.
  [[nodiscard]] double PerSecond(Time now);

 private:
  struct Count {
    Time time;
    std::int64_t issued = 0;
  };

  void Forget(Time now);

  std::deque<Count> counts_;  // one from before the window, then those in it
};

/// One line for a terminal that is so many columns wide: name, bar, counts, coupons per second. It
/// leaves the last column free.
[[nodiscard]] std::string WatchBar(const coupon::v1::WatchCampaignResponse& message,
                                   double per_second, Timestamp now, std::size_t columns);

/// One line of a log.
[[nodiscard]] std::string WatchLine(const coupon::v1::WatchCampaignResponse& message,
                                    double per_second, Timestamp now);

/// What the watch came to.
[[nodiscard]] std::string WatchLastLine(const coupon::v1::WatchCampaignResponse& message);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_TEXT_H_
