#include "system/crash/shown.h"

#include <stdexcept>
#include <string>

namespace coupond::test {

Timestamp TimestampFrom(const google::protobuf::Timestamp& time) {
  return Timestamp::FromUnixNanoseconds(NanosecondsOf(time));
}

CouponState StateFrom(api::CouponState state) {
  switch (state) {
    case api::COUPON_STATE_ISSUED:
      return CouponState::kIssued;
    case api::COUPON_STATE_REDEEMED:
      return CouponState::kRedeemed;
    case api::COUPON_STATE_VOIDED:
      return CouponState::kVoided;
    case api::COUPON_STATE_RETURNED:
      return CouponState::kReturned;
    case api::COUPON_STATE_EXPIRED:
      return CouponState::kExpired;
    default:
      throw std::runtime_error("a coupon is shown in the state " + std::to_string(state));
  }
}

ShownCoupon Shown(const api::Coupon& coupon) {
  return {.code = coupon.code(),
          .issued_at = TimestampFrom(coupon.issued_at()),
          .user_id = coupon.user_id(),
          .state = StateFrom(coupon.state()),
          .redemption = coupon.redemption().sequence()};
}

ShownCampaign Shown(const api::GetCampaignResponse& response) {
  const api::Campaign& campaign = response.campaign();
  ShownCampaign shown{
      .id = campaign.id(),
      .name = campaign.name(),
      .total_coupons = campaign.total_coupons(),
      .issued_coupons = campaign.issued_coupons(),
      .redeemed_coupons = campaign.redeemed_coupons(),
      .voided_coupons = campaign.voided_coupons(),
      .returned_coupons = campaign.returned_coupons(),
      .start_time = TimestampFrom(campaign.start_time()),
      .end_time = campaign.has_end_time() ? TimestampFrom(campaign.end_time()) : kNever,
      .issuing_paused = campaign.issuing_paused(),
      .is_archived = campaign.has_archived_at(),
      .coupons = {}};
  shown.coupons.reserve(static_cast<std::size_t>(response.coupons_size()));
  for (const api::Coupon& coupon : response.coupons()) shown.coupons.push_back(Shown(coupon));
  return shown;
}

ServerState ReadServerState(std::uint16_t port) {
  CouponClient client(port, Form::kConnectProto);
  ServerState state;
  std::string page_token;
  do {
    const auto page = client.ListCampaigns(0, page_token, /*show_archived=*/true);
    if (!page.ok()) throw std::runtime_error("cannot list the campaigns: " + page.message);
    for (const api::Campaign& campaign : page.response.campaigns()) {
      const auto got = client.Get(campaign.id());
      if (!got.ok()) {
        throw std::runtime_error("the campaign " + campaign.name() +
                                 " is listed, but cannot be read: " + got.message);
      }
      state.campaigns.push_back(Shown(got.response));
    }
    page_token = page.response.next_page_token();
  } while (!page_token.empty());
  return state;
}

}  // namespace coupond::test
