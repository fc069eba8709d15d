#include "support/model.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

#include "support/model_limits.h"

namespace coupond::test {
namespace {

template <typename Map, typename Key>
std::optional<CampaignNumber> NumberOf(const Map& numbers, const Key& key) {
  const auto found = numbers.find(key);
  if (found == numbers.end()) return std::nullopt;
  return found->second;
}

/// Returns the start of a campaign that is created at `time`, in nanoseconds since 1970; `time` if
/// the command names no start.
Wide StartOf(const CreateCampaign& command, Timestamp time) {
  const Wide now = time.unix_nanoseconds();
  if (!command.start_time) return now;
  const auto* moment = std::get_if<Timestamp>(&*command.start_time);
  if (moment != nullptr) return moment->unix_nanoseconds();
  return now + std::get<std::chrono::nanoseconds>(*command.start_time).count();
}

}  // namespace

std::size_t ModelCampaign::IssuedAt(Sequence sequence) const {
  const auto later = std::partition_point(
      coupons.begin(), coupons.end(),
      [sequence](const ModelCoupon& coupon) { return coupon.sequence <= sequence; });
  return static_cast<std::size_t>(later - coupons.begin());
}

const ModelState& ModelCampaign::StateAt(Sequence sequence) const {
  const auto later =
      std::partition_point(states.begin(), states.end(),
                           [sequence](const ModelState& state) { return state.since <= sequence; });
  return *std::prev(later);
}

const ModelCounts& ModelCampaign::CountsAt(Sequence sequence) const {
  const auto later = std::partition_point(
      counts.begin(), counts.end(),
      [sequence](const ModelCounts& change) { return change.since <= sequence; });
  return *std::prev(later);
}

Campaign ModelCampaign::ShownAt(Sequence sequence) const {
  const ModelState& then = StateAt(sequence);
  const ModelCounts& count = CountsAt(sequence);
  SerialRanges serials(then.serials.front());
  for (std::size_t i = 1; i < then.serials.size(); ++i) serials.Add(then.serials[i]);
  return {.number = number,
          .id = id,
          .terms = then.terms,
          .serials = std::move(serials),
          .issued_coupons = static_cast<std::int64_t>(IssuedAt(sequence)) - count.returned,
          .redeemed_coupons = count.redeemed,
          .voided_coupons = count.voided,
          .returned_coupons = count.returned,
          .created_at = created_at,
          .revision = then.revision,
          .paused = then.paused,
          .sold_out_at = then.sold_out_at,
          .archived_at = then.archived_at,
          .issued_to_users = first_to_user && *first_to_user <= sequence};
}

ModelOutcome Model::Judge(const Command& command, Timestamp time, KeyId key) {
  key_ = key;
  return std::visit([&](const auto& body) { return JudgeCommand(body, time); }, command);
}

const ModelCampaign* Model::Find(const CampaignId& id) const {
  const auto number = NumberOf(number_by_id_, id);
  return number ? &campaigns_.at(*number) : nullptr;
}

ModelCampaign* Model::FindForChange(const CampaignId& id) {
  const auto number = NumberOf(number_by_id_, id);
  return number ? &campaigns_.at(*number) : nullptr;
}

CampaignNumber Model::next_campaign_number() const {
  return campaigns_.empty() ? first_campaign_ : campaigns_.rbegin()->first.Next();
}

std::pair<CampaignNumber, Serial> Model::NextNumbersAt(Sequence at) const {
  std::pair<CampaignNumber, Serial> next(first_campaign_, first_serial_);
  for (const auto& [number, campaign] : campaigns_) {
    if (campaign.created > at) break;
    const SerialRange& last = campaign.StateAt(at).serials.back();
    next = {number.Next(), std::max(next.second, last.first.Plus(last.count))};
  }
  for (const auto& [since, first] : put_back_) {
    if (since <= at) next.second = std::max(next.second, first);
  }
  return next;
}

bool Model::IsTaken(const std::optional<std::string>& name,
                    const std::optional<std::string>& name_as_sent,
                    std::optional<CampaignNumber> than) const {
  for (const auto& text : {name, name_as_sent}) {
    if (!text) continue;
    const auto holder = NumberOf(number_by_name_, *text);
    if (holder && holder != than) return true;
  }
  return false;
}

bool Model::HasSerials(std::uint64_t count) const {
  return next_serial_.value() + count >= next_serial_.value();
}

ModelOutcome Model::JudgeCommand(const CreateCampaign& command, Timestamp time) {
  if (auto answer = AnswerRepeated(command.request)) return *std::move(answer);
  const Wide start = StartOf(command, time);
  const Wide end = command.end_time.unix_nanoseconds();
  const Wide redeem_start = command.redeem_start_time.unix_nanoseconds();
  const Wide first_expires = std::min<Wide>(command.expire_time.unix_nanoseconds(),
                                            start + command.valid_duration.count());
  const auto total = static_cast<std::uint64_t>(command.total_coupons);
  const auto reason = FirstOf({
      {command.name.empty(), RefusalReason::kNameEmpty},
      {CountCharacters(command.name) > kNameCharactersMax, RefusalReason::kNameTooLong},
      {command.total_coupons < 1, RefusalReason::kTotalTooSmall},
      {command.total_coupons > kTotalMax, RefusalReason::kTotalTooLarge},
      {!command.start_time.has_value(), RefusalReason::kStartTimeMissing},
      {start < time.unix_nanoseconds(), RefusalReason::kStartTimeInPast},
      {IsInYear2200OrLater(start), RefusalReason::kStartTimeTooLate},
      {CountCharacters(command.description) > kDescriptionCharactersMax,
       RefusalReason::kDescriptionTooLong},
      {IsTooLate(command.end_time, kNever), RefusalReason::kEndTimeTooLate},
      {command.coupons_per_user < 1 || command.coupons_per_user > kCouponsPerUserMax,
       RefusalReason::kCouponsPerUserOutOfRange},
      {IsTooLate(command.redeem_start_time, kAlways), RefusalReason::kRedeemStartTimeTooLate},
      {IsTooLate(command.expire_time, kNever), RefusalReason::kExpireTimeTooLate},
      {IsOutOfRange(command.valid_duration), RefusalReason::kValidDurationOutOfRange},
      {IsTooLarge(command.metadata), RefusalReason::kMetadataTooLarge},
      {end <= start, RefusalReason::kEndTimeNotAfterStart},
      {first_expires <= start || first_expires <= redeem_start, RefusalReason::kExpireTimeTooEarly},
      {IsTaken(command.name, command.name_as_sent), RefusalReason::kNameTaken},
      {number_by_name_.size() >= kLiveCampaignsMax, RefusalReason::kTooManyCampaigns},
      {!HasSerials(total), RefusalReason::kSerialsExhausted},
  });
  if (reason) return Refused(*reason);
  if (command.validate_only) return Validated();
  const CampaignNumber number = next_campaign_number();
  const CampaignTerms terms{
      .name = command.name,
      .total_coupons = command.total_coupons,
      .start_time = Timestamp::FromUnixNanoseconds(static_cast<std::int64_t>(start)),
      .end_time = command.end_time,
      .description = command.description,
      .metadata = command.metadata,
      .coupons_per_user = command.coupons_per_user,
      .user_required = command.user_required,
      .redeem_start_time = command.redeem_start_time,
      .expire_time = command.expire_time,
      .valid_duration = command.valid_duration,
      .redeem_by_holder_only = command.redeem_by_holder_only};
  ModelOutcome outcome = Happened(ModelOutcome::Kind::kCreated, number, time,
                                  CampaignCreated{.number = number,
                                                  .id = command.id,
                                                  .terms = terms,
                                                  .first_serial = next_serial_,
                                                  .request = command.request});
  outcome.serial = next_serial_;
  outcome.at = terms.start_time;
  campaigns_[number] = ModelCampaign{
      .number = number,
      .id = command.id,
      .created_at = time,
      .created = outcome.sequence,
      .deleted = {},
      .states = {ModelState{.since = outcome.sequence,
                            .terms = terms,
                            .serials = {SerialRange{.first = next_serial_, .count = total}},
                            .revision = outcome.sequence}},
      .counts = {ModelCounts{.since = outcome.sequence}},
      .coupons = {},
      .coupon_of_claim = {},
      .coupons_of_holder = {},
      .first_to_user = {}};
  number_by_name_[command.name] = number;
  number_by_id_[command.id] = number;
  next_serial_ = next_serial_.Plus(total);
  Remember(command.request);
  return outcome;
}

ModelOutcome Model::JudgeCommand(const DeleteCampaign& command, Timestamp time) {
  // The campaigns that the name may denote, the most likely first.
  std::vector<CampaignNumber> named;
  for (const auto& name : {command.name, command.name_as_sent}) {
    if (!name) continue;
    if (const auto found = NumberOf(number_by_name_, *name)) named.push_back(*found);
  }
  std::optional<CampaignNumber> number;
  if (command.campaign_id) {
    number = NumberOf(number_by_id_, *command.campaign_id);
    // If both are given, both must match.
    if (command.name && number && std::ranges::find(named, *number) == named.end()) number.reset();
  } else if (!named.empty()) {
    number = named.front();
  }
  if (!number) return Refused(RefusalReason::kNoSuchCampaign);
  ModelCampaign& campaign = campaigns_.at(*number);
  ModelOutcome outcome =
      Happened(ModelOutcome::Kind::kDeleted, *number, time, CampaignDeleted{.campaign = *number});
  campaign.deleted = outcome.sequence;
  number_by_name_.erase(campaign.state().terms.name);
  number_by_id_.erase(campaign.id);
  return outcome;
}

ModelOutcome Model::Refused(const Refusal& refusal) const {
  return ModelOutcome{.kind = ModelOutcome::Kind::kRefused,
                      .sequence = last_,
                      .campaign = {},
                      .serial = {},
                      .reason = refusal.reason,
                      .at = refusal.at,
                      .coupons = refusal.coupons,
                      .present = refusal.present};
}

ModelOutcome Model::Unchanged(CampaignNumber campaign) const {
  return ModelOutcome{.kind = ModelOutcome::Kind::kUnchanged,
                      .sequence = last_,
                      .campaign = campaign,
                      .serial = {}};
}

ModelOutcome Model::Validated() const {
  return ModelOutcome{
      .kind = ModelOutcome::Kind::kValidated, .sequence = last_, .campaign = {}, .serial = {}};
}

ModelOutcome Model::Happened(ModelOutcome::Kind kind, CampaignNumber campaign, Timestamp time,
                             Event event) {
  last_ = last_.Next();
  last_event_time_ = time;
  return ModelOutcome{.kind = kind,
                      .sequence = last_,
                      .campaign = campaign,
                      .serial = {},
                      .event = std::move(event)};
}

}  // namespace coupond::test
