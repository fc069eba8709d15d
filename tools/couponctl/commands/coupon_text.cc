#include "couponctl/commands/coupon_text.h"

#include <fmt/format.h>

#include "api/coupon_file/state_names.h"
#include "common/moment_text.h"
#include "common/table.h"

namespace coupond::ctl {
namespace {

std::string TimeText(const google::protobuf::Timestamp& time) {
  return tools::FormatMoment(tools::FromMessage(time));
}

void AddRedemption(const coupon::v1::Redemption& redemption, tools::Table& table) {
  table.AddRow({"redeemed", TimeText(redemption.redeemed_at())});
  table.AddRow({"redemption", fmt::format("{}", redemption.sequence())});
  if (redemption.has_order_ref()) table.AddRow({"order", redemption.order_ref()});
  if (redemption.has_redeemed_by()) table.AddRow({"by", redemption.redeemed_by()});
  if (redemption.has_request_id()) table.AddRow({"request id", redemption.request_id()});
}

}  // namespace

std::string ExpiryText(const coupon::v1::Coupon& coupon) {
  return coupon.has_expire_time() ? TimeText(coupon.expire_time()) : std::string();
}

std::string CouponText(const coupon::v1::Coupon& coupon) {
  tools::Table table({{.title = ""}, {.title = ""}});
  table.AddRow({"code", coupon.code()});
  table.AddRow({"state", std::string(api::StateName(coupon.state()))});
  table.AddRow({"campaign", coupon.campaign_id()});
  table.AddRow({"issued", TimeText(coupon.issued_at())});
  if (coupon.has_expire_time() && coupon.state() == coupon::v1::COUPON_STATE_EXPIRED) {
    table.AddRow({"expired", ExpiryText(coupon)});
  } else if (coupon.has_expire_time() && coupon.state() == coupon::v1::COUPON_STATE_ISSUED) {
    table.AddRow({"expires", ExpiryText(coupon)});
  }
  if (coupon.has_user_id()) table.AddRow({"user", coupon.user_id()});
  if (coupon.has_redemption()) AddRedemption(coupon.redemption(), table);
  if (coupon.has_voided_at()) table.AddRow({"voided", TimeText(coupon.voided_at())});
  if (coupon.has_void_reason()) table.AddRow({"reason", coupon.void_reason()});
  return table.Text();
}

std::string WhatBecameOf(const coupon::v1::Coupon& coupon) {
  if (coupon.has_redemption()) {
    const coupon::v1::Redemption& redemption = coupon.redemption();
    std::string text = "redeemed at " + TimeText(redemption.redeemed_at());
    if (redemption.has_order_ref()) text += " for " + redemption.order_ref();
    return text;
  }
  if (!coupon.has_voided_at()) return {};
  std::string text = "void since " + TimeText(coupon.voided_at());
  if (coupon.has_void_reason()) text += ": " + coupon.void_reason();
  return text;
}

}  // namespace coupond::ctl
