#include "couponctl/load/redeem_tally.h"

#include <cstddef>

namespace coupond::ctl {

void RedeemTally::AddOutcome(const RedeemAnswer& answer, std::chrono::nanoseconds latency) {
  AddLatency(latency);
  Add(answer);
}

void RedeemTally::Settle(const RedeemAnswer& answer) {
  if (answer.open() || answer.failed()) return;
  --counts_[static_cast<std::size_t>(RedeemOutcome::kOpen)];
  ++settled_;
  Add(answer);
}

void RedeemTally::Add(const RedeemAnswer& answer) {
  ++counts_[static_cast<std::size_t>(answer.outcome)];
  if (answer.already_redeemed) ++already_redeemed_;
}

std::uint64_t RedeemTally::refused_in_all() const {
  std::uint64_t refused = 0;
  for (std::size_t i = 0; i < kRedeemOutcomes; ++i) {
    if (IsRefused(static_cast<RedeemOutcome>(i))) refused += counts_[i];
  }
  return refused;
}

}  // namespace coupond::ctl
