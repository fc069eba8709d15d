#include "api/command_mapping.h"

#include <algorithm>
#include <utility>

#include "api/first_fault.h"
#include "api/refusal_mapping.h"
#include "api/request_keys.h"
#include "api/text_mapping.h"
#include "api/time_mapping.h"
#include "base/display_text.h"
#include "base/error.h"
#include "engine/rules/command_faults.h"
#include "engine/rules/limits.h"
#include "engine/rules/refusal.h"
#include "rpc/connect/idempotency_key.h"

namespace coupond::api {
namespace {

/// Returns the digest of the text as it was sent, if that differs.
std::optional<Claim> ClaimAsSent(ClaimDigest& claims, const CampaignId& campaign, ClaimKind kind,
                                 const MappedText& text) {
  if (text.as_sent() == nullptr) return std::nullopt;
  return claims.Of(campaign, kind, *text.as_sent());
}

Mapped<std::optional<StartTime>> MapStart(const coupon::v1::CreateCampaignRequest& request) {
  if (request.has_start_time() && request.has_start_in()) {
    return InvalidFields("start_in", "start_time and start_in are both given; give one of them");
  }
  if (request.has_start_in()) return MapDuration("start_in", request.start_in());
  return MapTime("start_time", request.has_start_time(), request.start_time());
}

/// Maps the fields of a request up to its first fault, and returns its request_id.
Mapped<std::string> MapCreation(const coupon::v1::CreateCampaignRequest& request,
                                const std::optional<std::string>& idempotency_key,
                                CreateCampaign& command) {
  command.validate_only = request.validate_only();
  const MappedText name = TRY(MapText(kNameField, request.name()));
  command.name = name.normal();
  command.name_as_sent = AsSent(name);
  command.total_coupons = request.total_coupons();
  command.start_time = TRY(MapStart(request));
  command.description = TRY(MapDescription(request.description()));
  command.end_time =
      TRY(MapTime("end_time", request.has_end_time(), request.end_time())).value_or(kNever);
  command.coupons_per_user = MapCouponsPerUser(request.coupons_per_user());
  command.user_required = request.user_required();
  command.redeem_start_time = TRY(MapTime("redeem_start_time", request.has_redeem_start_time(),
                                          request.redeem_start_time()))
                                  .value_or(kAlways);
  command.expire_time =
      TRY(MapTime("expire_time", request.has_expire_time(), request.expire_time()))
          .value_or(kNever);
  if (request.has_valid_duration()) {
    command.valid_duration = TRY(MapDuration("valid_duration", request.valid_duration()));
  }
  command.redeem_by_holder_only = request.redeem_by_holder_only();
  command.metadata = TRY(MapMetadata(request.metadata()));
  return MapRequestId(request.request_id(), idempotency_key);
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
                                         ClaimDigest& claims, const ClockReading& now,
                                         const std::optional<std::string>& idempotency_key) {
  CreateCampaign command;
  auto request_id = MapCreation(request, idempotency_key, command);
  if (!request_id) {
    connect::Error fault =
        FirstFault(*request.GetDescriptor(), std::move(request_id.error()),
                   FaultAt(now, [&command](Timestamp time) { return FindFault(command, time); }));
    if (request.has_start_in()) fault = OfStartIn(std::move(fault));
    return std::unexpected(std::move(fault));
  }
  if (!request_id->empty()) {
    command.request = KeyOf(claims, *request_id, {"create", ContentOf(command)});
  }
  return command;
}

std::uint32_t MapCouponsPerUser(std::int32_t coupons_per_user) {
  return coupons_per_user == 0 ? 1 : static_cast<std::uint32_t>(coupons_per_user);
}

CampaignId ReadCampaignId(const std::string& text) {
  const auto uuid = ParseUuid(text);
  return uuid ? CampaignId{*uuid} : kNoCampaign;
}

Mapped<CampaignId> MapCampaignId(const std::string& text, std::string_view field) {
  if (text.empty()) {
    return InvalidField(field, "missing; give the id that CreateCampaign returned");
  }
  return ReadCampaignId(text);
}

Mapped<IssueCoupon> MapIssueCoupon(const coupon::v1::IssueCouponRequest& request,
                                   ClaimDigest& claims,
                                   const std::optional<std::string>& idempotency_key,
                                   ClaimKind anonymous_request) {
  const CampaignId campaign = TRY(MapCampaignId(request.campaign_id()));
  MappedText request_id = TRY(MapIdText(kRequestIdField, request.request_id()));
  std::string key;  // which the text below refers to
  if (idempotency_key) {
    key = TRY(connect::ReadIdempotencyKey(*idempotency_key));
    request_id = TRY(MapIdempotencyKey(key, request_id));
  }
  const MappedText user_id = TRY(MapIdText(kUserIdField, request.user_id()));
  IssueCoupon command{.campaign_id = campaign};
  const std::string& user = user_id.normal();
  const std::string& request_text = request_id.normal();
  if (!user.empty()) {
    command.holder = claims.Of(campaign, ClaimKind::kUser, user);
    command.holder_as_sent = ClaimAsSent(claims, campaign, ClaimKind::kUser, user_id);
    command.user_id = user;
  }
  if (!user.empty() && !request_text.empty()) {
    // No store has it of other texts, because it came after texts were normalised.
    command.request_key = claims.OfUserRequest(campaign, user, request_text);
  } else if (!request_text.empty()) {
    command.request_key = claims.Of(campaign, anonymous_request, request_text);
    command.request_key_as_sent = ClaimAsSent(claims, campaign, anonymous_request, request_id);
  }
  return command;
}

Mapped<DeleteCampaign> MapDeleteCampaign(const coupon::v1::DeleteCampaignRequest& request) {
  if (request.campaign_id().empty() && request.campaign_name().empty()) {
    return InvalidFields("campaign_id",
                         "campaign_id and campaign_name are both missing; give one of them");
  }
  DeleteCampaign command;
  if (IsTooLong(kCampaignNameField, request.campaign_name())) {
    command.campaign_id = kNoCampaign;
    return command;
  }
  const MappedText name = TRY(MapOptionalText(kCampaignNameField, request.campaign_name()));
  if (!request.campaign_id().empty()) command.campaign_id = ReadCampaignId(request.campaign_id());
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
