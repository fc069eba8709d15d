#include "couponctl/load/redeem_requests.h"

#include <fmt/format.h>

#include <span>
#include <utility>

#include "base/entropy.h"
#include "base/hex.h"
#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/coupon_service.h"
#include "couponctl/load/issue_requests.h"
#include "engine/rules/limits.h"
#include "rpc/client/connect_protocol.h"

namespace coupond::ctl {
namespace {

constexpr std::string_view kFirst = "load-";
constexpr std::string_view kSecond = "again-";
constexpr std::size_t kLoadBytes = 16;
static_assert(kSecond.size() + kLoadBytes + 1 + kCodeBytesMax <= limits::kRequestIdMaxBytes);

}  // namespace

RedeemRequestIds::RedeemRequestIds()
    : load_(Hex(SystemEntropy().Random16()).substr(0, kLoadBytes)) {}

std::string RedeemRequestIds::For(std::string_view code) const {
  return fmt::format("{}{}-{}", kFirst, load_, code);
}

std::string RedeemRequestIds::ForSecond(std::string_view code) const {
  return fmt::format("{}{}-{}", kSecond, load_, code);
}

RedeemRequests::RedeemRequests(rpc_client::ServerAddress server, std::string campaign_id)
    : server_(std::move(server)), campaign_id_(std::move(campaign_id)) {}

PreparedCall RedeemRequests::Prepare(TextSizes sizes) const {
  coupon::v1::RedeemCouponRequest request;
  request.set_campaign_id(campaign_id_);
  const std::size_t request_id_bytes = request_ids_.For("").size() + sizes.first;
  return {{sizes.first, sizes.second, request_id_bytes}, [&](std::span<const std::string> texts) {
            request.set_code(texts[0]);
            request.set_user_id(texts[1]);
            request.set_request_id(texts[2]);
            return rpc_client::EncodeCall(server_, kRedeemCoupon, request.SerializeAsString(),
                                          RequestHeaders());
          }};
}

void RedeemRequests::Write(const HeldCoupon& coupon, std::string& bytes) {
  const std::string_view code = coupon.code.text();
  const std::string user_id = UserName(coupon.user);
  const TextSizes sizes(code.size(), user_id.size());
  auto known = prepared_.find(sizes);
  if (known == prepared_.end()) known = prepared_.emplace(sizes, Prepare(sizes)).first;
  known->second.Write({code, user_id, request_ids_.For(code)}, bytes);
}

}  // namespace coupond::ctl
