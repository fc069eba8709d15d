#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_TALLY_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_TALLY_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "couponctl/load/held_coupon.h"
#include "couponctl/load/issue_answer.h"
#include "couponctl/load/request_tally.h"

namespace coupond::ctl {

/// The users of a load, and what the campaign gives them.
struct LoadUsers {
  std::uint64_t count = 0;             ///< user-1 … user-N are named; 0: no users
  std::uint32_t coupons_per_user = 1;  ///< with more than 1, each request is for another coupon

  /// Reports whether a user who asks again gets the same coupon.
  [[nodiscard]] bool one_each() const { return count > 0 && coupons_per_user == 1; }
};

/// The outcomes of a load's requests for coupons, and the coupons. Every request that was sent ends
/// as exactly one of issued, refused, failed and open. One thread at a time.
class LoadTally : public RequestTally {
 public:
  static constexpr std::size_t kRefusals = kIssueRefusals.size();

  LoadTally() = default;
  /// Makes room for all coupons that this many requests can get, so that no request waits while the
  /// others are moved; the memory is used only when it is filled. Where each user has one coupon,
  /// remembers it in 4 bytes.
  LoadTally(std::uint64_t requests_max, LoadUsers users);

  /// Counts the end of a request, `latency` after it was due. `user` is the number of the user that
  /// it named, or 0.
  void AddOutcome(const IssueAnswer& answer, std::uint64_t user, std::chrono::nanoseconds latency);
  void AddConnection() { ++connections_; }
  /// Notes what became of the redemption of the coupon at this place in held().
  void SetRedemption(std::size_t place, RedeemOutcome outcome) {
    held_[place].redemption = outcome;
  }

  /// Returns the number of requests that got an answer: issued, refused or failed.
  [[nodiscard]] std::uint64_t answered() const;
  /// The number of coupons that clients hold. A user who gets the same coupon again holds
  /// one.
  [[nodiscard]] std::uint64_t issued() const { return held_.size(); }
  /// The number of answers with a coupon issued to an earlier request.
  [[nodiscard]] std::uint64_t already_issued() const { return already_issued_; }
  /// The number of coupons of users of which no answer said that it had just been issued. Such a
  /// coupon may be older than the load.
  [[nodiscard]] std::uint64_t maybe_older() const { return maybe_older_; }
  [[nodiscard]] std::uint64_t refused(IssueAnswer::Refused reason) const;
  [[nodiscard]] std::uint64_t refused_in_all() const;
  [[nodiscard]] std::uint64_t failed() const { return failed_; }
  /// The number of requests that may or may not have got a coupon.
  [[nodiscard]] std::uint64_t open() const { return open_; }
  [[nodiscard]] std::uint64_t connections() const { return connections_; }
  [[nodiscard]] const LoadUsers& users() const { return users_; }
  [[nodiscard]] const std::vector<HeldCoupon>& held() const { return held_; }

 private:
  void AddCoupon(const IssueAnswer& answer, std::uint64_t user);
  void Hold(const IssueAnswer& answer, std::uint64_t user);

  std::uint64_t coupon_answers_ = 0;
  std::uint64_t already_issued_ = 0;
  std::uint64_t maybe_older_ = 0;
  std::array<std::uint64_t, kRefusals> refused_{};
  std::uint64_t failed_ = 0;
  std::uint64_t open_ = 0;
  std::uint64_t connections_ = 0;
  LoadUsers users_;
  std::vector<HeldCoupon> held_;
  /// By the number of the user: the place in held_, counted from 1, of the first coupon that the
  /// user got; 0 if there is none. Empty unless users have one each.
  std::vector<std::uint32_t> places_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_TALLY_H_
