// Changes of campaigns, and of coupons after their issue.

#include <algorithm>
#include <functional>
#include <utility>
#include <variant>

#include "system/program/history_replay.h"
#include "system/program/history_verdict.h"

namespace coupond::test {
namespace {

using Fault = std::optional<HistoryFault>;

Activities ActivitiesOf(api::PauseScope scope) {
  return {.issuing = scope != api::PAUSE_SCOPE_REDEEMING,
          .redeeming = scope != api::PAUSE_SCOPE_ISSUING};
}

std::optional<CampaignId> CampaignIn(const std::string& id) {
  return id.empty() ? std::nullopt : std::optional(IdOf(id));
}

/// The terms of which clients change some: those that are set, or that the mask names.
TermChanges ChangesOf(const api::UpdateCampaignRequest& request) {
  const api::Campaign& campaign = request.campaign();
  const auto is_named = [&](const char* term) {
    return std::ranges::find(request.update_mask().paths(), term) !=
           request.update_mask().paths().end();
  };
  TermChanges changes;
  if (campaign.total_coupons() != 0 || is_named("total_coupons")) {
    changes.total_coupons = campaign.total_coupons();
  }
  if (campaign.coupons_per_user() != 0) {
    changes.coupons_per_user = static_cast<std::uint32_t>(campaign.coupons_per_user());
  }
  if (!campaign.description().empty()) changes.description = campaign.description();
  return changes;
}

/// Checks when the caller of a refused redemption is told to ask again. No campaign of a history
/// has a start of redeeming.
Fault CheckRetry(const api::RedeemCouponResponse& response) {
  const bool is_paused = response.refusal() == api::REFUSAL_REDEEMING_PAUSED;
  const bool is_soon = response.retry_ms() >= 1'000 && response.retry_ms() <= 3'000;
  if (is_paused ? !is_soon : response.has_retry_ms()) return WrongDetail("another time to wait");
  if (response.has_redeem_start_time()) return WrongDetail("another start of redeeming");
  return std::nullopt;
}

}  // namespace

template <typename Response>
Fault HistoryReplay::JudgeChange(const Command& command, const std::string& code,
                                 const Operation& operation) {
  if (Fault fault = FindDifference(model_.Judge(command, time_), operation)) return fault;
  const auto* response = std::get_if<Response>(&operation.reply);
  if (response == nullptr || !response->has_coupon()) return std::nullopt;
  return CheckShown(code, response->coupon());
}

template <typename Response>
Fault HistoryReplay::JudgeChange(const Command& command, const CampaignId& campaign,
                                 const Operation& operation) {
  if (Fault fault = FindDifference(model_.Judge(command, time_), operation)) return fault;
  const auto* response = std::get_if<Response>(&operation.reply);
  if (response == nullptr || !response->has_campaign()) return std::nullopt;
  if (IdOf(response->campaign().id()) != campaign) return WrongDetail("another campaign's id");
  return std::nullopt;
}

Fault HistoryReplay::Judge(const api::RedeemCouponRequest& request, const Operation& operation) {
  RedeemCoupon command{.serial = SerialOf(request.code()),
                       .campaign_id = CampaignIn(request.campaign_id()),
                       .order_ref = request.order_ref(),
                       .redeemed_by = request.redeemed_by(),
                       .request_id = request.request_id()};
  command.request =
      KeyOf(request.request_id(), "redeem " + request.code() + " " + request.order_ref());
  if (!request.user_id().empty()) {
    const auto campaign = campaign_of_serial_.find(command.serial);
    command.holder =
        ClaimOf(campaign == campaign_of_serial_.end() ? "" : campaign->second, request.user_id());
  }
  if (Fault fault =
          JudgeChange<api::RedeemCouponResponse>(std::move(command), request.code(), operation)) {
    return fault;
  }
  const auto* response = std::get_if<api::RedeemCouponResponse>(&operation.reply);
  return response == nullptr ? Fault() : CheckRetry(*response);
}

Fault HistoryReplay::Judge(const api::CancelRedemptionRequest& request,
                           const Operation& operation) {
  CancelRedemption command{.serial = SerialOf(request.code()),
                           .campaign_id = CampaignIn(request.campaign_id()),
                           .redemption = Sequence(request.redemption_sequence()),
                           .reason = request.reason()};
  if (request.has_redemption_request_id()) {
    command.redemption = ClaimOf({}, {}, request.redemption_request_id());
  }
  command.request = KeyOf(request.request_id(), "cancel " + request.SerializeAsString());
  return JudgeChange<api::CancelRedemptionResponse>(std::move(command), request.code(), operation);
}

Fault HistoryReplay::Judge(const api::VoidCouponRequest& request, const Operation& operation) {
  VoidCoupon command{.serial = SerialOf(request.code()),
                     .campaign_id = CampaignIn(request.campaign_id()),
                     .return_to_pool = request.return_to_pool(),
                     .free_claim = request.free_claim(),
                     .reason = request.reason()};
  command.request = KeyOf(request.request_id(), "void " + request.SerializeAsString());
  return JudgeChange<api::VoidCouponResponse>(std::move(command), request.code(), operation);
}

Fault HistoryReplay::Judge(const api::UpdateCampaignRequest& request, const Operation& operation) {
  UpdateCampaign command{.campaign_id = IdOf(request.campaign().id()),
                         .changes = ChangesOf(request)};
  if (request.has_if_revision()) command.if_revision = Sequence(request.if_revision());
  command.request = KeyOf(request.request_id(), "update " + request.SerializeAsString());
  const CampaignId id = command.campaign_id;
  const auto is_sold_out = [&] {
    const ModelCampaign* campaign = model_.Find(id);
    return campaign != nullptr && campaign->state().sold_out_at.has_value();
  };
  const bool was_sold_out = is_sold_out();
  Fault fault = JudgeChange<api::UpdateCampaignResponse>(std::move(command), id, operation);
  if (!was_sold_out && is_sold_out()) {
    sold_out_by_update_[id] = {.assumed = time_, .sequence = *SequenceOf(operation)};
  }
  return fault;
}

Fault HistoryReplay::Judge(const api::PauseCampaignRequest& request, const Operation& operation) {
  const CampaignId id = IdOf(request.campaign_id());
  return JudgeChange<api::PauseCampaignResponse>(
      SetPaused{.campaign_id = id,
                .activities = ActivitiesOf(request.scope()),
                .reason = request.reason()},
      id, operation);
}

Fault HistoryReplay::Judge(const api::ResumeCampaignRequest& request, const Operation& operation) {
  const CampaignId id = IdOf(request.campaign_id());
  return JudgeChange<api::ResumeCampaignResponse>(
      SetPaused{.campaign_id = id,
                .activities = ActivitiesOf(request.scope()),
                .paused = false,
                .reason = request.reason()},
      id, operation);
}

Fault HistoryReplay::Judge(const api::ArchiveCampaignRequest& request, const Operation& operation) {
  const CampaignId id = IdOf(request.campaign_id());
  return JudgeChange<api::ArchiveCampaignResponse>(SetArchived{.campaign_id = id}, id, operation);
}

Fault HistoryReplay::Judge(const api::UnarchiveCampaignRequest& request,
                           const Operation& operation) {
  const CampaignId id = IdOf(request.campaign_id());
  return JudgeChange<api::UnarchiveCampaignResponse>(
      SetArchived{.campaign_id = id, .archived = false}, id, operation);
}

bool HistoryReplay::IsSoldOutTime(const CampaignId& campaign, Timestamp expected, Timestamp told) {
  const auto by_update = sold_out_by_update_.find(campaign);
  if (by_update == sold_out_by_update_.end() || by_update->second.assumed != expected) {
    return told == expected;
  }
  SoldOut& sold_out = by_update->second;
  const auto next = event_times_.upper_bound(sold_out.sequence);
  if (next != event_times_.end() && told > next->second) return false;
  if (!sold_out.told) sold_out.told = told;
  return told >= sold_out.assumed && told == *sold_out.told;
}

Fault HistoryReplay::CheckShown(const std::string& code, const api::Coupon& coupon) const {
  const auto issued = coupons_.find(SerialOf(code));
  if (issued == coupons_.end()) return WrongDetail("nobody was given the coupon");
  if (coupon.code() != code) return WrongDetail("another coupon's code");
  if (coupon.campaign_id() != campaign_of_serial_.at(issued->first)) {
    return WrongDetail("another campaign's id");
  }
  // Who was erased is not shown.
  if (coupon.has_user_id() && coupon.user_id() != issued->second.user_id) {
    return WrongDetail("another user's id");
  }
  if (TimeOf(coupon.issued_at()) != issued->second.issued_at) {
    return WrongDetail("issued at another time");
  }
  return std::nullopt;
}

Serial HistoryReplay::SerialOf(const std::string& code) const {
  const auto found = serial_of_code_.find(code);
  return found == serial_of_code_.end() ? kNoSerial : found->second;
}

std::optional<RequestKey> HistoryReplay::KeyOf(const std::string& request_id,
                                               const std::string& content) {
  if (request_id.empty()) return std::nullopt;
  return RequestKey{.digest = ClaimOf({}, {}, request_id),
                    .content = std::hash<std::string>()(content)};
}

}  // namespace coupond::test
