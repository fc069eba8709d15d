#ifndef COUPOND_ENGINE_RULES_COUPON_STATES_H_
#define COUPOND_ENGINE_RULES_COUPON_STATES_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/rules/coupon.h"
#include "engine/rules/ids.h"
#include "engine/rules/limits.h"

namespace coupond {

/// The states of a campaign's issued coupons, by ordinal, and which redemption a redeemed one has.
///
/// Coupons that are only issued need no memory. Others are held in blocks of 4,096 ordinals: a
/// bitmap for each state that occurs in the block, and 6 bytes for each redemption, in the order of
/// the ordinals. So 10 million redeemed coupons of as many take 62 MB, and a redemption moves at
/// most 24 KiB.
class CouponStates {
 public:
  /// The last sequence that a redemption can have.
  static constexpr Sequence kRedemptionMax{limits::kSequenceMax};

  /// Returns the state as it is stored: never kExpired.
  [[nodiscard]] CouponState Of(std::uint32_t ordinal) const;
  /// Reports whether the user who had the coupon may get another one in its place.
  [[nodiscard]] bool IsClaimFreed(std::uint32_t ordinal) const;
  /// Returns the sequence of the present redemption, or nullopt if the coupon is not redeemed.
  [[nodiscard]] std::optional<Sequence> RedemptionOf(std::uint32_t ordinal) const;

  /// Makes an issued coupon a redeemed one. The sequence must not be above kRedemptionMax.
  void Redeem(std::uint32_t ordinal, Sequence redemption);
  /// Makes a redeemed coupon an issued one.
  void CancelRedemption(std::uint32_t ordinal);
  /// Gives a coupon that is not redeemed the state kVoided or kReturned.
  void Void(std::uint32_t ordinal, CouponState state);
  void FreeClaim(std::uint32_t ordinal);

  /// Frees what some thousand coupons need, in about a microsecond. Returns false if there is
  /// nothing.
  bool FreePart();

  /// Calls visit(ordinal, state, redemption) for each coupon that is not just issued, or whose
  /// claim is freed, in order; `redemption` is 0 for one that is not redeemed.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const auto& [number, block] : blocks_) {
      std::size_t rank = 0;
      for (std::uint32_t word = 0; word < kBlockCoupons / kWordBits; ++word) {
        std::uint64_t left = block.redeemed.Word(word) | block.voided.Word(word) |
                             block.returned.Word(word) | block.freed.Word(word);
        for (; left != 0; left &= left - 1) {
          const auto bit = static_cast<std::uint32_t>(std::countr_zero(left));
          const std::uint32_t place = word * kWordBits + bit;
          const CouponState state = block.StateAt(place);
          visit(number * kBlockCoupons + place, state,
                state == CouponState::kRedeemed ? block.SequenceAt(rank++) : Sequence());
        }
      }
    }
  }

 private:
  static constexpr std::uint32_t kBlockCoupons = 4'096;
  static constexpr std::uint32_t kWordBits = 64;
  static constexpr std::size_t kSequenceBytes = 6;

  /// One bit for each coupon of a block; no memory until one is set.
  class Bits {
   public:
    [[nodiscard]] bool At(std::uint32_t place) const {
      return !words_.empty() && ((words_[place / kWordBits] >> (place % kWordBits)) & 1U) != 0;
    }
    [[nodiscard]] std::uint64_t Word(std::uint32_t word) const {
      return words_.empty() ? 0 : words_[word];
    }
    void Set(std::uint32_t place);
    void Clear(std::uint32_t place);
    /// Returns the number of bits that are set before `place`.
    [[nodiscard]] std::size_t CountBefore(std::uint32_t place) const;

   private:
    std::vector<std::uint64_t> words_;
  };

  struct Block {
    Bits redeemed;
    Bits voided;
    Bits returned;
    Bits freed;                           ///< in any state
    std::vector<std::uint8_t> sequences;  ///< of the redeemed ones; the lowest byte first

    [[nodiscard]] CouponState StateAt(std::uint32_t place) const;
    [[nodiscard]] std::size_t RankOf(std::uint32_t place) const {
      return redeemed.CountBefore(place);
    }
    [[nodiscard]] Sequence SequenceAt(std::size_t rank) const;
  };

  [[nodiscard]] const Block* Find(std::uint32_t ordinal) const;

  std::map<std::uint32_t, Block> blocks_;  // by ordinal / kBlockCoupons
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_COUPON_STATES_H_
