// Counts what the judge sees, for the coverage.

#include <algorithm>
#include <optional>
#include <variant>

#include "simulation/judge.h"

namespace coupond::simulation {
namespace {

using test::ModelOutcome;

Counter CounterOf(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::kNameEmpty:
      return Counter::kRefusedNameEmpty;
    case RefusalReason::kNameTooLong:
      return Counter::kRefusedNameTooLong;
    case RefusalReason::kTotalTooSmall:
      return Counter::kRefusedTotalTooSmall;
    case RefusalReason::kTotalTooLarge:
      return Counter::kRefusedTotalTooLarge;
    case RefusalReason::kStartTimeMissing:
      return Counter::kRefusedStartTimeMissing;
    case RefusalReason::kStartTimeInPast:
      return Counter::kRefusedStartTimeInPast;
    case RefusalReason::kStartTimeTooLate:
      return Counter::kRefusedStartTimeTooLate;
    case RefusalReason::kDescriptionTooLong:
      return Counter::kRefusedDescriptionTooLong;
    case RefusalReason::kEndTimeTooLate:
      return Counter::kRefusedEndTimeTooLate;
    case RefusalReason::kMetadataTooLarge:
      return Counter::kRefusedMetadataTooLarge;
    case RefusalReason::kCouponsPerUserOutOfRange:
      return Counter::kRefusedCouponsPerUserOutOfRange;
    case RefusalReason::kExpireTimeTooLate:
      return Counter::kRefusedExpireTimeTooLate;
    case RefusalReason::kValidDurationOutOfRange:
      return Counter::kRefusedValidDurationOutOfRange;
    case RefusalReason::kRedeemStartTimeTooLate:
      return Counter::kRefusedRedeemStartTimeTooLate;
    case RefusalReason::kReasonTooLong:
      return Counter::kRefusedReasonTooLong;
    case RefusalReason::kBatchTooLarge:
      return Counter::kRefusedBatchTooLarge;
    case RefusalReason::kCampaignArchived:
      return Counter::kRefusedCampaignArchived;
    case RefusalReason::kChangedMeanwhile:
      return Counter::kRefusedChangedMeanwhile;
    case RefusalReason::kStartTimeFixed:
      return Counter::kRefusedStartTimeFixed;
    case RefusalReason::kTotalBelowIssued:
      return Counter::kRefusedTotalBelowIssued;
    case RefusalReason::kEndTimeNotAfterStart:
      return Counter::kRefusedEndTimeNotAfterStart;
    case RefusalReason::kExpireTimeTooEarly:
      return Counter::kRefusedExpireTimeTooEarly;
    case RefusalReason::kCouponsPerUserFixed:
      return Counter::kRefusedCouponsPerUserFixed;
    case RefusalReason::kNameTaken:
      return Counter::kRefusedNameTaken;
    case RefusalReason::kSerialsExhausted:
      return Counter::kRefusedSerialsExhausted;
    case RefusalReason::kUserRequired:
      return Counter::kRefusedUserRequired;
    case RefusalReason::kRequestIdRequired:
      return Counter::kRefusedRequestIdRequired;
    case RefusalReason::kUserLimitReached:
      return Counter::kRefusedUserLimitReached;
    case RefusalReason::kEnded:
      return Counter::kRefusedEnded;
    case RefusalReason::kSoldOut:
      return Counter::kRefusedSoldOut;
    case RefusalReason::kNotEnoughLeft:
      return Counter::kRefusedNotEnoughLeft;
    case RefusalReason::kNotStarted:
      return Counter::kRefusedNotStarted;
    case RefusalReason::kPaused:
      return Counter::kRefusedPaused;
    case RefusalReason::kNoSuchCoupon:
      return Counter::kRefusedNoSuchCoupon;
    case RefusalReason::kRequestIdReused:
      return Counter::kRefusedRequestIdReused;
    case RefusalReason::kCouponVoided:
      return Counter::kRefusedCouponVoided;
    case RefusalReason::kCouponAlreadyRedeemed:
      return Counter::kRefusedCouponAlreadyRedeemed;
    case RefusalReason::kNotRedeemed:
      return Counter::kRefusedNotRedeemed;
    case RefusalReason::kWrongHolder:
      return Counter::kRefusedWrongHolder;
    case RefusalReason::kCouponExpired:
      return Counter::kRefusedCouponExpired;
    case RefusalReason::kCouponNotYetValid:
      return Counter::kRefusedCouponNotYetValid;
    case RefusalReason::kRedeemingPaused:
      return Counter::kRefusedRedeemingPaused;
    // No model says so: such a refusal is seen as a difference.
    case RefusalReason::kTooManyCampaigns:
    case RefusalReason::kClockAhead:
    case RefusalReason::kLogAhead:
    case RefusalReason::kNoSuchCampaign:
      return Counter::kRefusedNoSuchCampaign;
  }
  return Counter::kRefusedNoSuchCampaign;
}

Counter CounterOf(const Event& change) {
  if (std::holds_alternative<CampaignPaused>(change)) return Counter::kPaused;
  if (std::holds_alternative<CampaignResumed>(change)) return Counter::kResumed;
  if (std::holds_alternative<CampaignArchived>(change)) return Counter::kArchived;
  if (std::holds_alternative<CampaignUnarchived>(change)) return Counter::kUnarchived;
  if (std::holds_alternative<CouponRedeemed>(change)) return Counter::kRedeemed;
  if (std::holds_alternative<RedemptionCanceled>(change)) return Counter::kRedemptionsCanceled;
  if (const auto* voided = std::get_if<CouponVoided>(&change)) {
    return voided->returned ? Counter::kReturned : Counter::kVoided;
  }
  if (std::holds_alternative<UserErased>(change)) return Counter::kUsersErased;
  if (std::holds_alternative<ErasureFinished>(change)) return Counter::kErasuresFinished;
  return Counter::kUpdated;
}

/// Reports whether a campaign was sold out before its last change, and is no more.
bool WasReopened(const test::ModelCampaign& campaign) {
  const auto& states = campaign.states;
  return states[states.size() - 2].sold_out_at.has_value() && !states.back().sold_out_at;
}

}  // namespace

