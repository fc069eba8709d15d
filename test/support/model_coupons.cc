#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "support/model.h"
#include "support/model_limits.h"

// What the model expects of commands that change a coupon.
namespace coupond::test {
namespace {

/// Returns the sequence of the redemption that a command names, 0 if it never happened.
Sequence NamedBy(const CancelRedemption& command, const std::map<Claim, ModelRequest>& requests) {
  if (const auto* sequence = std::get_if<Sequence>(&command.redemption)) return *sequence;
  const auto request = requests.find(std::get<Claim>(command.redemption));
  return request == requests.end() ? Sequence(0) : request->second.sequence;
}

/// Returns the sequence of the redemption by which a coupon is redeemed, 0 if it is not.
Sequence PresentOf(const CouponStatus& status) {
  return status.redemption ? status.redemption->sequence : Sequence(0);
}

/// Reports whether a coupon was found that is of the campaign, should a command name one.
template <typename Found>
bool IsMeant(const Found& found, const std::optional<CampaignId>& campaign) {
  return found.coupon != nullptr && (!campaign || *campaign == found.campaign->id);
}

}  // namespace

CouponStatus ModelCoupon::status() const {
  return changes.empty() ? CouponStatus{} : changes.back().status;
}

CouponStatus ModelCoupon::StatusAt(Sequence then) const {
  const auto later = std::partition_point(
      changes.begin(), changes.end(),
      [then](const ModelCouponChange& change) { return change.since <= then; });
  return later == changes.begin() ? CouponStatus{} : std::prev(later)->status;
}

std::string ModelCoupon::UserIdAt(Sequence then) const {
  return erased && *erased <= then ? std::string() : user_id;
}

const ModelCoupon* Model::FindCoupon(Serial serial) const {
  const auto found = coupon_of_serial_.find(serial);
  if (found == coupon_of_serial_.end()) return nullptr;
  const ModelCampaign& campaign = campaigns_.at(found->second.first);
  return campaign.deleted ? nullptr : &campaign.coupons[found->second.second];
}

Model::Found Model::FindForChange(Serial serial) {
  if (FindCoupon(serial) == nullptr) return {};
  const auto [number, ordinal] = coupon_of_serial_.at(serial);
  ModelCampaign& campaign = campaigns_.at(number);
  return {.campaign = &campaign, .coupon = &campaign.coupons[ordinal]};
}

std::optional<ModelOutcome> Model::AnswerRepeated(const std::optional<RequestKey>& request) const {
  if (!request) return std::nullopt;
  const auto known = requests_.find(request->digest);
  if (known == requests_.end()) return std::nullopt;
  if (known->second.content != request->content) return Refused(RefusalReason::kRequestIdReused);
  return ModelOutcome{.kind = ModelOutcome::Kind::kRepeated,
                      .sequence = known->second.sequence,
                      .campaign = {},
                      .serial = {}};
}

void Model::Remember(const std::optional<RequestKey>& request) {
  if (request) requests_[request->digest] = {last_, request->content};
}

ModelOutcome Model::Become(const Found& found, CouponStatus status, const ModelCounts& counted,
                           const std::optional<RequestKey>& request, Timestamp time, Event event) {
  ModelOutcome outcome =
      Happened(ModelOutcome::Kind::kChanged, found.campaign->number, time, std::move(event));
  if (status.redemption) status.redemption->sequence = outcome.sequence;
  found.coupon->changes.push_back({.since = outcome.sequence, .status = std::move(status)});
  const ModelCounts& before = found.campaign->counts.back();
  found.campaign->counts.push_back({.since = outcome.sequence,
                                    .redeemed = before.redeemed + counted.redeemed,
                                    .voided = before.voided + counted.voided,
                                    .returned = before.returned + counted.returned});
  Remember(request);
  return outcome;
}

ModelOutcome Model::JudgeCommand(const RedeemCoupon& command, Timestamp time) {
  const Found found = FindForChange(command.serial);
  if (!IsMeant(found, command.campaign_id)) return Refused(RefusalReason::kNoSuchCoupon);
  if (auto answer = AnswerRepeated(command.request)) return *std::move(answer);
  const CouponStatus status = found.coupon->status();
  const ModelState& state = found.campaign->state();
  const Timestamp expire_time = found.coupon->ExpiryUnder(state.terms);
  const std::optional<Claim>& user = found.coupon->holder;
  // Whoever got another coupon in place of a freed one, by the same claim, holds that one alone.
  const bool is_held =
      user && (found.coupon->request_key || found.campaign->HasLast(*user, command.serial));
  const bool is_theirs = is_held && (user == command.holder || user == command.holder_as_sent);
  const bool is_anothers = !is_theirs && (command.holder || state.terms.redeem_by_holder_only);
  if (status.voided_at) return Refused(RefusalReason::kCouponVoided);
  if (status.redemption) {
    return Refused({.reason = RefusalReason::kCouponAlreadyRedeemed, .present = PresentOf(status)});
  }
  if (is_anothers) return Refused(RefusalReason::kWrongHolder);
  if (expire_time <= time) return Refused(RefusalReason::kCouponExpired, expire_time);
  if (time < state.terms.redeem_start_time) {
    return Refused(RefusalReason::kCouponNotYetValid, state.terms.redeem_start_time);
  }
  if (state.paused.redeeming) return Refused(RefusalReason::kRedeemingPaused);
  if (command.validate_only) return Validated();
  const CouponStatus redeemed{.state = CouponState::kRedeemed,
                              .redemption = Redemption{.sequence = {},
                                                       .redeemed_at = time,
                                                       .order_ref = command.order_ref,
                                                       .redeemed_by = command.redeemed_by,
                                                       .request_id = command.request_id,
                                                       .key = key_},
                              .claim_freed = status.claim_freed};
  return Become(found, redeemed, {.redeemed = 1}, command.request, time,
                CouponRedeemed{.campaign = found.campaign->number,
                               .serial = command.serial,
                               .order_ref = command.order_ref,
                               .redeemed_by = command.redeemed_by,
                               .request_id = command.request_id,
                               .request = command.request});
}

ModelOutcome Model::JudgeCommand(const CancelRedemption& command, Timestamp time) {
  if (command.reason.size() > kReasonBytesMax) return Refused(RefusalReason::kReasonTooLong);
  const Found found = FindForChange(command.serial);
  if (!IsMeant(found, command.campaign_id)) return Refused(RefusalReason::kNoSuchCoupon);
  if (auto answer = AnswerRepeated(command.request)) return *std::move(answer);
  const CouponStatus status = found.coupon->status();
  const bool is_meant =
      status.redemption && status.redemption->sequence == NamedBy(command, requests_);
  const auto reason = FirstOf({
      {status.voided_at.has_value(), RefusalReason::kCouponVoided},
      {!is_meant, RefusalReason::kNotRedeemed},
  });
  if (reason) return Refused({.reason = *reason, .present = PresentOf(status)});
  const CouponStatus issued{.claim_freed = status.claim_freed};
  return Become(found, issued, {.redeemed = -1}, command.request, time,
                RedemptionCanceled{.campaign = found.campaign->number,
                                   .serial = command.serial,
                                   .redemption = status.redemption->sequence,
                                   .reason = command.reason,
                                   .request = command.request});
}

ModelOutcome Model::JudgeCommand(const VoidCoupon& command, Timestamp time) {
  if (command.reason.size() > kReasonBytesMax) return Refused(RefusalReason::kReasonTooLong);
  const Found found = FindForChange(command.serial);
  if (!IsMeant(found, command.campaign_id)) return Refused(RefusalReason::kNoSuchCoupon);
  if (auto answer = AnswerRepeated(command.request)) return *std::move(answer);
  ModelCampaign& campaign = *found.campaign;
  const CouponStatus before = found.coupon->status();
  const CouponState after = command.return_to_pool ? CouponState::kReturned : CouponState::kVoided;
  const bool is_so = before.state == after;
  if (is_so && (before.claim_freed || !command.free_claim)) return Unchanged(campaign.number);
  // A place that is issued again needs a serial of its own.
  std::uint64_t serials = 0;
  for (const SerialRange& range : campaign.state().serials) serials += range.count;
  const auto needed = static_cast<std::uint64_t>(campaign.state().terms.total_coupons +
                                                 campaign.counts.back().returned + 1);
  const bool lacks_one = command.return_to_pool && !is_so && needed > serials;
  const auto reason = FirstOf({
      {before.state == CouponState::kRedeemed, RefusalReason::kCouponAlreadyRedeemed},
      {before.state == CouponState::kReturned && !is_so, RefusalReason::kCouponVoided},
      {lacks_one && !HasSerials(kReserveForReturns), RefusalReason::kSerialsExhausted},
  });
  if (reason) return Refused({.reason = *reason, .present = PresentOf(before)});
  CouponVoided event{.campaign = campaign.number,
                     .serial = command.serial,
                     .returned = command.return_to_pool,
                     .reason = command.reason,
                     .added_serials = {},
                     .request = command.request,
                     .claim_freed = command.free_claim && !before.claim_freed};
  if (lacks_one) {
    event.added_serials = SerialRange{.first = next_serial_, .count = kReserveForReturns};
    next_serial_ = next_serial_.Plus(kReserveForReturns);
  }
  const std::optional<SerialRange> added = event.added_serials;
  const CouponStatus status{.state = after,
                            .redemption = {},
                            .voided_at = is_so ? before.voided_at : time,
                            .void_reason = is_so ? before.void_reason : command.reason,
                            .claim_freed = before.claim_freed || command.free_claim};
  const ModelCounts counted =
      is_so ? ModelCounts{}
      : command.return_to_pool
          ? ModelCounts{.voided = before.state == CouponState::kVoided ? -1 : 0, .returned = 1}
          : ModelCounts{.voided = 1};
  const bool reopens = command.return_to_pool && !is_so && campaign.state().sold_out_at.has_value();
  ModelOutcome outcome = Become(found, status, counted, command.request, time, std::move(event));
  if (added || reopens) {
    ModelState next = campaign.state();
    next.since = outcome.sequence;
    if (added) next.serials.push_back(*added);
    if (reopens) next.sold_out_at.reset();
    campaign.states.push_back(std::move(next));
  }
  return outcome;
}

}  // namespace coupond::test
