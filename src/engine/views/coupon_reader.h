#ifndef COUPOND_ENGINE_VIEWS_COUPON_READER_H_
#define COUPOND_ENGINE_VIEWS_COUPON_READER_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

namespace coupond {

/// One issued coupon, as the views know it.
struct CouponRow {
  std::uint64_t ordinal = 0;  ///< 0 is the campaign's first coupon
  Serial serial;
  Timestamp issued_at;
  std::string user_id;  ///< empty for an anonymous coupon
  CouponStatus status = {};

  friend bool operator==(const CouponRow&, const CouponRow&) = default;
};

/// Reads a campaign's coupons in the order of their issue, a piece at a time: exactly those that
/// the campaign's row counts, from `first_ordinal` on, even while more are issued or the campaign
/// is deleted. Holds on to the views as they were, so it should not live long. One thread at a
/// time.
class CouponReader {
 public:
  /// Reads at most `count_max` of them.
  [[nodiscard]] static Result<CouponReader> Open(
      const ViewStore& views, const Campaign& campaign, std::uint64_t first_ordinal,
      std::uint64_t count_max = std::numeric_limits<std::uint64_t>::max());

  /// Returns up to `limit` coupons, none at the end. kViewsDamaged: coupons that the row counts are
  /// not there; either the views are damaged, or the campaign was deleted after its row was read.
  [[nodiscard]] Result<std::vector<CouponRow>> Next(std::size_t limit);
  [[nodiscard]] bool at_end() const { return next_ordinal_ >= end_ordinal_; }

 private:
  CouponReader(std::unique_ptr<CouponCursor> cursor, const Campaign& campaign,
               OrdinalRange ordinals);

  std::unique_ptr<CouponCursor> cursor_;
  SerialRanges serials_;
  std::uint64_t next_ordinal_;
  std::uint64_t end_ordinal_;
  std::optional<CouponRun> run_;  // the one that next_ordinal_ is in, once it is known
  std::size_t next_holder_ = 0;   // in run_
  std::size_t next_changed_ = 0;  // in run_
};

/// Returns the campaign's coupons with these ordinals, which grow, and need not lie beside each
/// other; nullopt for one that was not issued, and for all if the campaign has been deleted since
/// its row was read.
[[nodiscard]] Result<std::vector<std::optional<CouponRow>>> ReadCoupons(
    const ViewStore& views, const Campaign& campaign, std::span<const std::uint64_t> ordinals);

/// Returns one coupon in the same way.
[[nodiscard]] Result<std::optional<CouponRow>> ReadCoupon(const ViewStore& views,
                                                          const Campaign& campaign,
                                                          std::uint64_t ordinal);

struct FoundCoupon {
  Campaign campaign;
  CouponRow coupon;

  friend bool operator==(const FoundCoupon&, const FoundCoupon&) = default;
};

/// Returns the coupon with this serial, or nullopt if none was issued or its campaign has been
/// deleted.
[[nodiscard]] Result<std::optional<FoundCoupon>> FindCoupon(const ViewStore& views, Serial serial);

}  // namespace coupond

#endif  // COUPOND_ENGINE_VIEWS_COUPON_READER_H_