void Judge::Count(const ModelOutcome& outcome, const Command& command, Timestamp time) {
  switch (outcome.kind) {
    case ModelOutcome::Kind::kCreated:
      return coverage_.Count(Counter::kCreated);
    case ModelOutcome::Kind::kIssued:
      return CountIssued(outcome);
    case ModelOutcome::Kind::kBatch:
      return CountBatch(outcome);
    case ModelOutcome::Kind::kHeld:
      if (outcome.state == CouponState::kExpired) {
        coverage_.Count(Counter::kHeldAfterExpiry);
        if (outcome.expire_time == time) coverage_.Count(Counter::kAtTheVeryExpiry);
      } else if (outcome.state != CouponState::kIssued) {
        coverage_.Count(Counter::kHeldAfterAChange);
      }
      return coverage_.Count(Counter::kHeld);
    case ModelOutcome::Kind::kChanged:
      return CountChanged(outcome, command);
    case ModelOutcome::Kind::kUnchanged:
      if (!outcome.results.empty()) coverage_.Count(Counter::kBatchesUnchanged);
      return coverage_.Count(Counter::kUnchanged);
    case ModelOutcome::Kind::kRepeated:
      CountRepeated(command);
      return coverage_.Count(Counter::kRepeated);
    case ModelOutcome::Kind::kValidated:
      return coverage_.Count(Counter::kValidated);
    case ModelOutcome::Kind::kLimitReached:
      return coverage_.Count(Counter::kRefusedUserLimitReached);
    case ModelOutcome::Kind::kDeleted:
      return coverage_.Count(Counter::kDeleted);
    case ModelOutcome::Kind::kRefused:
      if (outcome.reason == RefusalReason::kEnded) CountEnded(command, time);
      if (outcome.reason == RefusalReason::kNotRedeemed) CountNotRedeemed(command);
      if (outcome.reason == RefusalReason::kCouponExpired && outcome.at == time) {
        coverage_.Count(Counter::kAtTheVeryExpiry);
      }
      return coverage_.Count(CounterOf(outcome.reason));
  }
}

