#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_PASS_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_PASS_H_

#include <chrono>
#include <cstdint>
#include <optional>

#include "couponctl/load/arrival_schedule.h"
#include "couponctl/load/generator_use.h"
#include "couponctl/load/request_tally.h"

namespace coupond::ctl {

/// When a pass ends although not all of its requests were sent.
struct PassLimits {
  /// How long after the end of the schedule overdue requests are still sent.
  std::chrono::nanoseconds drain_for{};
  /// If present: it ends when no request has had an outcome for this long.
  std::optional<std::chrono::nanoseconds> stall_for = {};
};

/// The requests of one schedule in real time, from the first to the last outcome. Measures what the
/// load generator does meanwhile. One thread, that of the load.
class LoadPass {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Counts its requests in `tally`, which must outlive it.
  LoadPass(const ArrivalSchedule& schedule, PassLimits limits, RequestTally& tally, Time start);

  /// Takes the next request if it is due, and returns when it was due. `lateness_counts` says that
  /// a connection was free before.
  [[nodiscard]] std::optional<Time> Take(Time now, bool lateness_counts);
  /// Returns when the next request is due; nullopt if there is none, or it waits for a connection.
  [[nodiscard]] std::optional<Time> NextDue() const;
  /// Notes that a request that was taken has an outcome.
  void AddOutcome(Time now);
  /// Ends the pass if it has lasted too long. Call it regularly.
  void Sweep(Time now);
  /// Drops what is due later, and starts no more requests.
  void Interrupt(Time now);

  /// Whether every request that was taken has an outcome, and no more will be.
  [[nodiscard]] bool over() const { return over_; }
  [[nodiscard]] RequestTally& tally() { return tally_; }
  [[nodiscard]] const ArrivalSchedule& schedule() const { return schedule_; }
  [[nodiscard]] Time start() const { return start_; }
  /// The time from the start to the last outcome.
  [[nodiscard]] std::chrono::nanoseconds elapsed() const { return last_outcome_ - start_; }
  [[nodiscard]] std::uint64_t Waiting(Time now) const { return schedule_.Waiting(now - start_); }
  /// Returns how busy the generator was. Call it once, when the pass is over.
  [[nodiscard]] GeneratorUse TakeUse();

 private:
  void End(Time now);
  void EndIfOver(Time now);
  void MeasureUse(Time now);

  ArrivalSchedule schedule_;
  PassLimits limits_;
  RequestTally& tally_;
  std::chrono::nanoseconds sending_for_;  ///< the length of the whole schedule
  Time start_;
  Time last_outcome_;
  std::uint64_t finished_ = 0;  ///< requests that have an outcome, or will never be sent
  GeneratorUse use_;
  ThreadTimes times_before_;
  bool ended_ = false;  ///< no more requests are started
  bool over_ = false;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_PASS_H_
