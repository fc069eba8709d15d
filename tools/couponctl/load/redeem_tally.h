#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_REDEEM_TALLY_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_REDEEM_TALLY_H_

#include <array>
#include <chrono>
#include <cstdint>

#include "couponctl/load/held_coupon.h"
#include "couponctl/load/redeem_answer.h"
#include "couponctl/load/request_tally.h"

namespace coupond::ctl {

/// The outcomes of a load's redemptions. Each that was sent ends as exactly one of redeemed,
/// refused, failed and open; one that is open may be settled later. One thread at a time.
class RedeemTally : public RequestTally {
 public:
  /// Counts the end of a request, `latency` after it was due.
  void AddOutcome(const RedeemAnswer& answer, std::chrono::nanoseconds latency);
  /// Counts what became of a request whose outcome was open, and which was asked again. Its latency
  /// has been counted. An answer that only says that asking again failed settles nothing.
  void Settle(const RedeemAnswer& answer);

  [[nodiscard]] std::uint64_t count(RedeemOutcome outcome) const {
    return counts_[static_cast<std::size_t>(outcome)];
  }
  [[nodiscard]] std::uint64_t redeemed() const { return count(RedeemOutcome::kRedeemed); }
  /// The number of those that an earlier attempt of the same request had redeemed.
  [[nodiscard]] std::uint64_t already_redeemed() const { return already_redeemed_; }
  [[nodiscard]] std::uint64_t refused_in_all() const;
  [[nodiscard]] std::uint64_t failed() const { return count(RedeemOutcome::kFailed); }
  /// The number of requests of which it is not known whether they redeemed their coupons.
  [[nodiscard]] std::uint64_t open() const { return count(RedeemOutcome::kOpen); }
  /// The number of those whose outcome was open at first and is known now.
  [[nodiscard]] std::uint64_t settled() const { return settled_; }
  [[nodiscard]] std::uint64_t answered() const { return redeemed() + refused_in_all() + failed(); }

 private:
  void Add(const RedeemAnswer& answer);

  std::array<std::uint64_t, kRedeemOutcomes> counts_{};
  std::uint64_t already_redeemed_ = 0;
  std::uint64_t settled_ = 0;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_REDEEM_TALLY_H_
