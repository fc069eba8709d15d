#ifndef COUPOND_ENGINE_RULES_IDS_H_
#define COUPOND_ENGINE_RULES_IDS_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// Identifiers: numbers and byte strings that do not convert into one another implicitly.
namespace coupond {

/// A 64-bit number with a meaning. Read it with value().
template <typename Tag>
class StrongNumber {
 public:
  constexpr StrongNumber() = default;
  constexpr explicit StrongNumber(std::uint64_t value) : value_(value) {}

  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }
  /// Returns the number `count` further on.
  [[nodiscard]] constexpr StrongNumber Plus(std::uint64_t count) const {
    return StrongNumber(value_ + count);
  }
  [[nodiscard]] constexpr StrongNumber Next() const { return Plus(1); }

  friend constexpr auto operator<=>(StrongNumber, StrongNumber) = default;

 private:
  std::uint64_t value_ = 0;
};

/// An event's place in the log: 1, 2, 3, … without gaps. 0 is "before the first event".
using Sequence = StrongNumber<struct SequenceTag>;
/// A commit group's place in the log: 1, 2, 3, … without gaps. 0 is "before the first group".
using GroupNumber = StrongNumber<struct GroupNumberTag>;
/// A coupon's number, unique over the whole store and never used twice. Starts at 1.
using Serial = StrongNumber<struct SerialTag>;
/// A campaign's place among all campaigns ever created: 1, 2, 3, …; short, for the log and the
/// views. Callers know a campaign by its CampaignId.
using CampaignNumber = StrongNumber<struct CampaignNumberTag>;
/// The id of the access key with which a command was allowed: its 8 ASCII characters as a
/// big-endian number. 0 is no key.
using KeyId = StrongNumber<struct KeyIdTag>;
inline constexpr KeyId kNoKey{};

/// 16 bytes with a meaning, drawn at random.
template <typename Tag>
struct StrongBytes16 {
  std::array<std::uint8_t, 16> bytes{};

  friend constexpr auto operator<=>(const StrongBytes16&, const StrongBytes16&) = default;
};

/// What callers know a campaign by: a random (version 4) UUID, RFC 4122.
using CampaignId = StrongBytes16<struct CampaignIdTag>;
/// The id that no campaign has, for texts that are not ids: these bits are no version 4 UUID.
inline constexpr CampaignId kNoCampaign{};
/// Tells one store (one data directory's history) from another: a random UUID.
using StoreId = StrongBytes16<struct StoreIdTag>;
/// The store's secret from which coupon codes and claims are derived.
using CodeKey = StrongBytes16<struct CodeKeyTag>;
/// What a caller is recognised by when asking again: a keyed digest of a user_id or a request_id,
/// made outside the rules (codes/claim_digest.h).
using Claim = StrongBytes16<struct ClaimTag>;

/// Makes a version 4 UUID of 16 random bytes by setting the version and variant bits.
[[nodiscard]] std::array<std::uint8_t, 16> AsRandomUuid(std::array<std::uint8_t, 16> random);
/// Returns "123e4567-e89b-42d3-a456-426614174000", 36 characters in lower case.
[[nodiscard]] std::string FormatUuid(const std::array<std::uint8_t, 16>& bytes);
/// Reads the 36-character form in upper or lower case. Returns nullopt for any other text.
[[nodiscard]] std::optional<std::array<std::uint8_t, 16>> ParseUuid(std::string_view text);

/// Returns the 8 characters of a key's id; 16 hexadecimal digits if one of them is not of [a-z0-9],
/// and nothing for no key.
[[nodiscard]] std::string FormatKeyId(KeyId key);

}  // namespace coupond

template <typename Tag>
struct std::hash<coupond::StrongNumber<Tag>> {
  std::size_t operator()(coupond::StrongNumber<Tag> number) const noexcept {
    return std::hash<std::uint64_t>{}(number.value());
  }
};

/// The bytes are random or a digest, so the first eight are hash enough.
template <typename Tag>
struct std::hash<coupond::StrongBytes16<Tag>> {
  std::size_t operator()(const coupond::StrongBytes16<Tag>& id) const noexcept {
    std::size_t first_bytes = 0;
    std::memcpy(&first_bytes, id.bytes.data(), sizeof(first_bytes));
    return first_bytes;
  }
};

#endif  // COUPOND_ENGINE_RULES_IDS_H_