void Judge::CountEnded(const Command& command, Timestamp time) {
  const auto* const batch = std::get_if<BatchIssueCoupons>(&command);
  if (batch != nullptr) coverage_.Count(Counter::kBatchesRefusedAsEnded);
  const CampaignId& id =
      batch != nullptr ? batch->campaign_id : std::get<IssueCoupon>(command).campaign_id;
  const auto& state = model_.Find(id)->state();
  if (!state.archived_at && std::min(state.terms.end_time, state.terms.expire_time) == time) {
    coverage_.Count(Counter::kRefusedAtTheVeryEnd);
  }
}

void Judge::CountIssued(const ModelOutcome& outcome) {
  coverage_.Count(Counter::kIssued);
  const test::ModelCampaign& campaign = model_.campaigns().at(outcome.campaign);
  const std::uint64_t created_with = campaign.states.front().serials.front().count;
  if (campaign.coupons.size() > created_with) coverage_.Count(Counter::kIssuedFromAddedSerials);
  const auto total = static_cast<std::size_t>(campaign.state().terms.total_coupons);
  if (campaign.coupons.size() > total) coverage_.Count(Counter::kReturnedPlacesIssued);
  const test::ModelCoupon& coupon = campaign.coupons.back();
  if (coupon.holder && coupon.request_key &&
      campaign.coupons_of_holder.at(*coupon.holder).size() > 1) {
    coverage_.Count(Counter::kIssuedToAUserAgain);
  }
  const auto& claim = coupon.claim();
  if (claim && freed_.contains({campaign.number, *claim})) {
    coverage_.Count(Counter::kIssuedForAFreedClaim);
  }
  if (claim && freed_by_erasures_.contains({campaign.number, *claim})) {
    coverage_.Count(Counter::kIssuedAfterAnErasure);
  }
}

void Judge::CountBatch(const ModelOutcome& outcome) {
  coverage_.Count(Counter::kBatches);
  coverage_.Count(Counter::kIssuedByBatches, outcome.following.size());
  for (const BatchResult& result : outcome.results) {
    if (result.is_new) continue;
    if (!result.refusal) {
      coverage_.Count(Counter::kHeldInABatch);
    } else {
      coverage_.Count(result.refusal->reason == RefusalReason::kSoldOut
                          ? Counter::kSoldOutWithinABatch
                          : Counter::kLimitReachedWithinABatch);
    }
  }
}

void Judge::CountChanged(const ModelOutcome& outcome, const Command& command) {
  const Event& event = *outcome.event;
  coverage_.Count(CounterOf(event));
  if (const auto* updated = std::get_if<CampaignUpdated>(&event)) CountUpdated(*updated);
  if (const auto* redeemed = std::get_if<CouponRedeemed>(&event)) CountRedeemed(command, *redeemed);
  if (const auto* voided = std::get_if<CouponVoided>(&event)) CountVoided(*voided);
  if (std::holds_alternative<UserErased>(event)) CountErased(outcome);
}

