#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_TIMELINE_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_TIMELINE_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include "couponctl/load/issue_answer.h"
#include "couponctl/load/latency_record.h"
#include "couponctl/load/redeem_answer.h"

namespace coupond::ctl {

/// A part of a load: the requests that ended from `begin` to before `end`, counted from its start.
struct LoadInterval {
  std::chrono::nanoseconds begin{0};
  std::chrono::nanoseconds end{0};
  std::uint64_t issued = 0;          ///< just now
  std::uint64_t already_issued = 0;  ///< to an earlier request
  std::uint64_t redeemed = 0;
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;  ///< or with an unknown outcome
  /// One for each of kShownPercentiles; all 0 if no request ended.
  std::array<std::chrono::nanoseconds, kShownPercentiles.size()> percentiles{};
  std::chrono::nanoseconds latency_max{0};

  [[nodiscard]] std::uint64_t ended() const {
    return issued + already_issued + redeemed + refused + failed;
  }
};

/// The course of a load, or of its redemptions. A load of any length has about 100 intervals, each
/// at least 10 ms long; if it lasts much longer than planned, the later ones are longer, so there
/// are never many more. One thread at a time.
class LoadTimeline {
 public:
  /// `duration` is the planned time of sending. The last interval within it also takes the answers
  /// that come shortly after.
  explicit LoadTimeline(std::chrono::nanoseconds duration);

  /// Counts a request that ended at `elapsed`, which must not be before that of an earlier call.
  void Add(const IssueAnswer& answer, std::chrono::nanoseconds latency,
           std::chrono::nanoseconds elapsed);
  void Add(const RedeemAnswer& answer, std::chrono::nanoseconds latency,
           std::chrono::nanoseconds elapsed);
  /// Ends the load at `elapsed`, and returns its intervals in order, without gaps. Call it once.
  [[nodiscard]] std::vector<LoadInterval> Finish(std::chrono::nanoseconds elapsed);

 private:
  using Count = std::uint64_t LoadInterval::*;

  static Count CountFor(const IssueAnswer& answer);
  static Count CountFor(const RedeemAnswer& answer);
  void Add(Count count, std::chrono::nanoseconds latency, std::chrono::nanoseconds elapsed);
  void Begin(std::chrono::nanoseconds begin);
  void CloseUntil(std::chrono::nanoseconds elapsed);
  void Close();

  std::chrono::nanoseconds duration_;
  std::chrono::nanoseconds length_;
  std::vector<LoadInterval> closed_;
  LoadInterval open_;
  LatencyRecord latency_;  ///< of open_
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_TIMELINE_H_
