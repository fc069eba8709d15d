#include "couponctl/watch/issue_rate.h"

namespace coupond::ctl {

void IssueRate::Add(Time now, std::int64_t issued_in_all) {
  counts_.push_back({.time = now, .issued = issued_in_all});
  Forget(now);
}

double IssueRate::PerSecond(Time now) {
  Forget(now);
  if (counts_.size() < 2 || now <= counts_.front().time) return 0;
  const std::chrono::duration<double> seconds = now - counts_.front().time;
  return static_cast<double>(counts_.back().issued - counts_.front().issued) / seconds.count();
}

void IssueRate::Forget(Time now) {
  while (counts_.size() >= 2 && counts_[1].time <= now - kWindow) counts_.pop_front();
}

}  // namespace coupond::ctl
