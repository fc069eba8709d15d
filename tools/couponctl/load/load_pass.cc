#include "couponctl/load/load_pass.h"

#include <utility>

namespace coupond::ctl {

using std::chrono::nanoseconds;

LoadPass::LoadPass(const ArrivalSchedule& schedule, PassLimits limits, RequestTally& tally,
                   Time start)
    : schedule_(schedule),
      limits_(limits),
      tally_(tally),
      sending_for_(schedule.duration()),
      start_(start),
      last_outcome_(start),
      times_before_(ThreadTimes::OfThisThread()) {}

std::optional<LoadPass::Time> LoadPass::Take(Time now, bool lateness_counts) {
  if (ended_) return std::nullopt;
  const auto due = schedule_.Take(now - start_);
  if (!due) return std::nullopt;
  const Time time = start_ + *due;
  use_.AddSent(lateness_counts ? now - time : nanoseconds(0));
  return time;
}

std::optional<LoadPass::Time> LoadPass::NextDue() const {
  const auto due = schedule_.NextDue();
  if (!due || ended_) return std::nullopt;
  return start_ + *due;
}

void LoadPass::AddOutcome(Time now) {
  last_outcome_ = now;
  ++finished_;
  EndIfOver(now);
}

void LoadPass::EndIfOver(Time now) {
  const bool no_more = ended_ || schedule_.Exhausted(now - start_);
  if (no_more && finished_ == schedule_.taken()) over_ = true;
}

void LoadPass::Sweep(Time now) {
  const nanoseconds elapsed = now - start_;
  if (use_.elapsed.count() == 0 && elapsed >= sending_for_) MeasureUse(now);
  const bool stalled = limits_.stall_for && now - last_outcome_ >= *limits_.stall_for;
  if (!ended_ && (elapsed >= sending_for_ + limits_.drain_for || stalled)) End(now);
  EndIfOver(now);
}

void LoadPass::Interrupt(Time now) {
  schedule_.EndAt(now - start_);
  End(now);
  EndIfOver(now);
}

// Those that are overdue are counted as not sent.
void LoadPass::End(Time now) {
  ended_ = true;
  if (!schedule_.rate_per_second()) return;
  while (const auto due = schedule_.Take(now - start_)) {
    tally_.AddNotSent(now - start_ - *due);
    ++finished_;
  }
}

void LoadPass::MeasureUse(Time now) {
  const ThreadTimes times = ThreadTimes::OfThisThread();
  use_.elapsed = now - start_;
  use_.times = {.on_processor = times.on_processor - times_before_.on_processor,
                .waited = times.waited - times_before_.waited};
}

GeneratorUse LoadPass::TakeUse() {
  if (use_.elapsed.count() == 0) MeasureUse(last_outcome_);
  return std::move(use_);
}

}  // namespace coupond::ctl
