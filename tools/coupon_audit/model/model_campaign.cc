#include "coupon_audit/model/model_campaign.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <functional>

namespace coupond::audit {

namespace {

// A coupon's state is in the last bits of its number, and above them whether its claim was freed.
constexpr unsigned kStateBits = 2;
constexpr std::uint64_t kFreedBit = std::uint64_t{1} << kStateBits;
constexpr unsigned kSinceShift = kStateBits + 1;
static_assert(static_cast<unsigned>(CouponState::kReturned) < 1U << kStateBits);

/// Returns the place of the last of `numbers` that is not greater, or nullopt.
template <typename Numbers, typename Number, typename NumberOf>
std::optional<std::size_t> LastNotAbove(const Numbers& numbers, Number number, NumberOf number_of) {
  const auto after = std::ranges::upper_bound(numbers, number, {}, number_of);
  if (after == numbers.begin()) return std::nullopt;
  return static_cast<std::size_t>(after - numbers.begin() - 1);
}

}  // namespace

std::string_view StateName(CouponState state) {
  switch (state) {
    case CouponState::kIssued:
      return "issued";
    case CouponState::kRedeemed:
      return "redeemed";
    case CouponState::kVoided:
      return "voided";
    case CouponState::kReturned:
      return "returned";
    case CouponState::kExpired:
      return "expired";
  }
  return "unknown";
}

void ModelCampaign::Reserve(SerialRange range) {
  first_ordinals.push_back(reserved());
  serials.push_back(range);
}

void ModelCampaign::GiveUpUnissued() {
  while (!serials.empty() && first_ordinals.back() >= ordinals()) {
    serials.pop_back();
    first_ordinals.pop_back();
  }
  if (!serials.empty()) serials.back().count = ordinals() - first_ordinals.back();
}

std::uint64_t ModelCampaign::reserved() const {
  return serials.empty() ? 0 : first_ordinals.back() + serials.back().count;
}

std::optional<Serial> ModelCampaign::SerialOf(std::uint64_t ordinal) const {
  if (ordinal >= reserved()) return std::nullopt;
  const std::size_t at = *LastNotAbove(first_ordinals, ordinal, std::identity());
  return Serial(serials[at].first.value() + ordinal - first_ordinals[at]);
}

std::optional<std::uint64_t> ModelCampaign::OrdinalOf(Serial serial) const {
  const auto at = LastNotAbove(serials, serial, &SerialRange::first);
  if (!at) return std::nullopt;
  const std::uint64_t offset = serial.value() - serials[*at].first.value();
  if (offset >= serials[*at].count) return std::nullopt;
  return first_ordinals[*at] + offset;
}

ModelCoupon ModelCampaign::CouponAt(std::uint64_t ordinal) const {
  const std::uint64_t stored = coupons.At(ordinal);
  return {.state = static_cast<CouponState>(stored & (kFreedBit - 1)),
          .since = Sequence(stored >> kSinceShift),
          .claim_freed = (stored & kFreedBit) != 0};
}

void ModelCampaign::SetCoupon(std::uint64_t ordinal, const ModelCoupon& coupon) {
  coupons.Set(ordinal, coupon.since.value() << kSinceShift | (coupon.claim_freed ? kFreedBit : 0) |
                           static_cast<std::uint64_t>(coupon.state));
}

void ModelCampaign::NoteIssue(Timestamp time) {
  if (valid_duration == kUnlimited) return;
  if (issue_times.empty() || issue_times.back().time != time) {
    issue_times.push_back({.first_ordinal = ordinals(), .time = time});
  }
  timed_ordinals = ordinals() + 1;
}

Timestamp ModelCampaign::ExpiryOf(std::uint64_t ordinal) const {
  if (valid_duration == kUnlimited) return expiry;
  // The duration was never unlimited since the first coupon: no term is made earlier after it.
  const auto at = LastNotAbove(issue_times, ordinal, &IssueTime::first_ordinal);
  return at ? std::min(expiry, issue_times[*at].time.PlusUpToTheEnds(valid_duration)) : expiry;
}

std::string SerialsText(const std::vector<SerialRange>& ranges) {
  std::string text;
  for (const SerialRange& range : ranges) {
    if (range.count == 0) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} to {}", range.first.value(), range.first.value() + range.count - 1);
  }
  return text.empty() ? "none" : text;
}

}  // namespace coupond::audit
