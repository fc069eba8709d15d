#include "api/command_mapping.h"

#include <algorithm>
#include <utility>

#include "api/reply_mapping.h"
#include "api/text_mapping.h"
#include "api/time_mapping.h"
#include "base/display_text.h"
#include "base/error.h"
#include "engine/rules/limits.h"
#include "engine/rules/refusal.h"
#include "rpc/connect/idempotency_key.h"
#include "rpc/connect/protocol.h"

namespace coupond::api {
namespace {

/// The claims by which a caller is recognised.
struct Claims {
  std::optional<Claim> normal;
  std::optional<Claim> as_sent;
};

Claims ClaimsOf(ClaimDigest& digest, const CampaignId& campaign, ClaimKind kind,
                const MappedText& text) {
  Claims claims{.normal = digest.Of(campaign, kind, text.normal()), .as_sent = {}};
  if (text.as_sent() != nullptr) claims.as_sent = digest.Of(campaign, kind, *text.as_sent());
  return claims;
}

Mapped<std::optional<StartTime>> MapStart(const coupon::v1::CreateCampaignRequest& request) {
  if (request.has_start_time() && request.has_start_in()) {
    return InvalidFields("start_in", "start_time and start_in are both given; give one of them");
  }
  if (request.has_start_in()) return MapStartIn(request.start_in());
  return MapTime("start_time", request.has_start_time(), request.start_time());
}

/// Returns the request_id that the header Idempotency-Key gives. `in_message` is that of the
/// message, which must be empty or the same. Refers to `key`.
Mapped<MappedText> MapIdempotencyKey(const std::string& key, const MappedText& in_message) {
  auto given = MapIdText(kIdempotencyKeyField, key);
  if (!given)
    return connect::BadHeader(kIdempotencyKeyField.name, std::move(given.error().message));
  if (in_message.normal().empty()) return *std::move(given);
  if (in_message.normal() != given->normal()) {
    return InvalidField(kRequestIdField.name,
                        "differs from the header Idempotency-Key, which says the same; give one of "
                        "them");
  }
  return in_message;
}

}  // namespace

Mapped<std::vector<MetadataEntry>> MapMetadata(
    const google::protobuf::RepeatedPtrField<coupon::v1::MetadataEntry>& entries) {
  std::vector<MetadataEntry> metadata;
  std::size_t bytes = 0;
  for (const coupon::v1::MetadataEntry& entry : entries) {
    bytes += entry.key().size() + entry.value().size();
    if (metadata.size() == limits::kMetadataEntriesMax || bytes > limits::kMetadataMaxBytes) {
      return std::unexpected(RefusalError({.reason = RefusalReason::kMetadataTooLarge}));
    }
    if (entry.key().empty()) {
      return InvalidField("metadata", "an entry has no key; give each entry a key");
    }
    metadata.push_back({.key = entry.key(), .value = entry.value()});
  }
  std::ranges::sort(metadata, {}, &MetadataEntry::key);
  const auto twice = std::ranges::adjacent_find(metadata, {}, &MetadataEntry::key);
  if (twice != metadata.end()) {
    return InvalidField(
        "metadata", "the key " + Quoted(twice->key) + " occurs more than once; give each key once");
  }
  return metadata;
}

Mapped<CreateCampaign> MapCreateCampaign(const coupon::v1::CreateCampaignRequest& request,
                                         const CampaignId& new_id) {
  const MappedText name = TRY(MapText(kNameField, request.name()));
  const std::optional<StartTime> start_time = TRY(MapStart(request));
  std::string description = TRY(MapDescription(request.description()));
  const std::optional<Timestamp> end_time =
      TRY(MapTime("end_time", request.has_end_time(), request.end_time()));
  std::vector<MetadataEntry> metadata = TRY(MapMetadata(request.metadata()));
  return CreateCampaign{.id = new_id,
                        .name = name.normal(),
                        .total_coupons = request.total_coupons(),
                        .start_time = start_time,
                        .name_as_sent = AsSent(name),
                        .end_time = end_time.value_or(kNever),
                        .description = std::move(description),
                        .metadata = std::move(metadata)};
}

Mapped<CampaignId> MapCampaignId(const std::string& text, std::string_view field) {
  if (text.empty()) {
    return InvalidField(field, "missing; give the id that CreateCampaign returned");
  }
  if (const auto uuid = ParseUuid(text)) return CampaignId{*uuid};
  return std::unexpected(RefusalError({.reason = RefusalReason::kNoSuchCampaign}));
}

Mapped<IssueCoupon> MapIssueCoupon(const coupon::v1::IssueCouponRequest& request,
                                   ClaimDigest& claims,
                                   const std::optional<std::string>& idempotency_key) {
  const CampaignId campaign = TRY(MapCampaignId(request.campaign_id()));
  const MappedText user_id = TRY(MapIdText(kUserIdField, request.user_id()));
  MappedText request_id = TRY(MapIdText(kRequestIdField, request.request_id()));
  std::string key;  // which the text below refers to
  if (idempotency_key) {
    key = TRY(connect::ReadIdempotencyKey(*idempotency_key));
    request_id = TRY(MapIdempotencyKey(key, request_id));
  }
  Claims of_caller;
  if (!user_id.normal().empty()) {
    of_caller = ClaimsOf(claims, campaign, ClaimKind::kUser, user_id);
  } else if (!request_id.normal().empty()) {
    of_caller = ClaimsOf(claims, campaign, ClaimKind::kRequest, request_id);
  }
  return IssueCoupon{.campaign_id = campaign,
                     .claim = of_caller.normal,
                     .user_id = user_id.normal(),
                     .claim_as_sent = of_caller.as_sent};
}

Mapped<std::string> MapRequestId(const std::string& in_message,
                                 const std::optional<std::string>& idempotency_key) {
  const MappedText request_id = TRY(MapIdText(kRequestIdField, in_message));
  if (!idempotency_key) return request_id.normal();
  const std::string key = TRY(connect::ReadIdempotencyKey(*idempotency_key));
  const MappedText given = TRY(MapIdempotencyKey(key, request_id));
  return given.normal();
}

Mapped<std::optional<DeleteCampaign>> MapDeleteCampaign(
    const coupon::v1::DeleteCampaignRequest& request) {
  if (request.campaign_id().empty() && request.campaign_name().empty()) {
    return InvalidFields("campaign_id",
                         "campaign_id and campaign_name are both missing; give one of them");
  }
  if (IsTooLong(kCampaignNameField, request.campaign_name())) return std::nullopt;
  const MappedText name = TRY(MapOptionalText(kCampaignNameField, request.campaign_name()));
  DeleteCampaign command;
  if (!request.campaign_id().empty()) {
    const auto uuid = ParseUuid(request.campaign_id());
    if (!uuid) return std::nullopt;
    command.campaign_id = CampaignId{*uuid};
  }
  if (!name.normal().empty()) command.name = name.normal();
  command.name_as_sent = AsSent(name);
  return command;
}

Mapped<std::size_t> MapPageSize(std::int32_t page_size) {
  if (page_size < 0) {
    return InvalidField("page_size", std::to_string(page_size) + " is negative; give 1 to " +
                                         std::to_string(limits::kPageSizeMax) + ", or 0 for " +
                                         std::to_string(limits::kPageSizeDefault));
  }
  if (page_size == 0) page_size = limits::kPageSizeDefault;
  return static_cast<std::size_t>(std::min(page_size, limits::kPageSizeMax));
}

}  // namespace coupond::api
