#ifndef COUPOND_TOOLS_COUPON_AUDIT_MODEL_COUPON_NUMBERS_H_
#define COUPOND_TOOLS_COUPON_AUDIT_MODEL_COUPON_NUMBERS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace coupond::audit {

/// A number for each coupon of a campaign, by ordinal; 0 unless it was set.
///
/// Memory: 4 KiB for each stretch of 512 coupons in which a number was set, so at most 8 bytes a
/// coupon; none for a campaign in which none was.
class CouponNumbers {
 public:
  [[nodiscard]] std::uint64_t At(std::uint64_t ordinal) const {
    const auto found = stretches_.find(ordinal / kStretch);
    return found == stretches_.end() ? 0 : found->second[ordinal % kStretch];
  }

  void Set(std::uint64_t ordinal, std::uint64_t number) {
    std::vector<std::uint64_t>& stretch = stretches_[ordinal / kStretch];
    stretch.resize(kStretch);
    stretch[ordinal % kStretch] = number;
  }

  /// Calls visit(ordinal, number) for each number that is not 0, in the order of the ordinals.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const auto& [index, stretch] : stretches_) {
      for (std::size_t i = 0; i < kStretch; ++i) {
        if (stretch[i] != 0) visit(index * kStretch + i, stretch[i]);
      }
    }
  }

 private:
  static constexpr std::size_t kStretch = 512;

  std::map<std::uint64_t, std::vector<std::uint64_t>> stretches_;  // by ordinal / kStretch
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_MODEL_COUPON_NUMBERS_H_
