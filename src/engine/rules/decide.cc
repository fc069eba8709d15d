#include "engine/rules/decide.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/decide_coupons.h"
#include "engine/rules/limits.h"

namespace coupond {
namespace {

/// Counts the code points of valid UTF-8: every byte but the continuation bytes begins one.
std::size_t CountCharacters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  }));
}

/// Returns the moment that a start time means in a command that is decided at `time`.
Timestamp MomentOf(const StartTime& start_time, Timestamp time) {
  if (const auto* wait = std::get_if<std::chrono::nanoseconds>(&start_time)) {
    return time.PlusUpToTheEnds(*wait);
  }
  return std::get<Timestamp>(start_time);
}

/// Returns the fault of a name, if it has one.
std::optional<RefusalReason> FindFaultOfName(std::string_view name) {
  if (name.empty()) return RefusalReason::kNameEmpty;
  if (CountCharacters(name) > limits::kCampaignNameMaxCharacters) {
    return RefusalReason::kNameTooLong;
  }
  return std::nullopt;
}

std::optional<RefusalReason> FindFaultOfTotal(std::int64_t total_coupons) {
  if (total_coupons < limits::kCouponsPerCampaignMin) return RefusalReason::kTotalTooSmall;
  if (total_coupons > limits::kCouponsPerCampaignMax) return RefusalReason::kTotalTooLarge;
  return std::nullopt;
}

std::optional<RefusalReason> FindFaultOfStart(Timestamp start_time, Timestamp time) {
  if (start_time < time) return RefusalReason::kStartTimeInPast;
  if (start_time >= limits::kStartTimeMax) return RefusalReason::kStartTimeTooLate;
  return std::nullopt;
}

std::optional<RefusalReason> FindFaultOfDescription(std::string_view description) {
  if (CountCharacters(description) <= limits::kDescriptionMaxCharacters) return std::nullopt;
  return RefusalReason::kDescriptionTooLong;
}

std::optional<RefusalReason> FindFaultOfEnd(Timestamp end_time) {
  if (end_time == kNever || end_time < limits::kStartTimeMax) return std::nullopt;
  return RefusalReason::kEndTimeTooLate;
}

std::optional<RefusalReason> FindFaultOfMetadata(const std::vector<MetadataEntry>& metadata) {
  std::size_t bytes = 0;
  for (const MetadataEntry& entry : metadata) {
    if (entry.key.size() > limits::kMetadataKeyMaxBytes ||
        entry.value.size() > limits::kMetadataValueMaxBytes) {
      return RefusalReason::kMetadataTooLarge;
    }
    bytes += entry.key.size() + entry.value.size();
  }
  if (metadata.size() <= limits::kMetadataEntriesMax && bytes <= limits::kMetadataMaxBytes) {
    return std::nullopt;
  }
  return RefusalReason::kMetadataTooLarge;
}

/// Returns the first fault of the command itself.
std::optional<RefusalReason> FindFault(const CreateCampaign& command, Timestamp time) {
  if (const auto fault = FindFaultOfName(command.name)) return fault;
  if (const auto fault = FindFaultOfTotal(command.total_coupons)) return fault;
  if (!command.start_time) return RefusalReason::kStartTimeMissing;
  if (const auto fault = FindFaultOfStart(MomentOf(*command.start_time, time), time)) return fault;
  if (const auto fault = FindFaultOfDescription(command.description)) return fault;
  if (const auto fault = FindFaultOfEnd(command.end_time)) return fault;
  return FindFaultOfMetadata(command.metadata);
}

/// Returns the first fault of the new terms themselves. `campaign` is the one that they are for, or
/// nullptr; a start time that it has already is no fault.
std::optional<RefusalReason> FindFault(const TermChanges& changes, const Campaign* campaign,
                                       Timestamp time) {
  std::optional<RefusalReason> fault;
  if (changes.name) fault = FindFaultOfName(*changes.name);
  if (!fault && changes.total_coupons) fault = FindFaultOfTotal(*changes.total_coupons);
  if (!fault && changes.start_time &&
      (campaign == nullptr || campaign->terms.start_time != *changes.start_time)) {
    fault = FindFaultOfStart(*changes.start_time, time);
  }
  if (!fault && changes.description) fault = FindFaultOfDescription(*changes.description);
  if (!fault && changes.end_time) fault = FindFaultOfEnd(*changes.end_time);
  if (!fault && changes.metadata) fault = FindFaultOfMetadata(*changes.metadata);
  return fault;
}

const LedgerCampaign* FindNamed(const Ledger& ledger, const std::optional<std::string>& name) {
  return name ? ledger.Find(*name) : nullptr;
}

