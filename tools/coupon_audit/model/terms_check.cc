#include "coupon_audit/model/terms_check.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/display_text.h"
#include "common/moment_text.h"

namespace coupond::audit {
namespace {

// From the documents, not from engine/rules/limits.h: if the two differ, one of them is wrong.
constexpr std::int64_t kTotalMax = 100'000'000;
constexpr std::size_t kNameCharactersMax = 200;
constexpr std::size_t kDescriptionCharactersMax = 2'000;
constexpr std::size_t kMetadataEntriesMax = 32;
constexpr std::size_t kMetadataKeyBytesMax = 63;
constexpr std::size_t kMetadataValueBytesMax = 512;
constexpr std::size_t kMetadataBytesMax = 4'096;
constexpr std::uint32_t kCouponsPerUserMax = 1'000;
constexpr std::chrono::days kValidDurationMax{73'200};
constexpr std::size_t kReasonBytesMax = 128;
constexpr std::size_t kOrderRefBytesMax = 128;
constexpr std::size_t kRedeemedByBytesMax = 128;
constexpr std::size_t kRequestIdBytesMax = 64;
constexpr std::size_t kUserIdBytesMax = 128;
/// 2200-01-01T00:00:00Z.
constexpr std::int64_t kYear2200UnixSeconds = 7'258'118'400;

/// Returns the number of characters, or nullopt if the text is not UTF-8.
std::optional<std::size_t> CharactersOf(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    utf8proc_int32_t character = -1;
    const utf8proc_ssize_t bytes =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                         static_cast<utf8proc_ssize_t>(text.size()), &character);
    if (bytes <= 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(bytes));
    ++count;
  }
  return count;
}

/// Checks a text for people to see, which `what` names.
Audited<void> CheckText(const std::string& text, std::size_t bytes_max, ViolationKind kind,
                        std::string_view what, const Place& place) {
  if (text.size() > bytes_max) {
    return Unsound(kind, place, fmt::format("the {} has {} bytes", what, text.size()));
  }
  if (CharactersOf(text)) return {};
  return Unsound(kind, place, fmt::format("the {} is not UTF-8", what));
}

bool IsBeforeYear2200(Timestamp time) {
  return time.unix_nanoseconds() / 1'000'000'000 < kYear2200UnixSeconds;
}

}  // namespace

Audited<void> CheckName(const std::string& name, const Place& place) {
  const std::optional<std::size_t> characters = CharactersOf(name);
  if (!characters) return Unsound(ViolationKind::kNameWrong, place, "the name is not UTF-8");
  if (*characters > 0 && *characters <= kNameCharactersMax) return {};
  return Unsound(ViolationKind::kNameWrong, place,
                 fmt::format("the name has {} characters", *characters));
}

Audited<void> CheckTotal(std::int64_t total, const Place& place) {
  if (total >= 1 && total <= kTotalMax) return {};
  return Unsound(ViolationKind::kTotalWrong, place,
                 fmt::format("the campaign has {} coupons", total));
}

Audited<void> CheckStart(Timestamp start, Timestamp now, const Place& place) {
  if (start < now) {
    return Unsound(ViolationKind::kStartInPast, place,
                   fmt::format("the start was set {} ns after it", now.Since(start).count()));
  }
  if (IsBeforeYear2200(start)) return {};
  return Unsound(ViolationKind::kStartTooLate, place, "the campaign starts after the year 2199");
}

Audited<void> CheckEnd(Timestamp end, Timestamp start, const Place& place) {
  if (end == kNever) return {};
  if (end <= start) {
    return Unsound(ViolationKind::kEndNotAfterStart, place,
                   fmt::format("the campaign starts at {} and ends at {}",
                               tools::FormatMoment(start), tools::FormatMoment(end)));
  }
  if (IsBeforeYear2200(end)) return {};
  return Unsound(ViolationKind::kEndTooLate, place, "the campaign ends after the year 2199");
}

Audited<void> CheckDescription(const std::string& description, const Place& place) {
  const std::optional<std::size_t> characters = CharactersOf(description);
  if (characters && *characters <= kDescriptionCharactersMax) return {};
  return Unsound(ViolationKind::kDescriptionWrong, place,
                 characters ? fmt::format("the description has {} characters", *characters)
                            : "the description is not UTF-8");
}

