#include "engine/rules/command_faults.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/rules/limits.h"

namespace coupond {
namespace {

/// Counts the code points of valid UTF-8: every byte but the continuation bytes begins one.
std::size_t CountCharacters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  }));
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

std::optional<RefusalReason> FindFaultOfCouponsPerUser(std::uint32_t coupons) {
  if (coupons >= 1 && coupons <= limits::kCouponsPerUserMax) return std::nullopt;
  return RefusalReason::kCouponsPerUserOutOfRange;
}

std::optional<RefusalReason> FindFaultOfExpiry(Timestamp expire_time) {
  if (expire_time == kNever || expire_time < limits::kStartTimeMax) return std::nullopt;
  return RefusalReason::kExpireTimeTooLate;
}

std::optional<RefusalReason> FindFaultOfValidity(std::chrono::nanoseconds duration) {
  if (duration == kUnlimited) return std::nullopt;
  if (duration.count() > 0 && duration <= limits::kValidDurationMax) return std::nullopt;
  return RefusalReason::kValidDurationOutOfRange;
}

std::optional<RefusalReason> FindFaultOfRedeemStart(Timestamp redeem_start_time) {
  if (redeem_start_time < limits::kStartTimeMax) return std::nullopt;
  return RefusalReason::kRedeemStartTimeTooLate;
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

}  // namespace

Timestamp MomentOf(const StartTime& start_time, Timestamp time) {
  if (const auto* wait = std::get_if<std::chrono::nanoseconds>(&start_time)) {
    return time.PlusUpToTheEnds(*wait);
  }
  return std::get<Timestamp>(start_time);
}

std::optional<RefusalReason> FindFault(const CreateCampaign& command, Timestamp time) {
  if (const auto fault = FindFaultOfName(command.name)) return fault;
  if (const auto fault = FindFaultOfTotal(command.total_coupons)) return fault;
  if (!command.start_time) return RefusalReason::kStartTimeMissing;
  if (const auto fault = FindFaultOfStart(MomentOf(*command.start_time, time), time)) return fault;
  if (const auto fault = FindFaultOfDescription(command.description)) return fault;
  if (const auto fault = FindFaultOfEnd(command.end_time)) return fault;
  if (const auto fault = FindFaultOfCouponsPerUser(command.coupons_per_user)) return fault;
  if (const auto fault = FindFaultOfRedeemStart(command.redeem_start_time)) return fault;
  if (const auto fault = FindFaultOfExpiry(command.expire_time)) return fault;
  if (const auto fault = FindFaultOfValidity(command.valid_duration)) return fault;
  return FindFaultOfMetadata(command.metadata);
}

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
  if (!fault && changes.coupons_per_user) {
    fault = FindFaultOfCouponsPerUser(*changes.coupons_per_user);
  }
  if (!fault && changes.redeem_start_time) {
    fault = FindFaultOfRedeemStart(*changes.redeem_start_time);
  }
  if (!fault && changes.expire_time) fault = FindFaultOfExpiry(*changes.expire_time);
  if (!fault && changes.valid_duration) fault = FindFaultOfValidity(*changes.valid_duration);
  if (!fault && changes.metadata) fault = FindFaultOfMetadata(*changes.metadata);
  return fault;
}

std::optional<RefusalReason> FindFault(const BatchIssueCoupons& command) {
  const bool too_large = command.users.size() + command.anonymous > limits::kCouponsPerBatchMax ||
                         EventBytesMax(command) > limits::kBatchBytesMax;
  return too_large ? std::optional(RefusalReason::kBatchTooLarge) : std::nullopt;
}

std::optional<RefusalReason> FindFaultOfReason(std::string_view reason) {
  if (reason.size() <= limits::kReasonMaxBytes) return std::nullopt;
  return RefusalReason::kReasonTooLong;
}

}  // namespace coupond