/// Returns the first reason in the ledger to refuse a command that has no fault of its own.
std::optional<RefusalReason> FindConflict(const Ledger& ledger, const CreateCampaign& command,
                                          Timestamp start_time) {
  if (command.end_time <= start_time) return RefusalReason::kEndTimeNotAfterStart;
  if (ledger.Find(command.name) != nullptr) return RefusalReason::kNameTaken;
  if (FindNamed(ledger, command.name_as_sent) != nullptr) return RefusalReason::kNameTaken;
  if (ledger.live_campaigns() >= limits::kLiveCampaignsMax) {
    return RefusalReason::kTooManyCampaigns;
  }
  if (!ledger.HasSerials(static_cast<std::uint64_t>(command.total_coupons))) {
    return RefusalReason::kSerialsExhausted;
  }
  return std::nullopt;
}

/// Returns the number of serials that a campaign lacks for a total, which is not less than its
/// coupons.
std::uint64_t SerialsLacking(const Campaign& campaign, std::int64_t total_coupons) {
  const std::uint64_t reserved = campaign.serials.size();
  const auto needed = static_cast<std::uint64_t>(total_coupons + campaign.returned_coupons);
  return needed > reserved ? needed - reserved : 0;
}

/// Returns the first reason in the ledger to refuse changes that have no fault of their own.
std::optional<RefusalReason> FindConflict(const Ledger& ledger, const Campaign& campaign,
                                          const UpdateCampaign& command) {
  const CampaignTerms& terms = campaign.terms;
  const TermChanges& changes = command.changes;
  if (campaign.archived_at) return RefusalReason::kCampaignArchived;
  if (command.if_revision && *command.if_revision != campaign.revision) {
    return RefusalReason::kChangedMeanwhile;
  }
  const Timestamp start_time = changes.start_time.value_or(terms.start_time);
  if (start_time != terms.start_time && campaign.ordinals() > 0) {
    return RefusalReason::kStartTimeFixed;
  }
  const std::int64_t total = changes.total_coupons.value_or(terms.total_coupons);
  if (total < campaign.issued_coupons) return RefusalReason::kTotalBelowIssued;
  if (changes.end_time.value_or(terms.end_time) <= start_time) {
    return RefusalReason::kEndTimeNotAfterStart;
  }
  const auto is_anothers = [&campaign](const Campaign* other) {
    return other != nullptr && other->number != campaign.number;
  };
  if (is_anothers(FindNamed(ledger, changes.name)) ||
      is_anothers(FindNamed(ledger, command.name_as_sent))) {
    return RefusalReason::kNameTaken;
  }
  if (!ledger.HasSerialsFor(campaign, SerialsLacking(campaign, total))) {
    return RefusalReason::kSerialsExhausted;
  }
  return std::nullopt;
}

/// Drops the changes that would change nothing; a name in an old store may be the text as sent. The
/// ledger has no descriptions and metadata to compare with: giving them again is a change.
void DropEqual(const CampaignTerms& terms, UpdateCampaign& command) {
  TermChanges& changes = command.changes;
  if (changes.name == terms.name || command.name_as_sent == terms.name) changes.name.reset();
  if (changes.total_coupons == terms.total_coupons) changes.total_coupons.reset();
  if (changes.start_time == terms.start_time) changes.start_time.reset();
  if (changes.end_time == terms.end_time) changes.end_time.reset();
}

/// Finds the coupon that the caller has already, by the normal form first.
std::optional<HeldCoupon> FindHeld(const LedgerCampaign& campaign, const IssueCoupon& command) {
  const auto normal = command.claim ? campaign.claims.Find(*command.claim) : std::nullopt;
  const auto as_sent = !normal && command.claim_as_sent
                           ? campaign.claims.Find(*command.claim_as_sent)
                           : std::nullopt;
  if (!normal && !as_sent) return std::nullopt;
  const std::uint32_t ordinal = normal ? *normal : *as_sent;
  return HeldCoupon{.campaign = campaign.number,
                    .serial = campaign.serials.At(ordinal),
                    .issued_at = campaign.claim_times.Of(ordinal),
                    .state = campaign.states.Of(ordinal),
                    .found_as_sent = !normal};
}

/// Returns why a campaign in this state, which is not kOpen, gives out no coupon at `time`.
Refusal RefuseToIssue(const Campaign& campaign, CampaignState state, Timestamp time) {
  switch (state) {
    case CampaignState::kArchived:
      return Refusal{.reason = RefusalReason::kEnded, .at = *campaign.archived_at};
    case CampaignState::kEnded:
      return Refusal{.reason = RefusalReason::kEnded, .at = campaign.terms.end_time};
    case CampaignState::kSoldOut:
      return Refusal{.reason = RefusalReason::kSoldOut, .at = campaign.sold_out_at.value_or(time)};
    case CampaignState::kScheduled:
      return Refusal{.reason = RefusalReason::kNotStarted, .at = campaign.terms.start_time};
    case CampaignState::kPaused:
    case CampaignState::kOpen:
      break;
  }
  return Refusal{.reason = RefusalReason::kPaused};
}

Decision Refuse(RefusalReason reason) { return Refusal{.reason = reason}; }

