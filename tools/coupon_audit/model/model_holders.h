#ifndef COUPOND_TOOLS_COUPON_AUDIT_MODEL_MODEL_HOLDERS_H_
#define COUPOND_TOOLS_COUPON_AUDIT_MODEL_MODEL_HOLDERS_H_

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "coupon_audit/model/coupon_numbers.h"
#include "engine/rules/ids.h"

namespace coupond::audit {

/// Who has which of a campaign's coupons, as far as they count against a limit of more than one.
///
/// Memory: some 60 bytes for each user, and at most 8 for each coupon of the campaign.
class ModelHolders {
 public:
  struct Holding {
    Claim holder;
    std::uint64_t coupons = 0;  ///< those that count
    std::uint64_t latest = 0;   ///< the ordinal of the last one, whether it still counts or not
  };

  /// Returns how many of the user's coupons count.
  [[nodiscard]] std::uint64_t CountOf(const Claim& holder) const {
    const auto found = places_.find(holder);
    return found == places_.end() ? 0 : holdings_[found->second].coupons;
  }

  void Add(const Claim& holder, std::uint64_t ordinal) {
    const auto [entry, is_new] = places_.try_emplace(holder, holdings_.size());
    if (is_new) holdings_.push_back({.holder = holder});
    Holding& holding = holdings_[entry->second];
    ++holding.coupons;
    holding.latest = ordinal;
    place_of_coupon_.Set(ordinal, entry->second + 1);
  }
  /// Counts the coupon no longer, if it did. Call it once for a coupon.
  void Free(std::uint64_t ordinal) {
    const std::uint64_t place = place_of_coupon_.At(ordinal);
    if (place > 0) --holdings_[place - 1].coupons;
  }

  /// Returns all users who ever had such a coupon.
  [[nodiscard]] const std::vector<Holding>& holdings() const { return holdings_; }
  /// Calls visit(ordinal, holder) for each coupon that was added.
  template <typename Visit>
  void ForEachCoupon(Visit visit) const {
    place_of_coupon_.ForEach([&](std::uint64_t ordinal, std::uint64_t place) {
      visit(ordinal, holdings_[place - 1].holder);
    });
  }

 private:
  std::vector<Holding> holdings_;
  boost::unordered_flat_map<Claim, std::size_t, std::hash<Claim>> places_;  // in holdings_
  CouponNumbers place_of_coupon_;                                           // plus 1
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_MODEL_MODEL_HOLDERS_H_
