#ifndef COUPOND_TEST_SUPPORT_STORED_COUPON_H_
#define COUPOND_TEST_SUPPORT_STORED_COUPON_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/ports/view_store.h"

namespace coupond::test {

/// Returns one coupon as ViewStore::FindCoupons does.
inline Result<std::optional<StoredCoupon>> FindStored(const ViewStore& views,
                                                      CampaignNumber campaign,
                                                      std::uint64_t ordinal) {
  const std::vector<std::optional<StoredCoupon>> coupons =
      TRY(views.FindCoupons(campaign, std::span(&ordinal, 1)));
  return coupons.at(0);
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_STORED_COUPON_H_
