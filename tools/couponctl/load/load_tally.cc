#include "couponctl/load/load_tally.h"

#include <numeric>

namespace coupond::ctl {
namespace {

constexpr std::size_t kErrorNamesMax = 32;

}  // namespace

void LoadTally::AddAttempt(bool first) {
  ++attempts_;
  if (first) ++sent_;
}

void LoadTally::AddError(std::string_view name) {
  const auto known = errors_.find(name);
  if (known != errors_.end()) {
    ++known->second;
  } else {
    ++errors_[errors_.size() < kErrorNamesMax ? std::string(name) : "other"];
  }
}

void LoadTally::AddOutcome(const IssueAnswer& answer, std::chrono::nanoseconds latency) {
  latency_.Add(latency);
  switch (answer.kind) {
    case IssueAnswer::Kind::kIssued:
      held_.push_back(answer.coupon);
      already_issued_ += answer.already_issued ? 1 : 0;
      break;
    case IssueAnswer::Kind::kRefused:
      ++refused_[static_cast<std::size_t>(answer.refused)];
      break;
    case IssueAnswer::Kind::kFailed:
      ++failed_;
      break;
    case IssueAnswer::Kind::kOpen:
      ++open_;
      break;
  }
}

void LoadTally::AddNotSent(std::chrono::nanoseconds latency) {
  latency_.Add(latency);
  ++not_sent_;
}

std::uint64_t LoadTally::answered() const { return issued() + refused_in_all() + failed_; }

std::uint64_t LoadTally::refused(IssueAnswer::Refused reason) const {
  return refused_[static_cast<std::size_t>(reason)];
}

std::uint64_t LoadTally::refused_in_all() const {
  return std::accumulate(refused_.begin(), refused_.end(), std::uint64_t{0});
}

}  // namespace coupond::ctl
