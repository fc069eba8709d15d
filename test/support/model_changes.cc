#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "support/model.h"
#include "support/model_limits.h"

// What the model expects of commands that change a campaign, and of a store that is put back.
namespace coupond::test {
namespace {

std::uint64_t CountOf(const std::vector<SerialRange>& ranges) {
  std::uint64_t count = 0;
  for (const SerialRange& range : ranges) count += range.count;
  return count;
}

/// Sets the time at which the campaign sold out, or clears it if coupons are left.
void NoteWhetherSoldOut(ModelState& state, std::int64_t places, Timestamp time) {
  const bool is_sold_out = places == state.terms.total_coupons;
  if (!is_sold_out) {
    state.sold_out_at = std::nullopt;
  } else if (!state.sold_out_at.has_value()) {
    state.sold_out_at = time;
  }
}

/// Returns the terms with new values.
CampaignTerms With(CampaignTerms terms, const TermChanges& changes) {
  if (changes.name) terms.name = *changes.name;
  if (changes.total_coupons) terms.total_coupons = *changes.total_coupons;
  if (changes.start_time) terms.start_time = *changes.start_time;
  if (changes.end_time) terms.end_time = *changes.end_time;
  if (changes.description) terms.description = *changes.description;
  if (changes.metadata) terms.metadata = *changes.metadata;
  if (changes.coupons_per_user) terms.coupons_per_user = *changes.coupons_per_user;
  if (changes.user_required) terms.user_required = *changes.user_required;
  if (changes.redeem_start_time) terms.redeem_start_time = *changes.redeem_start_time;
  if (changes.expire_time) terms.expire_time = *changes.expire_time;
  if (changes.valid_duration) terms.valid_duration = *changes.valid_duration;
  if (changes.redeem_by_holder_only) terms.redeem_by_holder_only = *changes.redeem_by_holder_only;
  return terms;
}

/// Reports whether coupons would expire sooner, or before anyone could redeem them.
bool ExpiresTooEarly(const CampaignTerms& before, const CampaignTerms& after, std::size_t issued) {
  const bool is_sooner =
      after.expire_time < before.expire_time || after.valid_duration < before.valid_duration;
  const Timestamp first_expires =
      std::min(after.expire_time, after.start_time.PlusUpToTheEnds(after.valid_duration));
  return (is_sooner && issued > 0) || first_expires <= after.start_time ||
         first_expires <= after.redeem_start_time;
}

/// Returns the number of serials that the campaign must get for a total: each returned place has
/// used up one more.
std::uint64_t LackingFor(std::int64_t total_coupons, const ModelState& state,
                         std::int64_t returned) {
  const auto reserved = static_cast<std::int64_t>(CountOf(state.serials));
  const std::int64_t needed = total_coupons + returned;
  return needed > reserved ? static_cast<std::uint64_t>(needed - reserved) : 0;
}

}  // namespace

std::optional<RefusalReason> Model::ReasonToRefuse(const UpdateCampaign& command,
                                                   const ModelCampaign* campaign,
                                                   Timestamp time) const {
  const ModelState state = campaign == nullptr ? ModelState{} : campaign->state();
  const std::size_t issued = campaign == nullptr ? 0 : campaign->coupons.size();
  const std::int64_t places = campaign == nullptr ? 0 : campaign->places();
  const std::int64_t returned = campaign == nullptr ? 0 : campaign->counts.back().returned;
  const TermChanges& changes = command.changes;
  const CampaignTerms terms = With(state.terms, changes);
  // A start that the campaign has already is none that is set.
  const bool sets_start =
      changes.start_time && (campaign == nullptr || terms.start_time != state.terms.start_time);
  // At 1 the user is the key, and at more the request.
  const bool changes_kind_of_key =
      campaign != nullptr && (terms.coupons_per_user == 1) != (state.terms.coupons_per_user == 1);
  return FirstOf({
      {terms.name.empty() && changes.name, RefusalReason::kNameEmpty},
      {CountCharacters(terms.name) > kNameCharactersMax, RefusalReason::kNameTooLong},
      {terms.total_coupons < 1 && changes.total_coupons, RefusalReason::kTotalTooSmall},
      {terms.total_coupons > kTotalMax, RefusalReason::kTotalTooLarge},
      {sets_start && terms.start_time < time, RefusalReason::kStartTimeInPast},
      {sets_start && IsInYear2200OrLater(terms.start_time.unix_nanoseconds()),
       RefusalReason::kStartTimeTooLate},
      {CountCharacters(terms.description) > kDescriptionCharactersMax,
       RefusalReason::kDescriptionTooLong},
      {IsTooLate(terms.end_time, kNever), RefusalReason::kEndTimeTooLate},
      {terms.coupons_per_user < 1 || terms.coupons_per_user > kCouponsPerUserMax,
       RefusalReason::kCouponsPerUserOutOfRange},
      {IsTooLate(terms.redeem_start_time, kAlways), RefusalReason::kRedeemStartTimeTooLate},
      {IsTooLate(terms.expire_time, kNever), RefusalReason::kExpireTimeTooLate},
      {IsOutOfRange(terms.valid_duration), RefusalReason::kValidDurationOutOfRange},
      {IsTooLarge(terms.metadata), RefusalReason::kMetadataTooLarge},
      {campaign == nullptr, RefusalReason::kNoSuchCampaign},
      {state.archived_at.has_value(), RefusalReason::kCampaignArchived},
      {command.if_revision && *command.if_revision != state.revision,
       RefusalReason::kChangedMeanwhile},
      {sets_start && issued > 0, RefusalReason::kStartTimeFixed},
      {terms.total_coupons < places, RefusalReason::kTotalBelowIssued},
      {terms.end_time <= terms.start_time, RefusalReason::kEndTimeNotAfterStart},
      {ExpiresTooEarly(state.terms, terms, issued), RefusalReason::kExpireTimeTooEarly},
      {changes_kind_of_key && campaign->first_to_user, RefusalReason::kCouponsPerUserFixed},
      {campaign != nullptr && IsTaken(changes.name, command.name_as_sent, campaign->number),
       RefusalReason::kNameTaken},
      {!HasSerials(LackingFor(terms.total_coupons, state, returned)),
       RefusalReason::kSerialsExhausted},
  });
}

ModelOutcome Model::JudgeCommand(const UpdateCampaign& command, Timestamp time) {
  if (auto answer = AnswerRepeated(command.request)) return *std::move(answer);
  ModelCampaign* const campaign = FindForChange(command.campaign_id);
  if (const auto reason = ReasonToRefuse(command, campaign, time)) {
    Refusal refusal{.reason = *reason};
    if (*reason == RefusalReason::kChangedMeanwhile) refusal.present = campaign->state().revision;
    if (*reason == RefusalReason::kTotalBelowIssued) refusal.coupons = campaign->places();
    return Refused(refusal);
  }
  ModelState next = campaign->state();
  const CampaignTerms old = next.terms;
  // A term that keeps its value is no change, except the texts, which nobody compares.
  TermChanges changes = command.changes;
  if (changes.name == old.name || command.name_as_sent == old.name) changes.name.reset();
  if (changes.total_coupons == old.total_coupons) changes.total_coupons.reset();
  if (changes.start_time == old.start_time) changes.start_time.reset();
  if (changes.end_time == old.end_time) changes.end_time.reset();
  if (changes.coupons_per_user == old.coupons_per_user) changes.coupons_per_user.reset();
  if (changes.user_required == old.user_required) changes.user_required.reset();
  if (changes.redeem_start_time == old.redeem_start_time) changes.redeem_start_time.reset();
  if (changes.expire_time == old.expire_time) changes.expire_time.reset();
  if (changes.valid_duration == old.valid_duration) changes.valid_duration.reset();
  if (changes.redeem_by_holder_only == old.redeem_by_holder_only) {
    changes.redeem_by_holder_only.reset();
  }
  next.terms = With(old, changes);
  if (changes == TermChanges{}) return Unchanged(campaign->number);
  if (command.validate_only) return Validated();

  CampaignUpdated event{.campaign = campaign->number,
                        .changes = changes,
                        .added_serials = {},
                        .request = command.request};
  const std::uint64_t lacking =
      LackingFor(next.terms.total_coupons, next, campaign->counts.back().returned);
  if (lacking > 0) {
    event.added_serials = SerialRange{.first = next_serial_, .count = lacking};
    next.serials.push_back(*event.added_serials);
    next_serial_ = next_serial_.Plus(lacking);
  }
  number_by_name_.erase(old.name);
  number_by_name_[next.terms.name] = campaign->number;
  NoteWhetherSoldOut(next, campaign->places(), time);
  ModelOutcome outcome =
      Happened(ModelOutcome::Kind::kChanged, campaign->number, time, std::move(event));
  next.since = next.revision = outcome.sequence;
  campaign->states.push_back(std::move(next));
  Remember(command.request);
  return outcome;
}

ModelOutcome Model::JudgeCommand(const SetPaused& command, Timestamp time) {
  if (command.reason.size() > kReasonBytesMax) return Refused(RefusalReason::kReasonTooLong);
  ModelCampaign* const campaign = FindForChange(command.campaign_id);
  if (campaign == nullptr) return Refused(RefusalReason::kNoSuchCampaign);
  ModelState next = campaign->state();
  if (next.archived_at) return Refused(RefusalReason::kCampaignArchived);
  if (command.activities.issuing) next.paused.issuing = command.paused;
  if (command.activities.redeeming) next.paused.redeeming = command.paused;
  const Activities before = campaign->state().paused;
  const Activities changed{.issuing = next.paused.issuing != before.issuing,
                           .redeeming = next.paused.redeeming != before.redeeming};
  if (changed == Activities{}) return Unchanged(campaign->number);
  const CampaignNumber number = campaign->number;
  const Event event =
      command.paused ? Event(CampaignPaused{
                           .campaign = number, .activities = changed, .reason = command.reason})
                     : Event(CampaignResumed{
                           .campaign = number, .activities = changed, .reason = command.reason});
  ModelOutcome outcome = Happened(ModelOutcome::Kind::kChanged, number, time, event);
  next.since = outcome.sequence;
  campaign->states.push_back(std::move(next));
  return outcome;
}

void Model::PutBack(Serial first, Timestamp time) {
  last_ = last_.Next();
  last_event_time_ = time;
  put_back_[last_] = first;
  next_serial_ = first;
  for (auto& [number, campaign] : campaigns_) {
    if (campaign.deleted) continue;
    ModelState next = campaign.state();
    next.since = last_;
    next.serials.clear();
    std::uint64_t coupons = campaign.coupons.size();  // whose serials are not yet found
    for (const SerialRange& had : campaign.state().serials) {
      const std::uint64_t used = std::min(had.count, coupons);
      coupons -= used;
      if (used > 0) next.serials.push_back({.first = had.first, .count = used});
      if (used == had.count) continue;
      given_up_.push_back(
          {.since = last_,
           .serials = {.first = Serial(had.first.value() + used), .count = had.count - used}});
    }
    const auto lacking = static_cast<std::uint64_t>(next.terms.total_coupons - campaign.places());
    if (lacking > 0) next.serials.push_back({.first = next_serial_, .count = lacking});
    next_serial_ = Serial(next_serial_.value() + lacking);
    campaign.states.push_back(std::move(next));
  }
}

ModelOutcome Model::JudgeCommand(const SetArchived& command, Timestamp time) {
  ModelCampaign* const campaign = FindForChange(command.campaign_id);
  if (campaign == nullptr) return Refused(RefusalReason::kNoSuchCampaign);
  const CampaignNumber number = campaign->number;
  ModelState next = campaign->state();
  if (next.archived_at.has_value() == command.archived) return Unchanged(number);
  next.archived_at = command.archived ? std::optional(time) : std::nullopt;
  ModelOutcome outcome = Happened(ModelOutcome::Kind::kChanged, number, time,
                                  command.archived ? Event(CampaignArchived{.campaign = number})
                                                   : Event(CampaignUnarchived{.campaign = number}));
  next.since = outcome.sequence;
  campaign->states.push_back(std::move(next));
  return outcome;
}

}  // namespace coupond::test