Audited<void> CheckMetadata(const std::vector<MetadataEntry>& metadata, const Place& place) {
  std::size_t bytes = 0;
  const MetadataEntry* before = nullptr;
  for (const MetadataEntry& entry : metadata) {
    if (entry.key.size() > kMetadataKeyBytesMax || entry.value.size() > kMetadataValueBytesMax) {
      return Unsound(ViolationKind::kMetadataTooLarge, place,
                     fmt::format("an entry has a key of {} bytes and a value of {}",
                                 entry.key.size(), entry.value.size()));
    }
    if (entry.key.empty() || !CharactersOf(entry.key) || !CharactersOf(entry.value)) {
      return Unsound(ViolationKind::kMetadataWrong, place, "an entry has no key, or is not UTF-8");
    }
    if (before != nullptr && entry.key <= before->key) {
      return Unsound(
          ViolationKind::kMetadataWrong, place,
          fmt::format("the key {} comes after {}", Quoted(entry.key), Quoted(before->key)));
    }
    before = &entry;
    bytes += entry.key.size() + entry.value.size();
  }
  if (metadata.size() <= kMetadataEntriesMax && bytes <= kMetadataBytesMax) return {};
  return Unsound(ViolationKind::kMetadataTooLarge, place,
                 fmt::format("the metadata has {} entries and {} bytes", metadata.size(), bytes));
}

Audited<void> CheckCouponsPerUser(std::uint32_t coupons, const Place& place) {
  if (coupons >= 1 && coupons <= kCouponsPerUserMax) return {};
  return Unsound(ViolationKind::kCouponsPerUserWrong, place,
                 fmt::format("a user may have {} coupons", coupons));
}

Audited<void> CheckRedeemStart(Timestamp redeem_start, const Place& place) {
  if (IsBeforeYear2200(redeem_start)) return {};
  return Unsound(ViolationKind::kRedeemStartTooLate, place, "redeeming starts after the year 2199");
}

Audited<void> CheckExpiry(Timestamp expiry, std::chrono::nanoseconds valid_duration,
                          Timestamp start, Timestamp redeem_start, const Place& place) {
  const Timestamp first_expiry = std::min(expiry, start.PlusUpToTheEnds(valid_duration));
  if (first_expiry != kNever && first_expiry <= std::max(start, redeem_start)) {
    return Unsound(ViolationKind::kExpiryNotAfterStart, place,
                   fmt::format("coupons can be redeemed from {} on and expire at {}",
                               tools::FormatMoment(std::max(start, redeem_start)),
                               tools::FormatMoment(first_expiry)));
  }
  if (expiry == kNever || IsBeforeYear2200(expiry)) return {};
  return Unsound(ViolationKind::kExpiryTooLate, place, "coupons expire after the year 2199");
}

Audited<void> CheckValidDuration(std::chrono::nanoseconds duration, const Place& place) {
  if (duration == kUnlimited) return {};
  if (duration.count() > 0 && duration <= kValidDurationMax) return {};
  return Unsound(ViolationKind::kValidDurationWrong, place,
                 fmt::format("a coupon expires {} ns after it was issued", duration.count()));
}

Audited<void> CheckReason(const std::string& reason, const Place& place) {
  return CheckText(reason, kReasonBytesMax, ViolationKind::kReasonWrong, "reason", place);
}

Audited<void> CheckOrderRef(const std::string& order_ref, const Place& place) {
  return CheckText(order_ref, kOrderRefBytesMax, ViolationKind::kOrderRefWrong, "order_ref", place);
}

Audited<void> CheckRedeemedBy(const std::string& redeemed_by, const Place& place) {
  return CheckText(redeemed_by, kRedeemedByBytesMax, ViolationKind::kRedeemedByWrong, "redeemed_by",
                   place);
}

Audited<void> CheckRequestId(const std::string& request_id, const Place& place) {
  return CheckText(request_id, kRequestIdBytesMax, ViolationKind::kRequestIdWrong, "request_id",
                   place);
}

Audited<void> CheckUserId(const std::string& user_id, const Place& place) {
  if (user_id.size() <= kUserIdBytesMax) return {};
  return Unsound(ViolationKind::kUserIdTooLong, place,
                 fmt::format("the user_id has {} bytes", user_id.size()));
}

}  // namespace coupond::audit
