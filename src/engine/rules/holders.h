#ifndef COUPOND_ENGINE_RULES_HOLDERS_H_
#define COUPOND_ENGINE_RULES_HOLDERS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "engine/rules/chunked_vector.h"
#include "engine/rules/digest_map.h"
#include "engine/rules/ids.h"
#include "engine/rules/limits.h"

namespace coupond {

/// How many of a campaign's coupons each user has, where one may have several.
///
/// Memory: 27 bytes for each user and 8 for each coupon, so that a coupon can be taken away from a
/// user whom only the coupon's ordinal names.
class Holders {
 public:
  struct [[gnu::packed]] Holding {
    std::uint16_t coupons = 0;  ///< those that count against the limit
    std::uint32_t latest = 0;   ///< the ordinal of the user's last coupon, whatever became of it

    friend bool operator==(Holding one, Holding other) {
      return one.coupons == other.coupons && one.latest == other.latest;
    }
  };
  static_assert(sizeof(Holding) == 6);
  static_assert(limits::kCouponsPerUserMax <= std::numeric_limits<std::uint16_t>::max());

  /// Returns what the user has, or nullopt if the user never had a coupon.
  [[nodiscard]] std::optional<Holding> Find(const Claim& holder) const;
  /// Reports whether the coupon was issued to this user.
  [[nodiscard]] bool Has(const Claim& holder, std::uint32_t ordinal) const;

  /// Adds a coupon. Each has a higher ordinal than the one before.
  void Add(const Claim& holder, std::uint32_t ordinal);
  /// Counts a coupon no longer against its user's limit. Nothing happens if it was not added.
  void Release(std::uint32_t ordinal);

  /// Calls visit(ordinal, user) for each coupon, in order; users are numbered as they came.
  template <typename Visit>
  void ForEachCoupon(Visit visit) const {
    coupons_.ForEach([&visit](const Coupon& coupon) { visit(coupon.ordinal, coupon.holder); });
  }
  /// Calls visit(digest, holding) for each user, in no meaningful order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    places_.ForEach(
        [&](const Claim& holder, std::uint32_t place) { visit(holder, holdings_[place]); });
  }

  /// Frees what some hundred users or some thousand coupons need, in about a microsecond. Returns
  /// false if there is nothing. Nothing else may be called from then on.
  bool FreePart();

 private:
  struct Coupon {
    std::uint32_t ordinal = 0;
    std::uint32_t holder = 0;  ///< the place of its user
  };
  static constexpr std::size_t kItemsPerChunk = 4'096;

  /// Returns the place of the coupon's user.
  [[nodiscard]] std::optional<std::uint32_t> HolderOf(std::uint32_t ordinal) const;

  DigestMap<std::uint32_t> places_;  // in holdings_, by user
  ChunkedVector<Holding, kItemsPerChunk> holdings_;
  ChunkedVector<Coupon, kItemsPerChunk> coupons_;  // by ordinal
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_HOLDERS_H_
