#include "api/access/limit_check.h"

#include <algorithm>
#include <array>

#include "access/role.h"
#include "api/access/caller.h"
#include "base/error.h"
#include "rpc/http/client_address.h"

namespace coupond::api {
namespace {

/// The methods that take a code and whose answer depends on whether a coupon has it.
constexpr std::array<std::string_view, 4> kAskForCode{
    "/coupon.v1.CouponService/CancelRedemption", "/coupon.v1.CouponService/GetCoupon",
    "/coupon.v1.CouponService/RedeemCoupon", "/coupon.v1.CouponService/VoidCoupon"};

}  // namespace

bool AsksForCode(std::string_view path) {
  return std::ranges::find(kAskForCode, path) != kAskForCode.end();
}

std::expected<void, connect::Error> LimitCheck::OnStart(connect::CallContext& context,
                                                        const http::Request& request) {
  const auto [row, is_new] = asks_for_code_.try_emplace(context.method.get());
  if (is_new) row->second = AsksForCode(context.method->path);
  const Caller* const caller = CallerOf(context);
  const bool is_public = caller != nullptr && caller->role() == access::Role::kPublic;
  if (!row->second && !is_public) return {};
  context.forwarded_client = http::ForwardedClient(request, limits_.proxies());
  const auto now = AskLimits::Clock::now();
  if (is_public) TRY(limits_.CountPublicCall(context, now));
  if (row->second) TRY(limits_.CheckCodes(context, now));
  return {};
}

}  // namespace coupond::api
