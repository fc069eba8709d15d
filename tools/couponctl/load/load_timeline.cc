#include "couponctl/load/load_timeline.h"

#include <algorithm>
#include <utility>

namespace coupond::ctl {
namespace {

using std::chrono::nanoseconds;

constexpr int kIntervals = 100;
constexpr nanoseconds kLengthMin = std::chrono::milliseconds(10);

}  // namespace

LoadTimeline::LoadTimeline(nanoseconds duration)
    : duration_(duration), length_(std::max(duration / kIntervals, kLengthMin)) {
  Begin(nanoseconds(0));
}

void LoadTimeline::Begin(nanoseconds begin) {
  open_ = {.begin = begin, .end = begin + std::max(length_, begin / kIntervals)};
  const bool is_last_planned = begin < duration_ && open_.end > duration_ - length_ / 2;
  if (is_last_planned) open_.end = duration_ + length_ / 2;
  latency_.Clear();
}

void LoadTimeline::Close() {
  for (std::size_t i = 0; i < kShownPercentiles.size(); ++i) {
    open_.percentiles[i] = latency_.Percentile(kShownPercentiles[i].percent);
  }
  open_.latency_max = latency_.max();
  closed_.push_back(open_);
}

void LoadTimeline::CloseUntil(nanoseconds elapsed) {
  while (elapsed >= open_.end) {
    Close();
    Begin(open_.end);
  }
}

LoadTimeline::Count LoadTimeline::CountFor(const IssueAnswer& answer) {
  switch (answer.kind) {
    case IssueAnswer::Kind::kIssued:
      return answer.already_issued ? &LoadInterval::already_issued : &LoadInterval::issued;
    case IssueAnswer::Kind::kRefused:
      return &LoadInterval::refused;
    case IssueAnswer::Kind::kFailed:
    case IssueAnswer::Kind::kOpen:
      break;
  }
  return &LoadInterval::failed;
}

LoadTimeline::Count LoadTimeline::CountFor(const RedeemAnswer& answer) {
  if (answer.outcome == RedeemOutcome::kRedeemed) return &LoadInterval::redeemed;
  return IsRefused(answer.outcome) ? &LoadInterval::refused : &LoadInterval::failed;
}

void LoadTimeline::Add(const IssueAnswer& answer, nanoseconds latency, nanoseconds elapsed) {
  Add(CountFor(answer), latency, elapsed);
}

void LoadTimeline::Add(const RedeemAnswer& answer, nanoseconds latency, nanoseconds elapsed) {
  Add(CountFor(answer), latency, elapsed);
}

void LoadTimeline::Add(Count count, nanoseconds latency, nanoseconds elapsed) {
  CloseUntil(elapsed);
  latency_.Add(latency);
  ++(open_.*count);
}

std::vector<LoadInterval> LoadTimeline::Finish(nanoseconds elapsed) {
  CloseUntil(elapsed);
  if (elapsed > open_.begin || closed_.empty()) {
    open_.end = std::max(elapsed, open_.begin + nanoseconds(1));
    Close();
  }
  return std::exchange(closed_, {});
}

}  // namespace coupond::ctl
