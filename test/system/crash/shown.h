#ifndef COUPOND_TEST_SYSTEM_CRASH_SHOWN_H_
#define COUPOND_TEST_SYSTEM_CRASH_SHOWN_H_

#include <cstdint>
#include <optional>

#include "system/crash/server_state.h"
#include "system/program/coupon_client.h"

/// Converts the service's messages to what they show.
namespace coupond::test {

[[nodiscard]] Timestamp TimestampFrom(const google::protobuf::Timestamp& time);
/// Throws if there is no such state.
[[nodiscard]] CouponState StateFrom(api::CouponState state);
[[nodiscard]] ShownCoupon Shown(const api::Coupon& coupon);
[[nodiscard]] ShownCampaign Shown(const api::GetCampaignResponse& response);

/// Reads everything that the server on this port has through the public API. Throws if it does not
/// answer.
[[nodiscard]] ServerState ReadServerState(std::uint16_t port);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_SHOWN_H_
