#include "storage/views/state_rows.h"

#include <utility>

#include "base/big_endian.h"
#include "base/check.h"
#include "storage/views/row_parts.h"

namespace coupond::storage {
namespace {

constexpr char kState = 'v';

/// Returns the range of all keys that begin with `prefix`.
KeyRange AllWith(std::string prefix) {
  KeyRange range{.first = prefix, .end = std::move(prefix)};
  // It ends before the next prefix of the same length or a shorter one. A prefix begins with a
  // letter, so there is a byte to raise.
  while (static_cast<unsigned char>(range.end.back()) == 0xFF) range.end.pop_back();
  ++range.end.back();
  return range;
}

/// The letter of a state in a key; nullopt for one that has no rows.
std::optional<char> LetterOf(CouponState state) {
  switch (state) {
    case CouponState::kRedeemed:
      return 'r';
    case CouponState::kVoided:
      return 'v';
    case CouponState::kReturned:
      return 'x';
    case CouponState::kIssued:
    case CouponState::kExpired:
      break;
  }
  return std::nullopt;
}

std::string StatePrefix(CampaignNumber campaign, CouponState state) {
  const std::optional<char> letter = LetterOf(state);
  COUPOND_CHECK(letter.has_value());
  return Prefix(kState, campaign) + *letter;
}

}  // namespace

std::string StateKey(CampaignNumber campaign, CouponState state, std::uint64_t ordinal) {
  std::string key = StatePrefix(campaign, state);
  AppendBigEndian(key, ordinal);
  return key;
}

KeyRange OrdinalsInState(CampaignNumber campaign, CouponState state) {
  return AllWith(StatePrefix(campaign, state));
}

KeyRange StatesOf(CampaignNumber campaign) { return AllWith(Prefix(kState, campaign)); }

KeyRange AllStates() { return AllWith(std::string(1, kState)); }

std::optional<CouponInState> ParseStateKey(std::string_view key) {
  const auto campaign = ParsePrefix(key, kState, 1 + kBigEndianBytes + 1 + kBigEndianBytes);
  if (!campaign) return std::nullopt;
  const char letter = key[1 + kBigEndianBytes];
  for (const CouponState state :
       {CouponState::kRedeemed, CouponState::kVoided, CouponState::kReturned}) {
    if (letter != LetterOf(state)) continue;
    return CouponInState{.campaign = *campaign,
                         .state = state,
                         .ordinal = ReadBigEndian(key.substr(1 + kBigEndianBytes + 1))};
  }
  return std::nullopt;
}

}  // namespace coupond::storage
