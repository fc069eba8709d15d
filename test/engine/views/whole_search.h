#ifndef COUPOND_TEST_ENGINE_VIEWS_WHOLE_SEARCH_H_
#define COUPOND_TEST_ENGINE_VIEWS_WHOLE_SEARCH_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "engine/views/coupon_search.h"

namespace coupond::test {

/// What a search found, page after page.
struct Found {
  std::vector<SearchedCoupon> coupons = {};
  std::vector<std::size_t> pages = {};  ///< how many coupons each has
  std::size_t steps = 0;
  bool not_found = false;

  [[nodiscard]] std::vector<Serial> serials() const {
    std::vector<Serial> all;
    for (const SearchedCoupon& found : coupons) all.push_back(found.coupon.serial);
    return all;
  }
};

/// Called after each step with what it has added.
using AfterStep = std::function<void(const std::vector<SearchedCoupon>& added)>;

/// More than any test needs: a search that does not end fails.
inline constexpr std::size_t kSearchStepsMax = 100'000;

/// Searches to the end, and checks what holds for every step.
inline Found SearchAll(const ViewStore& views, const CouponSearch& search,
                       const std::function<Timestamp()>& now, const AfterStep& after_step = {}) {
  Found found;
  CouponSearchPage page;
  while (found.steps < kSearchStepsMax) {
    const std::size_t looked_at = page.looked_at;
    const std::size_t had = page.coupons.size();
    const Timestamp time = now();
    auto next = SearchCoupons(views, search, time, std::move(page));
    EXPECT_TRUE(next) << next.error().message;
    if (!next) return found;
    found.not_found = !*next;
    if (found.not_found) return found;
    page = std::move(**next);
    ++found.steps;
    EXPECT_LE(page.looked_at, looked_at + kCouponsLookedAtPerStep);
    EXPECT_LE(page.looked_at, kCouponsLookedAtMax);
    EXPECT_LE(page.coupons.size(), search.page_size);
    EXPECT_TRUE(page.complete || page.looked_at > looked_at) << "each step gets on";
    std::vector<SearchedCoupon> added(page.coupons.begin() + static_cast<std::ptrdiff_t>(had),
                                      page.coupons.end());
    for (const auto& [campaign, coupon] : added) {
      const CouponState state =
          StateAt(coupon.status.state, ExpireTimeOf(campaign->terms, coupon.issued_at), time);
      EXPECT_TRUE(search.states.empty() || search.states.contains(state)) << "as it is shown";
    }
    if (after_step) after_step(added);
    found.coupons.insert(found.coupons.end(), added.begin(), added.end());
    if (!page.complete) continue;
    found.pages.push_back(page.coupons.size());
    if (page.at_end) return found;
    page = {.after = page.after};
  }
  ADD_FAILURE() << "the search did not end in " << found.steps << " steps";
  return found;
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_ENGINE_VIEWS_WHOLE_SEARCH_H_
