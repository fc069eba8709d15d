#ifndef COUPOND_TEST_ENGINE_RULES_DECIDE_BATCH_FIXTURE_H_
#define COUPOND_TEST_ENGINE_RULES_DECIDE_BATCH_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/rules/decide_fixture.h"
#include "support/builders.h"

namespace coupond {

/// Batches of the first campaign.
class DecideBatchFixture : public DecideTest {
 protected:
  void GivenACampaign(std::int64_t total, std::uint32_t coupons_per_user = 1) {
    CreateCampaign create = test::Create(1, "one", total, test::At(0));
    create.coupons_per_user = coupons_per_user;
    Given(create, test::At(0));
  }

  /// Returns the key of a user's n-th coupon in a batch.
  static Claim Occurrence(std::uint8_t user, std::uint8_t number) {
    Claim key = test::ClaimOf(user);
    key.bytes[1] = 99;
    key.bytes[2] = number;
    return key;
  }
  BatchIssueCoupons Batch(const std::vector<std::uint8_t>& users) const {
    BatchIssueCoupons batch{.campaign_id = test::Id(1), .results = results_};
    std::vector<std::uint8_t> times(256);
    for (const std::uint8_t user : users) {
      IssueCoupon& asked = batch.users.emplace_back(test::IssueTo(1, user));
      asked.request_key = Occurrence(user, times[user]++);
    }
    return batch;
  }
  BatchIssueCoupons Partial(const std::vector<std::uint8_t>& users) const {
    BatchIssueCoupons batch = Batch(users);
    batch.allow_partial = true;
    return batch;
  }
  BatchIssueCoupons Anonymous(std::uint32_t coupons) const {
    return {.campaign_id = test::Id(1), .anonymous = coupons, .results = results_};
  }

  static BatchResult New(std::uint64_t serial, Timestamp issued_at) {
    return {.coupon = CouponOf(serial, issued_at), .is_new = true};
  }
  static BatchResult Old(std::uint64_t serial, Timestamp issued_at,
                         CouponState state = CouponState::kIssued) {
    return {.coupon = CouponOf(serial, issued_at, state)};
  }
  static BatchResult Without(RefusalReason reason, Timestamp at = {}) {
    return {.refusal = Refusal{reason, at}};
  }
  static BatchResult LimitReached(std::uint64_t serial, Timestamp issued_at) {
    HeldCoupon last = CouponOf(serial, issued_at);
    last.limit_reached = true;
    return {.coupon = last, .refusal = Refusal{RefusalReason::kUserLimitReached}};
  }
  [[nodiscard]] const std::vector<BatchResult>& Results() const { return results_->coupons; }

  std::shared_ptr<BatchResults> results_ = std::make_shared<BatchResults>();
};

}  // namespace coupond

#endif  // COUPOND_TEST_ENGINE_RULES_DECIDE_BATCH_FIXTURE_H_
