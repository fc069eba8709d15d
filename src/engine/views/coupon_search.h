#ifndef COUPOND_ENGINE_VIEWS_COUPON_SEARCH_H_
#define COUPOND_ENGINE_VIEWS_COUPON_SEARCH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/ports/view_store.h"
#include "engine/rules/campaign.h"
#include "engine/rules/coupon.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "engine/views/coupon_reader.h"

/// Finding coupons by user, campaign and state.
///
/// One campaign's coupons come in the order of their ordinals, a user's in the order of UserCoupon.
/// No coupon's place in either order ever changes, so a page begins after the place of the last
/// coupon that was looked at, whatever has happened since. Newest first begins with the newest
/// coupon that there is then; later ones are not found.
namespace coupond {

/// What is looked for. There is a campaign, or at least one user_id, or both.
struct CouponSearch {
  std::optional<CampaignId> campaign_id = {};
  /// A user's id in normal form, and as it was sent if that differs; empty: any user's coupons.
  std::vector<std::string> user_ids = {};
  std::set<CouponState> states = {};  ///< empty: all of them
  CouponOrder order = CouponOrder::kOldestFirst;
  std::size_t page_size = 0;  ///< at least 1
};

/// A coupon that was found. The campaign is shared by the coupons of a step that are of it.
struct SearchedCoupon {
  std::shared_ptr<const Campaign> campaign;
  CouponRow coupon;
};

/// A page while it is being filled: where few coupons match it takes several steps, so that other
/// queries get their turn in between.
struct CouponSearchPage {
  /// The last coupon that was looked at, where the next step or page goes on; nullopt: the search
  /// begins. Without a user_id, only its ordinal means something.
  std::optional<UserCoupon> after = {};
  std::vector<SearchedCoupon> coupons = {};  ///< at most page_size
  std::size_t looked_at = 0;
  bool complete = false;  ///< full, cut short or at the end
  bool at_end = false;    ///< nothing can follow; only once it is complete
};

/// The most coupons that one step looks at, and those after which a page is cut short.
inline constexpr std::size_t kCouponsLookedAtPerStep = 1'000;
inline constexpr std::size_t kCouponsLookedAtMax = 10'000;
/// The most coupons that a step reads of those that need not lie beside each other. Each may take
/// as long as a hundred that do: the row that has it has others, and is read for it alone.
inline constexpr std::size_t kScatteredCouponsPerStep = 100;

/// Looks at more coupons, in their states at `time`, which should be the same for all steps of a
/// page. `page` must not be complete. Returns nullopt if `search` names a campaign that does not
/// exist (any more); coupons of other deleted campaigns are passed over.
[[nodiscard]] Result<std::optional<CouponSearchPage>> SearchCoupons(const ViewStore& views,
                                                                    const CouponSearch& search,
                                                                    Timestamp time,
                                                                    CouponSearchPage page);

}  // namespace coupond

#endif  // COUPOND_ENGINE_VIEWS_COUPON_SEARCH_H_
