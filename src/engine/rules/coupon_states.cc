#include "engine/rules/coupon_states.h"

#include <array>
#include <bit>

#include "base/check.h"

namespace coupond {
namespace {

/// The number of sequences by which their memory grows: doubling would waste half of it.
constexpr std::size_t kSequencesAtOnce = 16;

}  // namespace

void CouponStates::Bits::Set(std::uint32_t place) {
  if (words_.empty()) words_.resize(kBlockCoupons / kWordBits);
  words_[place / kWordBits] |= std::uint64_t{1} << (place % kWordBits);
}

void CouponStates::Bits::Clear(std::uint32_t place) {
  if (!words_.empty()) words_[place / kWordBits] &= ~(std::uint64_t{1} << (place % kWordBits));
}

std::size_t CouponStates::Bits::CountBefore(std::uint32_t place) const {
  if (words_.empty()) return 0;
  std::size_t count = 0;
  const std::size_t last = place / kWordBits;
  for (std::size_t word = 0; word < last; ++word) {
    count += static_cast<std::size_t>(std::popcount(words_[word]));
  }
  const std::uint64_t before = (std::uint64_t{1} << (place % kWordBits)) - 1;
  return count + static_cast<std::size_t>(std::popcount(words_[last] & before));
}

CouponState CouponStates::Block::StateAt(std::uint32_t place) const {
  if (redeemed.At(place)) return CouponState::kRedeemed;
  if (returned.At(place)) return CouponState::kReturned;
  if (voided.At(place)) return CouponState::kVoided;
  return CouponState::kIssued;
}

Sequence CouponStates::Block::SequenceAt(std::size_t rank) const {
  std::uint64_t value = 0;
  for (std::size_t i = kSequenceBytes; i-- > 0;) {
    value = (value << 8U) | sequences[rank * kSequenceBytes + i];
  }
  return Sequence(value);
}

const CouponStates::Block* CouponStates::Find(std::uint32_t ordinal) const {
  const auto found = blocks_.find(ordinal / kBlockCoupons);
  return found == blocks_.end() ? nullptr : &found->second;
}

CouponState CouponStates::Of(std::uint32_t ordinal) const {
  const Block* const block = Find(ordinal);
  return block == nullptr ? CouponState::kIssued : block->StateAt(ordinal % kBlockCoupons);
}

bool CouponStates::IsClaimFreed(std::uint32_t ordinal) const {
  const Block* const block = Find(ordinal);
  return block != nullptr && block->freed.At(ordinal % kBlockCoupons);
}

std::optional<Sequence> CouponStates::RedemptionOf(std::uint32_t ordinal) const {
  const Block* const block = Find(ordinal);
  const std::uint32_t place = ordinal % kBlockCoupons;
  if (block == nullptr || !block->redeemed.At(place)) return std::nullopt;
  return block->SequenceAt(block->RankOf(place));
}

void CouponStates::Redeem(std::uint32_t ordinal, Sequence redemption) {
  std::uint64_t value = redemption.value();
  static_assert(kRedemptionMax.value() >> (8 * kSequenceBytes) == 0);
  COUPOND_CHECK(redemption <= kRedemptionMax);
  Block& block = blocks_[ordinal / kBlockCoupons];
  const std::uint32_t place = ordinal % kBlockCoupons;
  if (block.redeemed.At(place)) return;
  std::array<std::uint8_t, kSequenceBytes> bytes{};
  for (std::uint8_t& byte : bytes) {
    byte = static_cast<std::uint8_t>(value);
    value >>= 8U;
  }
  std::vector<std::uint8_t>& sequences = block.sequences;
  if (sequences.size() == sequences.capacity()) {
    sequences.reserve(sequences.size() + kSequencesAtOnce * kSequenceBytes);
  }
  const auto at = static_cast<std::ptrdiff_t>(block.RankOf(place) * kSequenceBytes);
  sequences.insert(sequences.begin() + at, bytes.begin(), bytes.end());
  block.redeemed.Set(place);
}

void CouponStates::CancelRedemption(std::uint32_t ordinal) {
  const auto found = blocks_.find(ordinal / kBlockCoupons);
  const std::uint32_t place = ordinal % kBlockCoupons;
  if (found == blocks_.end() || !found->second.redeemed.At(place)) return;
  Block& block = found->second;
  const auto at =
      block.sequences.begin() + static_cast<std::ptrdiff_t>(block.RankOf(place) * kSequenceBytes);
  block.sequences.erase(at, at + kSequenceBytes);
  block.redeemed.Clear(place);
}

void CouponStates::Void(std::uint32_t ordinal, CouponState state) {
  Block& block = blocks_[ordinal / kBlockCoupons];
  const std::uint32_t place = ordinal % kBlockCoupons;
  (state == CouponState::kReturned ? block.returned : block.voided).Set(place);
}

void CouponStates::FreeClaim(std::uint32_t ordinal) {
  blocks_[ordinal / kBlockCoupons].freed.Set(ordinal % kBlockCoupons);
}

bool CouponStates::FreePart() {
  if (blocks_.empty()) return false;
  blocks_.erase(blocks_.begin());
  return true;
}

}  // namespace coupond
