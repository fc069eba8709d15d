#ifndef COUPOND_TEST_SUPPORT_MODEL_LIMITS_H_
#define COUPOND_TEST_SUPPORT_MODEL_LIMITS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/rules/campaign.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"

/// The model's own limits, and what it finds wrong with values in themselves.
namespace coupond::test {

// The promises of docs/API.md, written a second time on purpose.
inline constexpr std::int64_t kTotalMax = 100'000'000;
inline constexpr std::size_t kNameCharactersMax = 200;
inline constexpr std::size_t kDescriptionCharactersMax = 2'000;
inline constexpr std::size_t kMetadataEntriesMax = 32;
inline constexpr std::size_t kMetadataKeyBytesMax = 63;
inline constexpr std::size_t kMetadataValueBytesMax = 512;
inline constexpr std::size_t kMetadataBytesMax = 4'096;
inline constexpr std::uint32_t kCouponsPerUserMax = 1'000;
inline constexpr std::size_t kReasonBytesMax = 128;
inline constexpr std::size_t kBatchCouponsMax = 10'000;
inline constexpr std::size_t kBatchBytesMax = 1'048'576;
inline constexpr std::uint64_t kReserveForReturns = 1'024;
inline constexpr std::size_t kLiveCampaignsMax = 1'000'000;
inline constexpr std::int64_t kYear2200UnixSeconds = 7'258'118'400;
inline constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
inline constexpr std::int64_t kValidSecondsMax = std::int64_t{200} * 366 * 24 * 60 * 60;

/// Returns the number of characters in valid UTF-8.
inline std::size_t CountCharacters(std::string_view text) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++characters) {
    const auto lead = static_cast<unsigned char>(text[at]);
    at += lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  }
  return characters;
}

inline bool IsTooLarge(const std::vector<MetadataEntry>& metadata) {
  std::size_t bytes = 0;
  bool one_is = metadata.size() > kMetadataEntriesMax;
  for (const auto& [key, value] : metadata) {
    bytes += key.size() + value.size();
    one_is = one_is || key.size() > kMetadataKeyBytesMax || value.size() > kMetadataValueBytesMax;
  }
  return one_is || bytes > kMetadataBytesMax;
}

/// Wide enough for the sum of any two times.
using Wide = __int128;

inline bool IsInYear2200OrLater(Wide nanoseconds) {
  return nanoseconds / kNanosecondsPerSecond >= kYear2200UnixSeconds;
}

/// Reports whether it is a moment, and one that is too late.
inline bool IsTooLate(Timestamp time, Timestamp none) {
  return time != none && IsInYear2200OrLater(time.unix_nanoseconds());
}

inline bool IsOutOfRange(std::chrono::nanoseconds valid_duration) {
  const Wide longest = Wide{kValidSecondsMax} * kNanosecondsPerSecond;
  return valid_duration != kUnlimited &&
         (valid_duration.count() <= 0 || valid_duration.count() > longest);
}

/// Each with whether it holds, the most important first.
using Reasons = std::vector<std::pair<bool, RefusalReason>>;

inline std::optional<RefusalReason> FirstOf(const Reasons& reasons) {
  for (const auto& [holds, reason] : reasons) {
    if (holds) return reason;
  }
  return std::nullopt;
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_MODEL_LIMITS_H_
