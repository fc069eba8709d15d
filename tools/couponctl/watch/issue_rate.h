#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_ISSUE_RATE_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_ISSUE_RATE_H_

#include <chrono>
#include <cstdint>
#include <deque>

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

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_ISSUE_RATE_H_
