#ifndef COUPOND_TEST_SYSTEM_CRASH_SERVER_STATE_H_
#define COUPOND_TEST_SYSTEM_CRASH_SERVER_STATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "engine/rules/coupon.h"
#include "engine/rules/timestamp.h"

/// Everything that a server shows through its API.
namespace coupond::test {

struct ShownCoupon {
  std::string code;
  Timestamp issued_at;
  std::string user_id;  ///< empty for a coupon without one
  CouponState state = CouponState::kIssued;
  std::uint64_t redemption = 0;  ///< the sequence of the present one, if it is redeemed
};

struct ShownCampaign {
  std::string id;
  std::string name;
  std::int64_t total_coupons = 0;
  std::int64_t issued_coupons = 0;  ///< as counted by the server; `coupons` is what it lists
  std::int64_t redeemed_coupons = 0;
  std::int64_t voided_coupons = 0;
  std::int64_t returned_coupons = 0;  ///< are among `coupons`, but not among issued_coupons
  Timestamp start_time;
  Timestamp end_time = kNever;
  bool issuing_paused = false;
  bool is_archived = false;
  std::vector<ShownCoupon> coupons;
};

struct ServerState {
  std::vector<ShownCampaign> campaigns;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_SERVER_STATE_H_
