#ifndef COUPOND_API_SEARCH_MAPPING_H_
#define COUPOND_API_SEARCH_MAPPING_H_

#include <google/protobuf/repeated_field.h>

#include <cstdint>
#include <optional>
#include <set>

#include "api/mapped.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/ports/view_store.h"
#include "engine/rules/coupon.h"
#include "engine/views/coupon_search.h"

/// Maps the requests that look for coupons.
namespace coupond::api {

/// Returns the states, each once; none stands for all. The error names `states`. Any thread.
[[nodiscard]] Mapped<std::set<CouponState>> MapStates(
    const google::protobuf::RepeatedField<int>& states);

/// A search, and the place in its list after which a page begins.
struct MappedSearch {
  CouponSearch search;
  /// A digest of what is looked for and in which order, by which a page_token belongs to it.
  std::uint64_t digest = 0;
  std::optional<UserCoupon> after = {};
};
/// For the thread of the ClaimDigest.
[[nodiscard]] Mapped<MappedSearch> MapSearchCoupons(const coupon::v1::SearchCouponsRequest& request,
                                                    ClaimDigest& claims);

}  // namespace coupond::api

#endif  // COUPOND_API_SEARCH_MAPPING_H_
