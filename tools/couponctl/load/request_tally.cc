#include "couponctl/load/request_tally.h"

#include <cstddef>

namespace coupond::ctl {
namespace {

constexpr std::size_t kErrorNamesMax = 32;

}  // namespace

void RequestTally::AddAttempt(bool first) {
  ++attempts_;
  if (first) ++sent_;
}

void RequestTally::AddError(std::string_view name) {
  const auto known = errors_.find(name);
  if (known != errors_.end()) {
    ++known->second;
  } else {
    ++errors_[errors_.size() < kErrorNamesMax ? std::string(name) : "other"];
  }
}

void RequestTally::AddNotSent(std::chrono::nanoseconds latency) {
  latency_.Add(latency);
  ++not_sent_;
}

}  // namespace coupond::ctl
