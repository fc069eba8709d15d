#include "engine/rules/decide.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

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

/// Returns the first fault of the command itself.
std::optional<RefusalReason> FindFault(const CreateCampaign& command, Timestamp time) {
  if (command.name.empty()) return RefusalReason::kNameEmpty;
  if (CountCharacters(command.name) > limits::kCampaignNameMaxCharacters) {
    return RefusalReason::kNameTooLong;
  }
  if (command.total_coupons < limits::kCouponsPerCampaignMin) return RefusalReason::kTotalTooSmall;
  if (command.total_coupons > limits::kCouponsPerCampaignMax) return RefusalReason::kTotalTooLarge;
  if (!command.start_time) return RefusalReason::kStartTimeMissing;
  const Timestamp start_time = MomentOf(*command.start_time, time);
  if (start_time < time) return RefusalReason::kStartTimeInPast;
  if (start_time >= limits::kStartTimeMax) return RefusalReason::kStartTimeTooLate;
  return std::nullopt;
}

const Campaign* FindNamed(const Ledger& ledger, const std::optional<std::string>& name) {
  return name ? ledger.Find(*name) : nullptr;
}

/// Returns the first reason in the ledger to refuse a command that has no fault of its own.
std::optional<RefusalReason> FindConflict(const Ledger& ledger, const CreateCampaign& command) {
  if (ledger.Find(command.name) != nullptr) return RefusalReason::kNameTaken;
  if (FindNamed(ledger, command.name_as_sent) != nullptr) return RefusalReason::kNameTaken;
  if (ledger.live_campaigns() >= limits::kLiveCampaignsMax) {
    return RefusalReason::kTooManyCampaigns;
  }
  const std::uint64_t left =
      std::numeric_limits<std::uint64_t>::max() - ledger.next_serial().value();
  if (static_cast<std::uint64_t>(command.total_coupons) > left) {
    return RefusalReason::kSerialsExhausted;
  }
  return std::nullopt;
}

/// Finds the coupon that the caller has already, by the normal form first.
std::optional<HeldCoupon> FindHeld(const Campaign& campaign, const IssueCoupon& command) {
  const auto normal = command.claim ? campaign.claims.Find(*command.claim) : std::nullopt;
  const auto as_sent = !normal && command.claim_as_sent
                           ? campaign.claims.Find(*command.claim_as_sent)
                           : std::nullopt;
  if (!normal && !as_sent) return std::nullopt;
  const std::uint32_t ordinal = normal ? *normal : *as_sent;
  return HeldCoupon{.campaign = campaign.number,
                    .serial = campaign.first_serial.Plus(ordinal),
                    .issued_at = campaign.claim_times.Of(ordinal),
                    .found_as_sent = !normal};
}

Decision Refuse(RefusalReason reason) { return Refusal{.reason = reason, .start_time = {}}; }

Decision DecideCommand(const Ledger& ledger, CreateCampaign&& command, Timestamp time) {
  if (const auto fault = FindFault(command, time)) return Refuse(*fault);
  if (const auto conflict = FindConflict(ledger, command)) return Refuse(*conflict);
  return Event(CampaignCreated{.number = ledger.next_campaign_number(),
                               .id = command.id,
                               .name = std::move(command.name),
                               .total_coupons = command.total_coupons,
                               .start_time = MomentOf(*command.start_time, time),
                               .first_serial = ledger.next_serial()});
}

Decision DecideCommand(const Ledger& ledger, IssueCoupon&& command, Timestamp time) {
  const Campaign* campaign = ledger.Find(command.campaign_id);
  if (campaign == nullptr) return Refuse(RefusalReason::kNoSuchCampaign);
  if (const auto held = FindHeld(*campaign, command)) return *held;
  if (time < campaign->start_time) {
    return Refusal{.reason = RefusalReason::kNotStarted, .start_time = campaign->start_time};
  }
  if (campaign->issued_coupons >= campaign->total_coupons) return Refuse(RefusalReason::kSoldOut);
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

}  // namespace

Decision Decide(const Ledger& ledger, Command&& command, Timestamp time) {
  return std::visit([&](auto& body) { return DecideCommand(ledger, std::move(body), time); },
                    command);
}

}  // namespace coupond
