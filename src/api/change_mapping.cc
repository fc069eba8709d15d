#include "api/change_mapping.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/command_mapping.h"
#include "api/first_fault.h"
#include "api/refusal_mapping.h"
#include "api/request_keys.h"
#include "api/text_mapping.h"
#include "api/time_mapping.h"
#include "base/display_text.h"
#include "base/error.h"
#include "engine/rules/command_faults.h"
#include "engine/rules/refusal.h"

namespace coupond::api {
namespace {

constexpr std::string_view kAllTerms = "*";

Mapped<void> TakeName(const coupon::v1::Campaign& campaign, UpdateCampaign& command) {
  const MappedText name = TRY(MapText(kNameField, campaign.name()));
  command.changes.name = name.normal();
  command.name_as_sent = AsSent(name);
  return {};
}

Mapped<void> TakeTotal(const coupon::v1::Campaign& campaign, UpdateCampaign& command) {
  command.changes.total_coupons = campaign.total_coupons();
  return {};
}

Mapped<void> TakeStart(const coupon::v1::Campaign& campaign, UpdateCampaign& command) {
  command.changes.start_time =
      TRY(MapTime("start_time", campaign.has_start_time(), campaign.start_time()));
  if (command.changes.start_time) return {};
  connect::Error error = RefusalError({.reason = RefusalReason::kStartTimeMissing});
  error.message = "start_time: named by update_mask but not set; a campaign needs a start";
  return std::unexpected(std::move(error));
}

Mapped<void> TakeEnd(const coupon::v1::Campaign& campaign, UpdateCampaign& command) {
  const std::optional<Timestamp> end_time =
      TRY(MapTime("end_time", campaign.has_end_time(), campaign.end_time()));
  command.changes.end_time = end_time.value_or(kNever);
  return {};
}

Mapped<void> TakeDescription(const coupon::v1::Campaign& campaign, UpdateCampaign& command) {
  command.changes.description = TRY(MapDescription(campaign.description()));
  return {};
}

Mapped<void> TakeCouponsPerUser(const coupon::v1::Campaign& campaign, UpdateCampaign& command) {
  command.changes.coupons_per_user = MapCouponsPerUser(campaign.coupons_per_user());
  return {};
}

Mapped<void> TakeUserRequired(const coupon::v1::Campaign& campaign, UpdateCampaign& command) {
  command.changes.user_required = campaign.user_required();
  return {};
}

Mapped<void> TakeRedeemStart(const coupon::v1::Campaign& campaign, UpdateCampaign& command) {
  const std::optional<Timestamp> redeem_start_time = TRY(
      MapTime("redeem_start_time", campaign.has_redeem_start_time(), campaign.redeem_start_time()));
  command.changes.redeem_start_time = redeem_start_time.value_or(kAlways);
  return {};
}

Mapped<void> TakeExpiry(const coupon::v1::Campaign& campaign, UpdateCampaign& command) {
  const std::optional<Timestamp> expire_time =
      TRY(MapTime("expire_time", campaign.has_expire_time(), campaign.expire_time()));
  command.changes.expire_time = expire_time.value_or(kNever);
  return {};
}

Mapped<void> TakeValidity(const coupon::v1::Campaign& campaign, UpdateCampaign& command) {
  command.changes.valid_duration = kUnlimited;
  if (campaign.has_valid_duration()) {
    command.changes.valid_duration = TRY(MapDuration("valid_duration", campaign.valid_duration()));
  }
  return {};
}

Mapped<void> TakeByHolderOnly(const coupon::v1::Campaign& campaign, UpdateCampaign& command) {
  command.changes.redeem_by_holder_only = campaign.redeem_by_holder_only();
  return {};
}

Mapped<void> TakeMetadata(const coupon::v1::Campaign& campaign, UpdateCampaign& command) {
  command.changes.metadata = TRY(MapMetadata(campaign.metadata()));
  return {};
}

/// A field of Campaign that an update may change.
struct Term {
  std::string_view name;
  bool (*is_set)(const coupon::v1::Campaign& campaign);
  /// Adds the field to the changes, set or not.
  Mapped<void> (*take)(const coupon::v1::Campaign& campaign, UpdateCampaign& command);
};

/// In the order of their numbers, in which faults are looked for.
constexpr std::array kTerms = {
    Term{"name", [](const auto& campaign) { return !campaign.name().empty(); }, TakeName},
    Term{"total_coupons", [](const auto& campaign) { return campaign.total_coupons() != 0; },
         TakeTotal},
    Term{"start_time", [](const auto& campaign) { return campaign.has_start_time(); }, TakeStart},
    Term{"description", [](const auto& campaign) { return !campaign.description().empty(); },
         TakeDescription},
    Term{"end_time", [](const auto& campaign) { return campaign.has_end_time(); }, TakeEnd},
    Term{"coupons_per_user", [](const auto& campaign) { return campaign.coupons_per_user() != 0; },
         TakeCouponsPerUser},
    Term{"user_required", [](const auto& campaign) { return campaign.user_required(); },
         TakeUserRequired},
    Term{"redeem_start_time", [](const auto& campaign) { return campaign.has_redeem_start_time(); },
         TakeRedeemStart},
    Term{"expire_time", [](const auto& campaign) { return campaign.has_expire_time(); },
         TakeExpiry},
    Term{"valid_duration", [](const auto& campaign) { return campaign.has_valid_duration(); },
         TakeValidity},
    Term{"redeem_by_holder_only",
         [](const auto& campaign) { return campaign.redeem_by_holder_only(); }, TakeByHolderOnly},
    Term{"metadata", [](const auto& campaign) { return !campaign.metadata().empty(); },
         TakeMetadata},
};

/// Checks that a mask names only what can be changed.
Mapped<void> CheckMask(const google::protobuf::FieldMask& mask) {
  for (const std::string& path : mask.paths()) {
    if (path == kAllTerms || std::ranges::find(kTerms, path, &Term::name) != kTerms.end()) {
      continue;
    }
    std::string allowed;
    for (const Term& term : kTerms) allowed.append(term.name).append(", ");
    return InvalidField(
        "update_mask", Quoted(path) + " cannot be updated; give some of " + allowed +
                           "or \"*\" for all of them (in JSON: totalCoupons, startTime and so on)");
  }
  return {};
}

/// Reports whether the request is about this term.
bool IsMeant(const Term& term, const coupon::v1::UpdateCampaignRequest& request) {
  const auto& paths = request.update_mask().paths();
  if (paths.empty()) return term.is_set(request.campaign());
  return std::ranges::any_of(
      paths, [&term](const std::string& path) { return path == kAllTerms || path == term.name; });
}

/// Maps the fields of a request up to its first fault, and returns its request_id.
Mapped<std::string> MapUpdate(const coupon::v1::UpdateCampaignRequest& request,
                              const std::optional<std::string>& idempotency_key,
                              UpdateCampaign& command) {
  command.campaign_id = TRY(MapCampaignId(request.campaign().id(), "campaign.id"));
  for (const Term& term : kTerms) {
    if (IsMeant(term, request)) TRY(term.take(request.campaign(), command));
  }
  TRY(CheckMask(request.update_mask()));
  if (request.has_if_revision()) command.if_revision = Sequence(request.if_revision());
  command.validate_only = request.validate_only();
  return MapRequestId(request.request_id(), idempotency_key);
}

Mapped<Activities> MapScope(coupon::v1::PauseScope scope) {
  switch (scope) {
    case coupon::v1::PAUSE_SCOPE_ISSUING:
      return Activities{.issuing = true};
    case coupon::v1::PAUSE_SCOPE_REDEEMING:
      return Activities{.redeeming = true};
    case coupon::v1::PAUSE_SCOPE_BOTH:
      return Activities{.issuing = true, .redeeming = true};
    default:
      return InvalidField("scope",
                          "missing or unknown; give PAUSE_SCOPE_ISSUING, PAUSE_SCOPE_REDEEMING or "
                          "PAUSE_SCOPE_BOTH");
  }
}

/// Maps a request to pause or to resume, which have the same fields.
template <typename Request>
Mapped<SetPaused> MapSetPaused(const Request& request, bool paused) {
  const CampaignId campaign = TRY(MapCampaignId(request.campaign_id()));
  const Activities activities = TRY(MapScope(request.scope()));
  const MappedText reason = TRY(MapText(kReasonField, request.reason()));
  return SetPaused{.campaign_id = campaign,
                   .activities = activities,
                   .paused = paused,
                   .reason = reason.normal()};
}

}  // namespace

Mapped<UpdateCampaign> MapChange(const coupon::v1::UpdateCampaignRequest& request,
                                 ClaimDigest& claims, const ClockReading& now,
                                 const std::optional<std::string>& idempotency_key,
                                 const Campaign* campaign) {
  UpdateCampaign command;
  auto request_id = MapUpdate(request, idempotency_key, command);
  if (!request_id) {
    return std::unexpected(FirstFault(
        *coupon::v1::Campaign::GetDescriptor(), std::move(request_id.error()),
        FaultAt(now, [&](Timestamp time) { return FindFault(command.changes, campaign, time); })));
  }
  if (!request_id->empty()) {
    command.request = KeyOf(claims, *request_id, {"update", ContentOf(command)});
  }
  return command;
}

Mapped<SetPaused> MapChange(const coupon::v1::PauseCampaignRequest& request) {
  return MapSetPaused(request, /*paused=*/true);
}

Mapped<SetPaused> MapChange(const coupon::v1::ResumeCampaignRequest& request) {
  return MapSetPaused(request, /*paused=*/false);
}

Mapped<SetArchived> MapChange(const coupon::v1::ArchiveCampaignRequest& request) {
  const CampaignId campaign = TRY(MapCampaignId(request.campaign_id()));
  return SetArchived{.campaign_id = campaign, .archived = true};
}

Mapped<SetArchived> MapChange(const coupon::v1::UnarchiveCampaignRequest& request) {
  const CampaignId campaign = TRY(MapCampaignId(request.campaign_id()));
  return SetArchived{.campaign_id = campaign, .archived = false};
}

}  // namespace coupond::api
