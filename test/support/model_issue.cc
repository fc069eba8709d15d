#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "support/model.h"
#include "support/model_limits.h"

// What the model expects of a command that issues a coupon.
namespace coupond::test {
namespace {

/// Returns the serial of the next coupon, which the campaign must have.
Serial NextSerial(const ModelCampaign& campaign) {
  std::uint64_t left = campaign.coupons.size();
  auto range = campaign.state().serials.begin();
  for (; left >= range->count; ++range) left -= range->count;
  return Serial(range->first.value() + left);
}

/// Returns the ordinal of the coupon that a key still has.
std::optional<std::size_t> CouponOf(const ModelCampaign& campaign,
                                    const std::optional<Claim>& key) {
  if (!key) return std::nullopt;
  const auto known = campaign.coupon_of_claim.find(*key);
  if (known == campaign.coupon_of_claim.end()) return std::nullopt;
  if (campaign.coupons[known->second].status().claim_freed) return std::nullopt;
  return known->second;
}

/// Returns the user's last coupon if no more are allowed; `coupons` are all that the user ever had.
std::optional<std::size_t> LastAllowed(const ModelCampaign& campaign,
                                       const std::vector<std::size_t>& coupons) {
  if (campaign.CountedOf(coupons) < std::int64_t{campaign.state().terms.coupons_per_user}) {
    return std::nullopt;
  }
  return coupons.back();
}

/// Reports whether asking again is recognised by the user alone.
bool IsKnownByUser(const ModelCampaign& campaign, const IssueCoupon& command) {
  return command.holder.has_value() && campaign.state().terms.coupons_per_user < 2;
}

}  // namespace

std::int64_t ModelCampaign::CountedOf(const std::vector<std::size_t>& of_user) const {
  return std::ranges::count_if(
      of_user, [this](std::size_t ordinal) { return !coupons[ordinal].status().claim_freed; });
}

std::optional<ModelCampaign::Held> ModelCampaign::FindHeld(const IssueCoupon& command) const {
  const bool by_user = IsKnownByUser(*this, command);
  const auto& key = by_user ? command.holder : command.request_key;
  const auto& key_as_sent = by_user ? command.holder_as_sent : command.request_key_as_sent;
  for (const auto& form : {key, key_as_sent}) {
    const auto held = CouponOf(*this, form);
    if (held) return Held{.ordinal = *held, .as_sent = coupons[*held].claim() != key};
  }
  return std::nullopt;
}

Timestamp ModelCoupon::ExpiryUnder(const CampaignTerms& terms) const {
  Wide moment = terms.expire_time.unix_nanoseconds();
  if (terms.valid_duration != kUnlimited) {
    moment = std::min(moment, Wide{issued_at.unix_nanoseconds()} + terms.valid_duration.count());
  }
  return Timestamp::FromUnixNanoseconds(static_cast<std::int64_t>(moment));
}

CouponState ModelCoupon::ShownState(const CampaignTerms& terms, Timestamp time) const {
  const CouponState stored = status().state;
  const bool is_over = ExpiryUnder(terms) <= time;
  return stored == CouponState::kIssued && is_over ? CouponState::kExpired : stored;
}

ModelOutcome Model::Known(ModelOutcome::Kind kind, const ModelCampaign& campaign,
                          std::size_t ordinal, Timestamp time) const {
  const ModelCoupon& coupon = campaign.coupons[ordinal];
  const CampaignTerms& terms = campaign.state().terms;
  return ModelOutcome{.kind = kind,
                      .sequence = last_,
                      .campaign = campaign.number,
                      .serial = coupon.serial,
                      .issued_at = coupon.issued_at,
                      .expire_time = coupon.ExpiryUnder(terms),
                      .state = coupon.ShownState(terms, time)};
}

ModelOutcome Model::JudgeCommand(const IssueCoupon& command, Timestamp time) {
  ModelCampaign* const campaign = FindForChange(command.campaign_id);
  if (campaign == nullptr) return Refused(RefusalReason::kNoSuchCampaign);
  const ModelState& state = campaign->state();
  const bool has_user = command.holder.has_value();
  const bool may_have_several = has_user && state.terms.coupons_per_user >= 2;
  if (state.terms.user_required && !has_user) return Refused(RefusalReason::kUserRequired);
  if (may_have_several && !command.request_key) return Refused(RefusalReason::kRequestIdRequired);
  // A caller with a coupon gets the same one, whatever has become of the campaign, under either
  // form of the id.
  if (const auto held = campaign->FindHeld(command)) {
    ModelOutcome outcome = Known(ModelOutcome::Kind::kHeld, *campaign, held->ordinal, time);
    outcome.found_as_sent = held->as_sent;
    return outcome;
  }
  // What is final for all, or for this user, then what passes.
  if (state.archived_at) return Refused(RefusalReason::kEnded, *state.archived_at);
  const Timestamp end = std::min(state.terms.end_time, state.terms.expire_time);
  if (end <= time) return Refused(RefusalReason::kEnded, end);
  if (may_have_several) {
    const auto last = LastAllowed(*campaign, campaign->coupons_of_holder[*command.holder]);
    if (last) return Known(ModelOutcome::Kind::kLimitReached, *campaign, *last, time);
  }
  if (state.sold_out_at) return Refused(RefusalReason::kSoldOut, *state.sold_out_at);
  if (state.terms.start_time > time) {
    return Refused(RefusalReason::kNotStarted, state.terms.start_time);
  }
  if (state.paused.issuing) return Refused(RefusalReason::kPaused);
  return Issue(*campaign, command, time);
}

ModelOutcome Model::Issue(ModelCampaign& campaign, const IssueCoupon& command, Timestamp time) {
  const ModelState& state = campaign.state();
  const bool by_user = IsKnownByUser(campaign, command);
  const auto& key = by_user ? command.holder : command.request_key;
  ModelCoupon coupon{.serial = NextSerial(campaign),
                     .issued_at = time,
                     .sequence = {},
                     .holder = command.holder,
                     .request_key = by_user ? std::nullopt : command.request_key,
                     .user_id = command.user_id};
  ModelOutcome outcome = Happened(ModelOutcome::Kind::kIssued, campaign.number, time,
                                  CouponIssued{.campaign = campaign.number,
                                               .serial = coupon.serial,
                                               .holder = coupon.holder,
                                               .request_key = coupon.request_key,
                                               .user_id = coupon.user_id});
  coupon.sequence = outcome.sequence;
  outcome.serial = coupon.serial;
  outcome.issued_at = time;
  outcome.expire_time = coupon.ExpiryUnder(state.terms);
  const std::size_t ordinal = campaign.coupons.size();
  if (key) campaign.coupon_of_claim[*key] = ordinal;
  if (command.holder) {
    if (!by_user) campaign.coupons_of_holder[*command.holder].push_back(ordinal);
    if (!campaign.first_to_user) campaign.first_to_user = outcome.sequence;
  }
  coupon_of_serial_[coupon.serial] = {campaign.number, ordinal};
  campaign.coupons.push_back(std::move(coupon));
  if (campaign.places() == state.terms.total_coupons) {
    ModelState sold_out = state;
    sold_out.since = outcome.sequence;
    sold_out.sold_out_at = time;
    campaign.states.push_back(std::move(sold_out));
  }
  return outcome;
}

}  // namespace coupond::test
