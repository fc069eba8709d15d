#include "api/service/command_mapping.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "api/service/refusal_mapping.h"
#include "engine/rules/limits.h"
#include "engine/rules/refusal.h"

namespace coupond::service {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

std::unexpected<connect::Error> InvalidArgument(std::string message) {
  return std::unexpected(connect::Error{.code = connect::Code::kInvalidArgument,
                                        .message = std::move(message),
                                        .details = {},
                                        .headers = {}});
}

Mapped<void> CheckLength(std::string_view field, const std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return {};
  return InvalidArgument(std::string(field) + ": " + std::to_string(text.size()) +
                         " bytes are too long; at most " + std::to_string(bytes_max) +
                         " are allowed");
}

}  // namespace

Mapped<std::optional<Timestamp>> MapStartTime(bool is_set,
                                              const google::protobuf::Timestamp& message) {
  if (!is_set) return std::nullopt;
  if (message.nanos() < 0 || message.nanos() >= kNanosecondsPerSecond) {
    return InvalidArgument("start_time: nanos must be 0 to 999,999,999");
  }
  constexpr std::int64_t kSecondsMax =
      std::numeric_limits<std::int64_t>::max() / kNanosecondsPerSecond - 1;
  const std::int64_t seconds = std::clamp(message.seconds(), -kSecondsMax, kSecondsMax);
  return Timestamp::FromUnixNanoseconds(seconds * kNanosecondsPerSecond + message.nanos());
}

Mapped<CreateCampaign> MapCreateCampaign(const coupon::v1::CreateCampaignRequest& request,
                                         const CampaignId& new_id) {
  if (auto checked = CheckLength("name", request.name(), limits::kCampaignNameMaxBytes); !checked) {
    return std::unexpected(checked.error());
  }
  const auto start_time = MapStartTime(request.has_start_time(), request.start_time());
  if (!start_time) return std::unexpected(start_time.error());
  return CreateCampaign{.id = new_id,
                        .name = request.name(),
                        .total_coupons = request.total_coupons(),
                        .start_time = *start_time};
}

Mapped<CampaignId> MapCampaignId(const std::string& text) {
  if (text.empty()) {
    return InvalidArgument("campaign_id: missing; give the id that CreateCampaign answered");
  }
  if (const auto uuid = ParseUuid(text)) return CampaignId{*uuid};
  return std::unexpected(
      RefusalError({.reason = RefusalReason::kNoSuchCampaign, .start_time = {}}));
}

Mapped<IssueCoupon> MapIssueCoupon(const coupon::v1::IssueCouponRequest& request,
                                   const ClaimDigest& claims) {
  const auto campaign = MapCampaignId(request.campaign_id());
  if (!campaign) return std::unexpected(campaign.error());
  if (auto checked = CheckLength("user_id", request.user_id(), limits::kUserIdMaxBytes); !checked) {
    return std::unexpected(checked.error());
  }
  if (auto checked = CheckLength("request_id", request.request_id(), limits::kRequestIdMaxBytes);
      !checked) {
    return std::unexpected(checked.error());
  }
  IssueCoupon command{.campaign_id = *campaign, .claim = {}, .user_id = request.user_id()};
  if (!request.user_id().empty()) {
    command.claim = claims.Of(*campaign, ClaimKind::kUser, request.user_id());
  } else if (!request.request_id().empty()) {
    command.claim = claims.Of(*campaign, ClaimKind::kRequest, request.request_id());
  }
  return command;
}

Mapped<std::optional<DeleteCampaign>> MapDeleteCampaign(
    const coupon::v1::DeleteCampaignRequest& request) {
  if (request.campaign_id().empty() && request.campaign_name().empty()) {
    return InvalidArgument("give campaign_id or campaign_name, to say which campaign to delete");
  }
  DeleteCampaign command;
  if (!request.campaign_id().empty()) {
    const auto uuid = ParseUuid(request.campaign_id());
    if (!uuid) return std::nullopt;
    command.campaign_id = CampaignId{*uuid};
  }
  if (request.campaign_name().size() > limits::kCampaignNameMaxBytes) return std::nullopt;
  if (!request.campaign_name().empty()) command.name = request.campaign_name();
  return command;
}

Mapped<std::size_t> MapPageSize(std::int32_t page_size) {
  if (page_size < 0 || page_size > limits::kPageSizeMax) {
    return InvalidArgument("page_size: " + std::to_string(page_size) +
                           " is out of range; give 1 to " + std::to_string(limits::kPageSizeMax) +
                           ", or 0 for " + std::to_string(limits::kPageSizeDefault));
  }
  return static_cast<std::size_t>(page_size == 0 ? limits::kPageSizeDefault : page_size);
}

}  // namespace coupond::service