Decision DecideCommand(const Ledger& ledger, CreateCampaign&& command, Timestamp time) {
  if (const auto fault = FindFault(command, time)) return Refuse(*fault);
  const Timestamp start_time = MomentOf(*command.start_time, time);
  if (const auto conflict = FindConflict(ledger, command, start_time)) return Refuse(*conflict);
  return Event(CampaignCreated{.number = ledger.next_campaign_number(),
                               .id = command.id,
                               .terms = {.name = std::move(command.name),
                                         .total_coupons = command.total_coupons,
                                         .start_time = start_time,
                                         .end_time = command.end_time,
                                         .description = std::move(command.description),
                                         .metadata = std::move(command.metadata)},
                               .first_serial = ledger.next_serial()});
}

Decision DecideCommand(const Ledger& ledger, IssueCoupon&& command, Timestamp time) {
  const LedgerCampaign* campaign = ledger.Find(command.campaign_id);
  if (campaign == nullptr) return Refuse(RefusalReason::kNoSuchCampaign);
  if (const auto held = FindHeld(*campaign, command)) return *held;
  const CampaignState state = StateOf(*campaign, time);
  if (state != CampaignState::kOpen) return RefuseToIssue(*campaign, state, time);
  return Event(CouponIssued{.campaign = campaign->number,
                            .serial = campaign->next_serial(),
                            .claim = command.claim,
                            .user_id = std::move(command.user_id)});
}

Decision DecideCommand(const Ledger& ledger, const DeleteCampaign& command, Timestamp) {
  const Campaign* by_id = command.campaign_id ? ledger.Find(*command.campaign_id) : nullptr;
  const Campaign* by_name = FindNamed(ledger, command.name);
  const Campaign* as_sent = FindNamed(ledger, command.name_as_sent);
  // There may be a campaign of either form; an id says which of them is meant.
  if (by_name == nullptr || (as_sent != nullptr && as_sent == by_id)) by_name = as_sent;
  const Campaign* campaign = command.campaign_id ? by_id : by_name;
  const bool both_given = command.campaign_id && command.name;
  if (campaign == nullptr || (both_given && by_id != by_name)) {
    return Refuse(RefusalReason::kNoSuchCampaign);
  }
  return Event(CampaignDeleted{.campaign = campaign->number});
}

Decision DecideCommand(const Ledger& ledger, UpdateCampaign&& command, Timestamp time) {
  const Campaign* campaign = ledger.Find(command.campaign_id);
  if (const auto fault = FindFault(command.changes, campaign, time)) return Refuse(*fault);
  if (campaign == nullptr) return Refuse(RefusalReason::kNoSuchCampaign);
  if (const auto conflict = FindConflict(ledger, *campaign, command)) return Refuse(*conflict);
  DropEqual(campaign->terms, command);
  if (command.changes.empty()) return Unchanged{};
  CampaignUpdated event{
      .campaign = campaign->number, .changes = std::move(command.changes), .added_serials = {}};
  const std::uint64_t lacking = SerialsLacking(
      *campaign, event.changes.total_coupons.value_or(campaign->terms.total_coupons));
  if (lacking > 0) {
    event.added_serials = SerialRange{.first = ledger.next_serial(), .count = lacking};
  }
  return Event(std::move(event));
}

Decision DecideCommand(const Ledger& ledger, SetPaused&& command, Timestamp) {
  if (command.reason.size() > limits::kReasonMaxBytes) return Refuse(RefusalReason::kReasonTooLong);
  const Campaign* campaign = ledger.Find(command.campaign_id);
  if (campaign == nullptr) return Refuse(RefusalReason::kNoSuchCampaign);
  if (campaign->archived_at) return Refuse(RefusalReason::kCampaignArchived);
  const Activities changed{
      .issuing = command.activities.issuing && campaign->paused.issuing != command.paused,
      .redeeming = command.activities.redeeming && campaign->paused.redeeming != command.paused};
  if (!changed.any()) return Unchanged{};
  if (command.paused) {
    return Event(CampaignPaused{
        .campaign = campaign->number, .activities = changed, .reason = std::move(command.reason)});
  }
  return Event(CampaignResumed{
      .campaign = campaign->number, .activities = changed, .reason = std::move(command.reason)});
}

Decision DecideCommand(const Ledger& ledger, const SetArchived& command, Timestamp) {
  const Campaign* campaign = ledger.Find(command.campaign_id);
  if (campaign == nullptr) return Refuse(RefusalReason::kNoSuchCampaign);
  if (campaign->archived_at.has_value() == command.archived) return Unchanged{};
  if (command.archived) return Event(CampaignArchived{.campaign = campaign->number});
  return Event(CampaignUnarchived{.campaign = campaign->number});
}

}  // namespace

Decision Decide(const Ledger& ledger, Command&& command, Timestamp time) {
  return std::visit([&](auto& body) { return DecideCommand(ledger, std::move(body), time); },
                    command);
}

}  // namespace coupond
