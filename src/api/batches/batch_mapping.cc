#include "api/batches/batch_mapping.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "api/command_mapping.h"
#include "api/refusal_mapping.h"
#include "api/request_keys.h"
#include "api/text_mapping.h"
#include "base/error.h"
#include "engine/rules/command_faults.h"
#include "engine/rules/limits.h"
#include "engine/rules/refusal.h"

namespace coupond::api {
namespace {

/// Returns a user's id, which must not be missing.
Mapped<MappedText> MapUserId(const std::string& sent, std::size_t place) {
  auto mapped = MapIdText(kUserIdField, sent);
  if (mapped && !mapped->normal().empty()) return mapped;
  const std::string name = "user_ids[" + std::to_string(place) + "]";
  if (mapped) return InvalidField(name, "empty; give each user's id");
  TextField field = kUserIdField;
  field.name = name;
  return MapIdText(field, sent);
}

/// Checks that the request says, in one way, how many coupons it asks for.
Mapped<void> CheckSize(const coupon::v1::BatchIssueCouponsRequest& request) {
  const auto users = static_cast<std::size_t>(request.user_ids_size());
  if (request.count() == 0 && users == 0) {
    return InvalidFields("count", "count and user_ids are both missing; give one of them");
  }
  if (request.count() < 0) {
    return InvalidField("count", std::to_string(request.count()) + " is negative; give 1 to " +
                                     std::to_string(limits::kCouponsPerBatchMax));
  }
  if (request.count() != 0 && users > 0) {
    return InvalidFields("user_ids", "count and user_ids are both given; give one of them");
  }
  if (users > limits::kCouponsPerBatchMax) {
    return std::unexpected(RefusalErrorIn("user_ids", {.reason = RefusalReason::kBatchTooLarge}));
  }
  return {};
}

}  // namespace

Mapped<BatchMapping> BatchMapping::Begin(const coupon::v1::BatchIssueCouponsRequest& request,
                                         const std::optional<std::string>& idempotency_key) {
  const CampaignId campaign = TRY(MapCampaignId(request.campaign_id()));
  TRY(CheckSize(request));
  BatchMapping mapping;
  auto request_id = MapRequestId(request.request_id(), idempotency_key);
  if (request_id) {
    mapping.request_id_ = *std::move(request_id);
  } else {
    mapping.last_fault_ = std::move(request_id.error());
  }
  mapping.user_ids_ = request.user_ids();
  mapping.batch_.command = {.campaign_id = campaign,
                            .anonymous = static_cast<std::uint32_t>(request.count()),
                            .allow_partial = request.allow_partial(),
                            .results = std::make_shared<BatchResults>()};
  const auto users = static_cast<std::size_t>(request.user_ids_size());
  mapping.batch_.command.users.reserve(users);
  mapping.batch_.users.reserve(users);
  return mapping;
}

std::size_t BatchMapping::coupons() const {
  return static_cast<std::size_t>(user_ids_.size()) + batch_.command.anonymous;
}

Mapped<bool> BatchMapping::MapSome(ClaimDigest& claims, std::size_t limit) {
  const auto users = static_cast<std::size_t>(user_ids_.size());
  const std::size_t end = std::min(users, batch_.users.size() + limit);
  while (batch_.users.size() < end) {
    TRY(MapUser(claims, user_ids_[static_cast<int>(batch_.users.size())]));
  }
  if (end < users) return false;
  if (last_fault_) return std::unexpected(FirstFaultOfAll());
  return true;
}

connect::Error BatchMapping::FirstFaultOfAll() const {
  const std::optional<RefusalReason> fault = FindFault(batch_.command);
  if (!fault) return *last_fault_;
  return RefusalErrorIn(batch_.users.empty() ? "count" : "user_ids", {.reason = *fault});
}

Mapped<void> BatchMapping::MapUser(ClaimDigest& claims, const std::string& sent) {
  const MappedText user_id = TRY(MapUserId(sent, batch_.users.size()));
  IssueCoupon& command = batch_.command.users.emplace_back();
  const CampaignId& campaign = batch_.command.campaign_id;
  command.campaign_id = campaign;
  command.user_id = user_id.normal();
  command.holder = claims.Of(campaign, ClaimKind::kUser, command.user_id);
  if (user_id.as_sent() != nullptr) {
    command.holder_as_sent = claims.Of(campaign, ClaimKind::kUser, *user_id.as_sent());
  }
  if (!request_id_.empty()) {
    const std::uint32_t occurrence = ++occurrences_[*command.holder];
    command.request_key = claims.OfUserBatch(campaign, command.user_id, request_id_, occurrence);
  }
  batch_.users.push_back({.user_id = command.user_id,
                          .user_id_as_sent = AsSent(user_id),
                          .holder = *command.holder,
                          .request_key = command.request_key});
  return {};
}

MappedBatch BatchMapping::Take(ClaimDigest& claims) {
  if (!request_id_.empty()) {
    batch_.command.request = KeyOf(claims, request_id_, {"batch", ContentOf(batch_.command)});
  }
  return std::move(batch_);
}

Mapped<MappedBatch> MapBatchIssueCoupons(const coupon::v1::BatchIssueCouponsRequest& request,
                                         ClaimDigest& claims,
                                         const std::optional<std::string>& idempotency_key) {
  BatchMapping mapping = TRY(BatchMapping::Begin(request, idempotency_key));
  TRY(mapping.MapSome(claims, mapping.coupons()));
  return mapping.Take(claims);
}

}  // namespace coupond::api
