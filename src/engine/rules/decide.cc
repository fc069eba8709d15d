#include "engine/rules/decide.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/command_faults.h"
#include "engine/rules/decide_parts.h"
#include "engine/rules/limits.h"

namespace coupond {
namespace {

const LedgerCampaign* FindNamed(const Ledger& ledger, const std::optional<std::string>& name) {
  return name ? ledger.Find(*name) : nullptr;
}

/// Reports whether the campaign's first coupons would expire before anyone could redeem them.
bool ExpiresTooEarly(const CampaignTerms& terms) {
  return ExpireTimeOf(terms, terms.start_time) <=
         std::max(terms.start_time, terms.redeem_start_time);
}

/// Returns the first reason in the ledger to refuse a command that has no fault of its own.
std::optional<RefusalReason> FindConflict(const Ledger& ledger, const CreateCampaign& command,
                                          Timestamp start_time) {
  if (command.end_time <= start_time) return RefusalReason::kEndTimeNotAfterStart;
  if (ExpiresTooEarly({.start_time = start_time,
                       .redeem_start_time = command.redeem_start_time,
                       .expire_time = command.expire_time,
                       .valid_duration = command.valid_duration})) {
    return RefusalReason::kExpireTimeTooEarly;
  }
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

/// Returns the reason to refuse new terms of what becomes of the campaign's coupons.
std::optional<RefusalReason> FindConflictOfCoupons(const LedgerCampaign& campaign,
                                                   const TermChanges& changes) {
  const CampaignTerms& terms = campaign.terms;
  const CampaignTerms changed{
      .start_time = changes.start_time.value_or(terms.start_time),
      .redeem_start_time = changes.redeem_start_time.value_or(terms.redeem_start_time),
      .expire_time = changes.expire_time.value_or(terms.expire_time),
      .valid_duration = changes.valid_duration.value_or(terms.valid_duration)};
  const bool is_later =
      changed.expire_time >= terms.expire_time && changed.valid_duration >= terms.valid_duration;
  if ((campaign.ordinals() > 0 && !is_later) || ExpiresTooEarly(changed)) {
    return RefusalReason::kExpireTimeTooEarly;
  }
  // With 1 the holder is the claim, and with more the request key: claims of both kinds would not
  // know of each other.
  const bool had_one = terms.coupons_per_user == 1;
  const bool has_one = changes.coupons_per_user.value_or(terms.coupons_per_user) == 1;
  if (had_one != has_one && campaign.issued_to_users) return RefusalReason::kCouponsPerUserFixed;
  return std::nullopt;
}

/// Refuses changes that have no fault of their own for the first reason in the ledger, if any.
std::optional<Refusal> FindConflict(const Ledger& ledger, const LedgerCampaign& campaign,
                                    const UpdateCampaign& command) {
  const CampaignTerms& terms = campaign.terms;
  const TermChanges& changes = command.changes;
  if (campaign.archived_at) return Refusal{.reason = RefusalReason::kCampaignArchived};
  if (command.if_revision && *command.if_revision != campaign.revision) {
    return Refusal{.reason = RefusalReason::kChangedMeanwhile, .present = campaign.revision};
  }
  const Timestamp start_time = changes.start_time.value_or(terms.start_time);
  if (start_time != terms.start_time && campaign.ordinals() > 0) {
    return Refusal{.reason = RefusalReason::kStartTimeFixed};
  }
  const std::int64_t total = changes.total_coupons.value_or(terms.total_coupons);
  if (total < campaign.issued_coupons) {
    return Refusal{.reason = RefusalReason::kTotalBelowIssued, .coupons = campaign.issued_coupons};
  }
  if (changes.end_time.value_or(terms.end_time) <= start_time) {
    return Refusal{.reason = RefusalReason::kEndTimeNotAfterStart};
  }
  if (const auto conflict = FindConflictOfCoupons(campaign, changes)) {
    return Refusal{.reason = *conflict};
  }
  const auto is_anothers = [&campaign](const Campaign* other) {
    return other != nullptr && other->number != campaign.number;
  };
  if (is_anothers(FindNamed(ledger, changes.name)) ||
      is_anothers(FindNamed(ledger, command.name_as_sent))) {
    return Refusal{.reason = RefusalReason::kNameTaken};
  }
  if (!ledger.HasSerialsFor(campaign, SerialsLacking(campaign, total))) {
    return Refusal{.reason = RefusalReason::kSerialsExhausted};
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
  if (changes.coupons_per_user == terms.coupons_per_user) changes.coupons_per_user.reset();
  if (changes.user_required == terms.user_required) changes.user_required.reset();
  if (changes.redeem_start_time == terms.redeem_start_time) changes.redeem_start_time.reset();
  if (changes.expire_time == terms.expire_time) changes.expire_time.reset();
  if (changes.valid_duration == terms.valid_duration) changes.valid_duration.reset();
  if (changes.redeem_by_holder_only == terms.redeem_by_holder_only) {
    changes.redeem_by_holder_only.reset();
  }
}

Decision DecideCommand(const Ledger& ledger, CreateCampaign&& command, Timestamp time,
                       Event& event) {
  // First, because a start time that was right may be in the past by now.
  if (auto repeated = FindRepeated(ledger, command.request)) return *std::move(repeated);
  if (const auto fault = FindFault(command, time)) return Refuse(*fault);
  const Timestamp start_time = MomentOf(*command.start_time, time);
  if (const auto conflict = FindConflict(ledger, command, start_time)) return Refuse(*conflict);
  if (command.validate_only) return WouldBeAccepted{};
  event = CampaignCreated{.number = ledger.next_campaign_number(),
                          .id = command.id,
                          .terms = {.name = std::move(command.name),
                                    .total_coupons = command.total_coupons,
                                    .start_time = start_time,
                                    .end_time = command.end_time,
                                    .description = std::move(command.description),
                                    .metadata = std::move(command.metadata),
                                    .coupons_per_user = command.coupons_per_user,
                                    .user_required = command.user_required,
                                    .redeem_start_time = command.redeem_start_time,
                                    .expire_time = command.expire_time,
                                    .valid_duration = command.valid_duration,
                                    .redeem_by_holder_only = command.redeem_by_holder_only},
                          .first_serial = ledger.next_serial(),
                          .request = command.request};
  return Accepted{};
}

Decision DecideCommand(const Ledger& ledger, const DeleteCampaign& command, Timestamp,
                       Event& event) {
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
  event = CampaignDeleted{.campaign = campaign->number};
  return Accepted{};
}

Decision DecideCommand(const Ledger& ledger, UpdateCampaign&& command, Timestamp time,
                       Event& event) {
  if (auto repeated = FindRepeated(ledger, command.request)) return *std::move(repeated);
  const LedgerCampaign* campaign = ledger.Find(command.campaign_id);
  if (const auto fault = FindFault(command.changes, campaign, time)) return Refuse(*fault);
  if (campaign == nullptr) return Refuse(RefusalReason::kNoSuchCampaign);
  if (const auto conflict = FindConflict(ledger, *campaign, command)) return *conflict;
  DropEqual(campaign->terms, command);
  if (command.changes.empty()) return Unchanged{};
  if (command.validate_only) return WouldBeAccepted{};
  const std::uint64_t lacking = SerialsLacking(
      *campaign, command.changes.total_coupons.value_or(campaign->terms.total_coupons));
  auto& updated = event.emplace<CampaignUpdated>();
  updated.campaign = campaign->number;
  updated.changes = std::move(command.changes);
  updated.request = command.request;
  if (lacking > 0) {
    updated.added_serials = SerialRange{.first = ledger.next_serial(), .count = lacking};
  }
  return Accepted{};
}

Decision DecideCommand(const Ledger& ledger, SetPaused&& command, Timestamp, Event& event) {
  if (const auto fault = FindFaultOfReason(command.reason)) return Refuse(*fault);
  const Campaign* campaign = ledger.Find(command.campaign_id);
  if (campaign == nullptr) return Refuse(RefusalReason::kNoSuchCampaign);
  if (campaign->archived_at) return Refuse(RefusalReason::kCampaignArchived);
  const Activities changed{
      .issuing = command.activities.issuing && campaign->paused.issuing != command.paused,
      .redeeming = command.activities.redeeming && campaign->paused.redeeming != command.paused};
  if (!changed.any()) return Unchanged{};
  if (command.paused) {
    event = CampaignPaused{
        .campaign = campaign->number, .activities = changed, .reason = std::move(command.reason)};
  } else {
    event = CampaignResumed{
        .campaign = campaign->number, .activities = changed, .reason = std::move(command.reason)};
  }
  return Accepted{};
}

Decision DecideCommand(const Ledger& ledger, const SetArchived& command, Timestamp, Event& event) {
  const Campaign* campaign = ledger.Find(command.campaign_id);
  if (campaign == nullptr) return Refuse(RefusalReason::kNoSuchCampaign);
  if (campaign->archived_at.has_value() == command.archived) return Unchanged{};
  if (command.archived) {
    event = CampaignArchived{.campaign = campaign->number};
  } else {
    event = CampaignUnarchived{.campaign = campaign->number};
  }
  return Accepted{};
}

}  // namespace

Decision Decide(const Ledger& ledger, Command&& command, Timestamp time, Event& event,
                std::vector<Event>& following) {
  if (auto* const batch = std::get_if<BatchIssueCoupons>(&command)) {
    return DecideBatch(ledger, std::move(*batch), time, event, following);
  }
  if (auto* const erasure = std::get_if<EraseUser>(&command)) {
    return DecideErasure(ledger, std::move(*erasure), event, following);
  }
  return std::visit(
      [&]<typename Kind>(Kind& body) -> Decision {
        if constexpr (std::is_same_v<Kind, BatchIssueCoupons> || std::is_same_v<Kind, EraseUser>) {
          std::unreachable();
        } else if constexpr (std::is_same_v<Kind, FinishErasure>) {
          return DecideErasure(body, event);
        } else {
          return DecideCommand(ledger, std::move(body), time, event);
        }
      },
      command);
}

}  // namespace coupond
