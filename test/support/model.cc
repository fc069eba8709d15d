#include "support/model.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <variant>
#include <vector>

#include "base/check.h"

namespace coupond::test {
namespace {

// The promises of docs/API.md, written a second time on purpose.
constexpr std::int64_t kTotalMax = 100'000'000;
constexpr std::size_t kNameCharactersMax = 200;
constexpr std::size_t kLiveCampaignsMax = 1'000'000;
constexpr std::int64_t kYear2200UnixSeconds = 7'258'118'400;
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

/// Returns the number of characters in valid UTF-8.
std::size_t CountCharacters(std::string_view text) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++characters) {
    const auto lead = static_cast<unsigned char>(text[at]);
    at += lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  }
  return characters;
}

template <typename Map, typename Key>
std::optional<CampaignNumber> NumberOf(const Map& numbers, const Key& key) {
  const auto found = numbers.find(key);
  if (found == numbers.end()) return std::nullopt;
  return found->second;
}

/// Wide enough for the sum of any two times.
using Wide = __int128;

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

ModelOutcome Model::Judge(const Command& command, Timestamp time) {
  return std::visit([&](const auto& body) { return JudgeCommand(body, time); }, command);
}

const ModelCampaign* Model::Find(const CampaignId& id) const {
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
    next = {number.Next(),
            campaign.first_serial.Plus(static_cast<std::uint64_t>(campaign.total_coupons))};
  }
  return next;
}

ModelOutcome Model::JudgeCommand(const CreateCampaign& command, Timestamp time) {
  const bool name_taken =
      number_by_name_.contains(command.name) ||
      (command.name_as_sent.has_value() && number_by_name_.contains(*command.name_as_sent));
  const Wide start = StartOf(command, time);
  const std::array<std::pair<bool, RefusalReason>, 10> reasons = {{
      {command.name.empty(), RefusalReason::kNameEmpty},
      {CountCharacters(command.name) > kNameCharactersMax, RefusalReason::kNameTooLong},
      {command.total_coupons < 1, RefusalReason::kTotalTooSmall},
      {command.total_coupons > kTotalMax, RefusalReason::kTotalTooLarge},
      {!command.start_time.has_value(), RefusalReason::kStartTimeMissing},
      {start < time.unix_nanoseconds(), RefusalReason::kStartTimeInPast},
      {start / kNanosecondsPerSecond >= kYear2200UnixSeconds, RefusalReason::kStartTimeTooLate},
      {name_taken, RefusalReason::kNameTaken},
      {number_by_name_.size() >= kLiveCampaignsMax, RefusalReason::kTooManyCampaigns},
      {next_serial_.value() + static_cast<std::uint64_t>(command.total_coupons) <
           next_serial_.value(),
       RefusalReason::kSerialsExhausted},
  }};
  for (const auto& [holds, reason] : reasons) {
    if (holds) return Refused(reason);
  }
  const CampaignNumber number = next_campaign_number();
  ModelOutcome outcome = Happened(ModelOutcome::Kind::kCreated, number, next_serial_, time);
  outcome.start_time = Timestamp::FromUnixNanoseconds(static_cast<std::int64_t>(start));
  campaigns_[number] = ModelCampaign{.number = number,
                                     .id = command.id,
                                     .name = command.name,
                                     .total_coupons = command.total_coupons,
                                     .start_time = outcome.start_time,
                                     .created_at = time,
                                     .first_serial = next_serial_,
                                     .created = outcome.sequence,
                                     .deleted = {},
                                     .coupons = {},
                                     .coupon_of_claim = {}};
  number_by_name_[command.name] = number;
  number_by_id_[command.id] = number;
  next_serial_ = next_serial_.Plus(static_cast<std::uint64_t>(command.total_coupons));
  return outcome;
}

ModelOutcome Model::JudgeCommand(const IssueCoupon& command, Timestamp time) {
  const auto number = NumberOf(number_by_id_, command.campaign_id);
  if (!number) return Refused(RefusalReason::kNoSuchCampaign);
  ModelCampaign& campaign = campaigns_.at(*number);
  // A caller with a coupon gets the same one, sold out or not, under either form of the id.
  auto known = campaign.coupon_of_claim.end();
  if (command.claim_as_sent) known = campaign.coupon_of_claim.find(*command.claim_as_sent);
  if (command.claim && campaign.coupon_of_claim.contains(*command.claim)) {
    known = campaign.coupon_of_claim.find(*command.claim);
  }
  if (known != campaign.coupon_of_claim.end()) {
    const ModelCoupon& held = campaign.coupons[known->second];
    return ModelOutcome{.kind = ModelOutcome::Kind::kHeld,
                        .sequence = last_,
                        .campaign = campaign.number,
                        .serial = held.serial,
                        .issued_at = held.issued_at,
                        .found_as_sent = held.claim != command.claim,
                        .reason = {},
                        .start_time = {}};
  }
  if (campaign.start_time > time) {
    ModelOutcome refused = Refused(RefusalReason::kNotStarted);
    refused.start_time = campaign.start_time;
    return refused;
  }
  const std::size_t ordinal = campaign.coupons.size();
  if (ordinal == static_cast<std::size_t>(campaign.total_coupons)) {
    return Refused(RefusalReason::kSoldOut);
  }
  const Serial serial(campaign.first_serial.value() + ordinal);
  ModelOutcome outcome = Happened(ModelOutcome::Kind::kIssued, campaign.number, serial, time);
  outcome.issued_at = time;
  if (command.claim) campaign.coupon_of_claim[*command.claim] = ordinal;
  campaign.coupons.push_back(ModelCoupon{.serial = serial,
                                         .issued_at = time,
                                         .sequence = outcome.sequence,
                                         .claim = command.claim,
                                         .user_id = command.user_id});
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
  const ModelOutcome outcome =
      Happened(ModelOutcome::Kind::kDeleted, campaign.number, Serial(0), time);
  campaign.deleted = outcome.sequence;
  number_by_name_.erase(campaign.name);
  number_by_id_.erase(campaign.id);
  return outcome;
}

