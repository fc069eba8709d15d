#include "api/command_mapping.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "api/reply_mapping.h"
#include "api/text_mapping.h"
#include "engine/rules/limits.h"
#include "engine/rules/refusal.h"

namespace coupond::service {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
/// One second of room, so that adding nanoseconds cannot overflow.
constexpr std::int64_t kSecondsMax =
    std::numeric_limits<std::int64_t>::max() / kNanosecondsPerSecond - 1;

std::unexpected<connect::Error> InvalidArgument(std::string message) {
  return std::unexpected(connect::Error{.code = connect::Code::kInvalidArgument,
                                        .message = std::move(message),
                                        .details = {},
                                        .headers = {}});
}

constexpr TextField kName{.name = "name",
                          .limit = "200 characters",
                          .sent_bytes_max = limits::kCampaignNameAsSentMaxBytes,
                          .stored_bytes_max = limits::kCampaignNameMaxBytes};
constexpr TextField kCampaignName{.name = "campaign_name",
                                  .limit = "200 characters",
                                  .sent_bytes_max = limits::kCampaignNameAsSentMaxBytes,
                                  .stored_bytes_max = limits::kCampaignNameMaxBytes};
constexpr TextField kUserId{.name = "user_id",
                            .limit = "128",
                            .sent_bytes_max = limits::kUserIdAsSentMaxBytes,
                            .stored_bytes_max = limits::kUserIdMaxBytes};
constexpr TextField kRequestId{.name = "request_id",
                               .limit = "64",
                               .sent_bytes_max = limits::kRequestIdAsSentMaxBytes,
                               .stored_bytes_max = limits::kRequestIdMaxBytes};

static_assert(limits::kCampaignNameMaxCharacters == 200 && limits::kUserIdMaxBytes == 128 &&
              limits::kRequestIdMaxBytes == 64);

/// An id in normal form, of at most as many bytes as a store may hold.
Mapped<MappedText> MapIdText(const TextField& field, const std::string& sent) {
  auto text = MapOptionalText(field, sent);
  if (!text || text->normal().size() <= field.stored_bytes_max) return text;
  return std::unexpected(TooLong(field, text->normal().size()));
}

/// What a caller is recognised by.
struct Claims {
  std::optional<Claim> normal;
  std::optional<Claim> as_sent;
};

Claims ClaimsOf(const ClaimDigest& digest, const CampaignId& campaign, ClaimKind kind,
                const MappedText& text) {
  Claims claims{.normal = digest.Of(campaign, kind, text.normal()), .as_sent = {}};
  if (text.as_sent() != nullptr) claims.as_sent = digest.Of(campaign, kind, *text.as_sent());
  return claims;
}

std::optional<std::string> AsSent(const MappedText& text) {
  return text.as_sent() == nullptr ? std::nullopt : std::optional(*text.as_sent());
}

Mapped<std::optional<StartTime>> MapStart(const coupon::v1::CreateCampaignRequest& request) {
  if (request.has_start_time() && request.has_start_in()) {
    return InvalidArgument("start_time and start_in are both given; give one of them");
  }
  if (request.has_start_in()) return MapStartIn(request.start_in());
  return MapStartTime(request.has_start_time(), request.start_time());
}

}  // namespace

Mapped<std::optional<Timestamp>> MapStartTime(bool is_set,
                                              const google::protobuf::Timestamp& message) {
  if (!is_set) return std::nullopt;
  if (message.nanos() < 0 || message.nanos() >= kNanosecondsPerSecond) {
    return InvalidArgument("start_time: nanos must be 0 to 999,999,999");
  }
  const std::int64_t seconds = std::clamp(message.seconds(), -kSecondsMax, kSecondsMax);
  return Timestamp::FromUnixNanoseconds(seconds * kNanosecondsPerSecond + message.nanos());
}

Mapped<std::chrono::nanoseconds> MapStartIn(const google::protobuf::Duration& message) {
  const bool signs_differ = (message.seconds() < 0 && message.nanos() > 0) ||
                            (message.seconds() > 0 && message.nanos() < 0);
  if (std::abs(std::int64_t{message.nanos()}) >= kNanosecondsPerSecond || signs_differ) {
    return InvalidArgument(
        "start_in: nanos must be less than a second, and of the sign that seconds has");
  }
  const std::int64_t seconds = std::clamp(message.seconds(), -kSecondsMax, kSecondsMax);
  return std::chrono::nanoseconds(seconds * kNanosecondsPerSecond + message.nanos());
}

Mapped<CreateCampaign> MapCreateCampaign(const coupon::v1::CreateCampaignRequest& request,
                                         const CampaignId& new_id) {
  const auto name = MapText(kName, request.name());
  if (!name) return std::unexpected(name.error());
  const auto start_time = MapStart(request);
  if (!start_time) return std::unexpected(start_time.error());
  return CreateCampaign{.id = new_id,
                        .name = name->normal(),
                        .total_coupons = request.total_coupons(),
                        .start_time = *start_time,
                        .name_as_sent = AsSent(*name)};
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
  const auto user_id = MapIdText(kUserId, request.user_id());
  if (!user_id) return std::unexpected(user_id.error());
  const auto request_id = MapIdText(kRequestId, request.request_id());
  if (!request_id) return std::unexpected(request_id.error());
  Claims of_caller;
  if (!user_id->normal().empty()) {
    of_caller = ClaimsOf(claims, *campaign, ClaimKind::kUser, *user_id);
  } else if (!request_id->normal().empty()) {
    of_caller = ClaimsOf(claims, *campaign, ClaimKind::kRequest, *request_id);
  }
  return IssueCoupon{.campaign_id = *campaign,
                     .claim = of_caller.normal,
                     .user_id = user_id->normal(),
                     .claim_as_sent = of_caller.as_sent};
}

Mapped<std::optional<DeleteCampaign>> MapDeleteCampaign(
    const coupon::v1::DeleteCampaignRequest& request) {
  if (request.campaign_id().empty() && request.campaign_name().empty()) {
    return InvalidArgument("give campaign_id or campaign_name, to say which campaign to delete");
  }
  if (IsTooLong(kCampaignName, request.campaign_name())) return std::nullopt;
  const auto name = MapOptionalText(kCampaignName, request.campaign_name());
  if (!name) return std::unexpected(name.error());
  DeleteCampaign command;
  if (!request.campaign_id().empty()) {
    const auto uuid = ParseUuid(request.campaign_id());
    if (!uuid) return std::nullopt;
    command.campaign_id = CampaignId{*uuid};
  }
  if (!name->normal().empty()) command.name = name->normal();
  command.name_as_sent = AsSent(*name);
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
