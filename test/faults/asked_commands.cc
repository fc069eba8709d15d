#include "faults/asked_commands.h"

#include <algorithm>
#include <optional>
#include <type_traits>
#include <variant>

#include "support/builders.h"

namespace coupond::test {
namespace {

// The same for each kind of command.

bool MayBe(const CreateCampaign& asked, const CreateCampaign& happened) {
  return asked.id == happened.id && asked.name == happened.name &&
         asked.total_coupons == happened.total_coupons && asked.end_time == happened.end_time &&
         asked.request == happened.request;
}
bool MayBe(const IssueCoupon& asked, const IssueCoupon& happened) {
  // Where each user may have one coupon, the request means nothing. A text may have been erased.
  return asked.campaign_id == happened.campaign_id && asked.holder == happened.holder &&
         (asked.request_key == happened.request_key ||
          (asked.holder.has_value() && !happened.request_key)) &&
         (asked.user_id == happened.user_id || happened.user_id.empty());
}
bool MayBe(const DeleteCampaign& asked, const DeleteCampaign& happened) {
  return (!asked.campaign_id || asked.campaign_id == happened.campaign_id) &&
         (!asked.name || asked.name == happened.name);
}
bool MayBe(const UpdateCampaign& asked, const UpdateCampaign& happened) {
  const auto is_from = [](const auto& term, const auto& asked_for) {
    return !term || term == asked_for;
  };
  const TermChanges& from = asked.changes;
  const TermChanges& changes = happened.changes;
  return asked.campaign_id == happened.campaign_id && is_from(changes.name, from.name) &&
         is_from(changes.total_coupons, from.total_coupons) &&
         is_from(changes.start_time, from.start_time) && is_from(changes.end_time, from.end_time) &&
         is_from(changes.description, from.description) &&
         is_from(changes.metadata, from.metadata) &&
         is_from(changes.coupons_per_user, from.coupons_per_user) &&
         is_from(changes.user_required, from.user_required) &&
         is_from(changes.redeem_start_time, from.redeem_start_time) &&
         is_from(changes.expire_time, from.expire_time) &&
         is_from(changes.valid_duration, from.valid_duration) &&
         is_from(changes.redeem_by_holder_only, from.redeem_by_holder_only) &&
         asked.request == happened.request;
}
bool MayBe(const SetPaused& asked, const SetPaused& happened) {
  return asked.campaign_id == happened.campaign_id && asked.paused == happened.paused &&
         asked.reason == happened.reason &&
         (asked.activities.issuing || !happened.activities.issuing) &&
         (asked.activities.redeeming || !happened.activities.redeeming);
}
bool MayBe(const SetArchived& asked, const SetArchived& happened) {
  return asked.campaign_id == happened.campaign_id && asked.archived == happened.archived;
}
bool MayBe(const RedeemCoupon& asked, const RedeemCoupon& happened) {
  return asked.serial == happened.serial && asked.order_ref == happened.order_ref &&
         asked.redeemed_by == happened.redeemed_by && asked.request == happened.request &&
         (!asked.holder || asked.holder == happened.holder);
}
/// A redemption that is named by its request is not compared.
bool MayBe(const CancelRedemption& asked, const CancelRedemption& happened) {
  return asked.serial == happened.serial && asked.reason == happened.reason &&
         asked.request == happened.request &&
         (std::holds_alternative<Claim>(asked.redemption) ||
          asked.redemption == happened.redemption);
}
bool MayBe(const VoidCoupon& asked, const VoidCoupon& happened) {
  return asked.serial == happened.serial && asked.return_to_pool == happened.return_to_pool &&
         (asked.free_claim || !happened.free_claim) && asked.reason == happened.reason &&
         asked.request == happened.request;
}
bool MayBe(const EraseUser& asked, const EraseUser& happened) {
  const auto is_among = [&asked](const CouponsToErase& coupons) {
    return std::ranges::any_of(asked.coupons, [&coupons](const CouponsToErase& some) {
      return some.campaign == coupons.campaign && some.serials == coupons.serials;
    });
  };
  return asked.free_claims == happened.free_claims &&
         (!happened.request || asked.request == happened.request) &&
         std::ranges::all_of(happened.coupons, is_among);
}
bool MayBe(const FinishErasure& asked, const FinishErasure& happened) {
  return asked.erasure == happened.erasure;
}
/// Who asked is not in the log.
bool MayBe(const BatchIssueCoupons& asked, const BatchIssueCoupons& happened) {
  return asked.campaign_id == happened.campaign_id && asked.request == happened.request &&
         asked.users.size() + asked.anonymous >= happened.anonymous;
}

}  // namespace

bool HasEvent(const Command& command, const Reply& reply) {
  const auto* granted = std::get_if<GrantedCoupon>(&reply.outcome);
  const auto* done = std::get_if<Done>(&reply.outcome);
  return (granted != nullptr && !granted->already_issued && !granted->limit_reached) ||
         (done != nullptr && done->changed && !done->repeated && !IsOnlyChecked(command));
}

Command CommandOf(const Event& event, const LogFacts& log) {
  const auto id_of = [&log](CampaignNumber number) { return log.CampaignOf(number).id; };
  if (const auto* created = std::get_if<CampaignCreated>(&event)) {
    const CampaignTerms& terms = created->terms;
    return CreateCampaign{.id = created->id,
                          .name = terms.name,
                          .total_coupons = terms.total_coupons,
                          .start_time = terms.start_time,
                          .end_time = terms.end_time,
                          .description = terms.description,
                          .metadata = terms.metadata,
                          .coupons_per_user = terms.coupons_per_user,
                          .user_required = terms.user_required,
                          .redeem_start_time = terms.redeem_start_time,
                          .expire_time = terms.expire_time,
                          .valid_duration = terms.valid_duration,
                          .redeem_by_holder_only = terms.redeem_by_holder_only,
                          .request = created->request};
  }
  if (const auto* issued = std::get_if<CouponIssued>(&event)) {
    return IssueCoupon{.campaign_id = id_of(issued->campaign),
                       .holder = issued->holder,
                       .request_key = issued->request_key,
                       .user_id = issued->user_id};
  }
  if (const auto* updated = std::get_if<CampaignUpdated>(&event)) {
    return UpdateCampaign{.campaign_id = id_of(updated->campaign),
                          .changes = updated->changes,
                          .request = updated->request};
  }
  if (const auto* paused = std::get_if<CampaignPaused>(&event)) {
    return SetPaused{id_of(paused->campaign), paused->activities, true, paused->reason};
  }
  if (const auto* resumed = std::get_if<CampaignResumed>(&event)) {
    return SetPaused{id_of(resumed->campaign), resumed->activities, false, resumed->reason};
  }
  if (const auto* archived = std::get_if<CampaignArchived>(&event)) {
    return SetArchived{.campaign_id = id_of(archived->campaign), .archived = true};
  }
  if (const auto* unarchived = std::get_if<CampaignUnarchived>(&event)) {
    return SetArchived{.campaign_id = id_of(unarchived->campaign), .archived = false};
  }
  if (const auto* redeemed = std::get_if<CouponRedeemed>(&event)) {
    return RedeemCoupon{.serial = redeemed->serial,
                        .order_ref = redeemed->order_ref,
                        .redeemed_by = redeemed->redeemed_by,
                        .request_id = redeemed->request_id,
                        .request = redeemed->request,
                        .holder = log.HolderOf(redeemed->serial)};
  }
  if (const auto* canceled = std::get_if<RedemptionCanceled>(&event)) {
    return CancelRedemption{.serial = canceled->serial,
                            .redemption = canceled->redemption,
                            .reason = canceled->reason,
                            .request = canceled->request};
  }
  if (const auto* voided = std::get_if<CouponVoided>(&event)) {
    return VoidCoupon{.serial = voided->serial,
                      .return_to_pool = voided->returned,
                      .free_claim = voided->claim_freed,
                      .reason = voided->reason,
                      .request = voided->request};
  }
  if (const auto* batch = std::get_if<BatchIssued>(&event)) {
    return BatchIssueCoupons{.campaign_id = id_of(batch->campaign),
                             .anonymous = batch->coupons,
                             .request = batch->request};
  }
  if (const auto* erased = std::get_if<UserErased>(&event)) {
    return EraseUser{.coupons = {{.campaign = erased->campaign, .serials = erased->serials}},
                     .free_claims = erased->claims_freed,
                     .request = erased->request};
  }
  if (const auto* finished = std::get_if<ErasureFinished>(&event)) {
    return FinishErasure{.erasure = finished->erasure};
  }
  const Campaign deleted = log.CampaignOf(std::get<CampaignDeleted>(event).campaign);
  return DeleteCampaign{.campaign_id = deleted.id, .name = deleted.terms.name};
}

bool MayBe(const Command& asked, const Command& happened) {
  if (IsOnlyChecked(asked)) return false;
  return std::visit(
      [&happened](const auto& body) {
        const auto* same_kind = std::get_if<std::remove_cvref_t<decltype(body)>>(&happened);
        return same_kind != nullptr && MayBe(body, *same_kind);
      },
      asked);
}

}  // namespace coupond::test