ModelOutcome Model::Refused(RefusalReason reason) const {
  return ModelOutcome{.kind = ModelOutcome::Kind::kRefused,
                      .sequence = last_,
                      .campaign = {},
                      .serial = {},
                      .reason = reason,
                      .start_time = {}};
}

ModelOutcome Model::Happened(ModelOutcome::Kind kind, CampaignNumber campaign, Serial serial,
                             Timestamp time) {
  last_ = last_.Next();
  last_event_time_ = time;
  return ModelOutcome{.kind = kind,
                      .sequence = last_,
                      .campaign = campaign,
                      .serial = serial,
                      .reason = {},
                      .start_time = {}};
}

namespace {

/// Reports whether the reply has the expected outcome, whatever the time of its decision.
bool SameOutcome(const ModelOutcome& expected, const Reply::Outcome& outcome) {
  using Kind = ModelOutcome::Kind;
  if (const auto* granted = std::get_if<GrantedCoupon>(&outcome)) {
    const Kind kind = granted->already_issued ? Kind::kHeld : Kind::kIssued;
    return expected.kind == kind && expected.campaign == granted->campaign &&
           expected.serial == granted->serial && expected.issued_at == granted->issued_at &&
           expected.found_as_sent == granted->found_as_sent;
  }
  if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
    return expected.kind == Kind::kRefused && expected.reason == refusal->reason &&
           expected.start_time == refusal->start_time;
  }
  if (const auto* done = std::get_if<Done>(&outcome)) {
    return (expected.kind == Kind::kCreated || expected.kind == Kind::kDeleted) &&
           expected.start_time == done->start_time;
  }
  return false;
}

std::string Numbered(const std::string& what, std::uint64_t number) {
  return what + " " + std::to_string(number);
}

std::string IssuedAt(Timestamp time) { return " at " + std::to_string(time.unix_nanoseconds()); }

}  // namespace

std::optional<std::string> Difference(const ModelOutcome& expected, Timestamp time,
                                      const Reply& reply) {
  if (SameOutcome(expected, reply.outcome) && expected.sequence == reply.sequence &&
      time == reply.time) {
    return std::nullopt;
  }
  return "expected " + Describe(expected) + ", at " + std::to_string(time.unix_nanoseconds()) +
         "; got " + Describe(reply) + ", at " + std::to_string(reply.time.unix_nanoseconds());
}

std::string Describe(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::kNameEmpty:
      return "name_empty";
    case RefusalReason::kNameTooLong:
      return "name_too_long";
    case RefusalReason::kTotalTooSmall:
      return "total_too_small";
    case RefusalReason::kTotalTooLarge:
      return "total_too_large";
    case RefusalReason::kStartTimeMissing:
      return "start_time_missing";
    case RefusalReason::kStartTimeInPast:
      return "start_time_in_past";
    case RefusalReason::kStartTimeTooLate:
      return "start_time_too_late";
    case RefusalReason::kNameTaken:
      return "name_taken";
    case RefusalReason::kTooManyCampaigns:
      return "too_many_campaigns";
    case RefusalReason::kSerialsExhausted:
      return "serials_exhausted";
    case RefusalReason::kNoSuchCampaign:
      return "no_such_campaign";
    case RefusalReason::kNotStarted:
      return "not_started";
    case RefusalReason::kSoldOut:
      return "sold_out";
  }
  return "unknown";
}

std::string Describe(const ModelOutcome& outcome) {
  const std::string sequence = Numbered(", sequence", outcome.sequence.value());
  const std::string campaign = Numbered(" campaign", outcome.campaign.value());
  const std::string serial = Numbered(" serial", outcome.serial.value());
  const std::string issued_at = IssuedAt(outcome.issued_at);
  switch (outcome.kind) {
    case ModelOutcome::Kind::kCreated:
    case ModelOutcome::Kind::kDeleted:
      return "done" + sequence;
    case ModelOutcome::Kind::kIssued:
      return "issued" + campaign + serial + issued_at + sequence;
    case ModelOutcome::Kind::kHeld:
      return "already issued" + campaign + serial + issued_at + sequence;
    case ModelOutcome::Kind::kRefused:
      return "refused: " + Describe(outcome.reason) + sequence;
  }
  return "unknown";
}

std::string Describe(const Reply& reply) {
  const std::string sequence = Numbered(", sequence", reply.sequence.value());
  if (const auto* granted = std::get_if<GrantedCoupon>(&reply.outcome)) {
    return (granted->already_issued ? "already issued" : "issued") +
           Numbered(" campaign", granted->campaign.value()) +
           Numbered(" serial", granted->serial.value()) + IssuedAt(granted->issued_at) + sequence;
  }
  if (const auto* refusal = std::get_if<Refusal>(&reply.outcome)) {
    return "refused: " + Describe(refusal->reason) + sequence;
  }
  if (const auto* unavailable = std::get_if<Unavailable>(&reply.outcome)) {
    return std::string("unavailable, outcome ") +
           (unavailable->outcome_unknown ? "unknown" : "known") + sequence;
  }
  return "done" + sequence;
}

}  // namespace coupond::test
