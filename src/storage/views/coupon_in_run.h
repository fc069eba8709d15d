#ifndef COUPOND_STORAGE_VIEWS_COUPON_IN_RUN_H_
#define COUPOND_STORAGE_VIEWS_COUPON_IN_RUN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/rules/timestamp.h"

namespace coupond::storage {

/// What the row of a run says of one of its coupons.
struct CouponInRun {
  Timestamp issued_at;
  std::string user_id;  ///< empty for an anonymous coupon

  friend bool operator==(const CouponInRun&, const CouponInRun&) = default;
};

/// Returns the coupon with this ordinal, or nullopt if the run begins after it. `ordinal` is not
/// after the last one, which the key has.
///
/// Equal to looking for it in what DecodeRun returns, but for a run of many coupons it
/// takes a small part of the time, because nothing is made of the others. They are checked all the
/// same. kViewsDamaged also for fields in another order, unknown ones and numbers that are too
/// large, which DecodeRun accepts. Pure, any thread.
[[nodiscard]] Result<std::optional<CouponInRun>> DecodeCouponInRun(std::string_view key,
                                                                   std::string_view value,
                                                                   std::uint64_t ordinal);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_COUPON_IN_RUN_H_