void Judge::CountErased(const ModelOutcome& outcome) {
  if (!outcome.following.empty()) coverage_.Count(Counter::kErasedInSeveralCampaigns);
  const auto count = [this](const Event& event) {
    const auto& erased = std::get<UserErased>(event);
    const test::ModelCampaign& campaign = model_.campaigns().at(erased.campaign);
    if (campaign.deleted) coverage_.Count(Counter::kErasedInADeletedCampaign);
    if (campaign.deleted || !erased.claims_freed) return;
    for (const Serial serial : erased.serials) {
      const test::ModelCoupon& coupon = *model_.FindCoupon(serial);
      if (coupon.changes.back().since != coupon.erased) continue;
      if (const auto& claim = coupon.claim()) freed_by_erasures_.insert({erased.campaign, *claim});
      coverage_.Count(coupon.status().state == CouponState::kIssued
                          ? Counter::kClaimsOfIssuedCouponsFreed
                          : Counter::kClaimsOfChangedCouponsFreed);
    }
  };
  count(*outcome.event);
  std::ranges::for_each(outcome.following, count);
}

void Judge::CountUpdated(const CampaignUpdated& event) {
  if (event.added_serials) coverage_.Count(Counter::kSerialsAdded);
  const test::ModelCampaign& campaign = model_.campaigns().at(event.campaign);
  const auto& states = campaign.states;
  if (WasReopened(campaign)) coverage_.Count(Counter::kReopenedByATotal);
  if (!states[states.size() - 2].sold_out_at && states.back().sold_out_at) {
    coverage_.Count(Counter::kClosedByATotal);
  }
}

void Judge::CountRedeemed(const Command& command, const CouponRedeemed& event) {
  if (std::get<RedeemCoupon>(command).holder) coverage_.Count(Counter::kRedeemedByTheHolder);
  if (model_.FindCoupon(event.serial)->changes.size() > 1) {
    coverage_.Count(Counter::kRedeemedAgain);
  }
}

void Judge::CountVoided(const CouponVoided& event) {
  if (event.added_serials) coverage_.Count(Counter::kSerialsAddedForReturns);
  const test::ModelCoupon& coupon = *model_.FindCoupon(event.serial);
  const auto& changes = coupon.changes;
  if (event.claim_freed) {
    if (const auto& claim = coupon.claim()) freed_.insert({event.campaign, *claim});
    coverage_.Count(Counter::kClaimsFreed);
    if (changes.size() > 1 &&
        changes[changes.size() - 2].status.state ==
            (event.returned ? CouponState::kReturned : CouponState::kVoided)) {
      coverage_.Count(Counter::kClaimsFreedLater);
      return;
    }
  }
  if (!event.returned) return;
  if (changes.size() > 1 && changes[changes.size() - 2].status.state == CouponState::kVoided) {
    coverage_.Count(Counter::kReturnedAfterAVoid);
  }
  const test::ModelCampaign& campaign = model_.campaigns().at(event.campaign);
  if (campaign.state().since == model_.last_sequence() && WasReopened(campaign)) {
    coverage_.Count(Counter::kReopenedByAReturn);
  }
}

void Judge::CountRepeated(const Command& command) {
  if (std::holds_alternative<CreateCampaign>(command)) coverage_.Count(Counter::kRepeatedCreate);
  if (std::holds_alternative<UpdateCampaign>(command)) coverage_.Count(Counter::kRepeatedUpdate);
  if (std::holds_alternative<BatchIssueCoupons>(command)) {
    coverage_.Count(Counter::kRepeatedBatch);
  }
  if (std::holds_alternative<EraseUser>(command)) coverage_.Count(Counter::kRepeatedErasure);
  const auto* redeem = std::get_if<RedeemCoupon>(&command);
  if (redeem == nullptr) return;
  const auto status = model_.FindCoupon(redeem->serial)->status();
  const Sequence first = model_.requests().at(redeem->request->digest).sequence;
  if (!status.redemption || status.redemption->sequence != first) {
    coverage_.Count(Counter::kRepeatedAfterACancel);
  }
}

void Judge::CountNotRedeemed(const Command& command) {
  const test::ModelCoupon* coupon = model_.FindCoupon(std::get<CancelRedemption>(command).serial);
  if (coupon->status().redemption) coverage_.Count(Counter::kRefusedCancelOfAnEarlierRedemption);
}

}  // namespace coupond::simulation
