#include "engine/views/coupon_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/views/coupon_world.h"
#include "engine/views/whole_search.h"
#include "storage/views/rocksdb_view_store.h"
#include "support/builders.h"
#include "support/fake_view_store.h"
#include "support/interrupted_views.h"
#include "support/temporary_directory.h"

namespace coupond {
namespace {

using test::CouponWorld;
using test::Found;
using test::SearchAll;

std::string Describe(const CouponSearch& search) {
  std::string text = search.campaign_id ? FormatUuid(search.campaign_id->bytes) : "any campaign";
  for (const std::string& user_id : search.user_ids) text += " '" + user_id + "'";
  for (const CouponState state : search.states) {
    text += " state " + std::to_string(static_cast<int>(state));
  }
  return text + (search.order == CouponOrder::kNewestFirst ? " newest first" : " oldest first") +
         ", pages of " + std::to_string(search.page_size);
}

/// Keeps of the serials in `all` those that match still. Order does not matter.
void KeepMatching(const std::optional<std::vector<Serial>>& matching, std::set<Serial>& all) {
  const std::set<Serial> now =
      matching ? std::set<Serial>(matching->begin(), matching->end()) : std::set<Serial>();
  std::erase_if(all, [&](Serial serial) { return !now.contains(serial); });
}

std::set<Serial> SetOf(const std::vector<Serial>& serials) {
  return {serials.begin(), serials.end()};
}

/// Expects that all of `throughout` were found, and none twice.
void ExpectOnceAndAllOf(const std::set<Serial>& throughout, const Found& found) {
  const std::vector<Serial> serials = found.serials();
  const std::set<Serial> once = SetOf(serials);
  EXPECT_EQ(once.size(), serials.size()) << "none twice";
  EXPECT_TRUE(std::ranges::includes(once, throughout));
}

/// Worlds of several seeds, in the views on RocksDB and in those in memory.
class CouponSearchTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  void SetUp() override {
    auto opened = storage::RocksDbViewStore::Open(directory_.path() / "views");
    ASSERT_TRUE(opened) << opened.error().message;
    rocksdb_ = *std::move(opened);
  }
  [[nodiscard]] std::vector<ViewStore*> BothViews() { return {&fake_, rocksdb_.get()}; }

  test::TemporaryDirectory directory_;
  test::FakeViewStore fake_;
  std::unique_ptr<ViewStore> rocksdb_;
};
INSTANTIATE_TEST_SUITE_P(Seeds, CouponSearchTest, testing::Range<std::uint64_t>(1, 5));

TEST_P(CouponSearchTest, PagesTogetherHaveExactlyTheCouponsThatMatch) {
  CouponWorld world(GetParam(), BothViews());
  if (GetParam() % 2 == 1) world.ResetTheClock();
  std::size_t found_in_all = 0;
  for (int round = 0; round < 150; ++round) {
    for (int i = 0; i < 2; ++i) world.Change();
    const CouponSearch search = world.DrawSearch();
    const auto matching = world.Matching(search, world.now());
    for (const ViewStore* const views : BothViews()) {
      SCOPED_TRACE(Describe(search) + ", round " + std::to_string(round));
      const Found found = SearchAll(*views, search, [&] { return world.now(); });
      ASSERT_EQ(found.not_found, !matching);
      if (!matching) continue;
      ASSERT_EQ(found.serials(), *matching);
      for (const auto& [campaign, coupon] : found.coupons) {
        const CouponWorld::Coupon& known = world.At(coupon.serial);
        EXPECT_EQ(coupon.user_id, known.user_id);
        EXPECT_EQ(coupon.issued_at, known.issued_at);
        EXPECT_EQ(coupon.status.state, known.state);
        EXPECT_EQ(campaign->terms, world.Of(known).terms);
      }
      found_in_all += found.coupons.size();
    }
  }
  EXPECT_GT(found_in_all, 1'000U) << "the searches find something";
}

TEST_P(CouponSearchTest, ChangesBetweenStepsShowNothingTwice) {
  for (const std::size_t which : {0U, 1U}) {
    test::FakeViewStore rows;  // which the projection reads
    ViewStore& views = *BothViews()[which];
    CouponWorld world(GetParam(), {&rows, &views});
    if (GetParam() % 2 == 1) world.ResetTheClock();
    for (int i = 0; i < 60; ++i) world.Change();
    for (int round = 0; round < 25; ++round) {
      const CouponSearch search = world.DrawSearch();
      SCOPED_TRACE(Describe(search) + ", round " + std::to_string(round));
      const auto at_first = world.Matching(search, world.now());
      std::set<Serial> throughout = SetOf(at_first.value_or(std::vector<Serial>()));
      int steps = 0;
      const Found found = SearchAll(
          views, search, [&] { return world.now(); },
          [&](const std::vector<SearchedCoupon>& added) {
            const auto matching = world.Matching(search, world.now());
            ASSERT_TRUE(matching);
            for (const SearchedCoupon& one : added) {
              EXPECT_THAT(*matching, testing::Contains(one.coupon.serial)) << "it matches now";
            }
            if (++steps > 30) return;  // so that it comes to an end
            world.Change();
            KeepMatching(world.Matching(search, world.now()), throughout);
          });
      if (found.not_found) continue;
      ExpectOnceAndAllOf(throughout, found);
    }
  }
}

/// A world in which a user has some 10,000 coupons, among 40,000.
class ManyCouponsTest : public CouponSearchTest {};
INSTANTIATE_TEST_SUITE_P(OneSeed, ManyCouponsTest, testing::Values<std::uint64_t>(1));

TEST_P(ManyCouponsTest, PagesAreThePlainList) {
  CouponWorld world(GetParam(), BothViews());
  world.IssueMany(40);
  for (int i = 0; i < 100; ++i) world.Change();
  for (const CouponOrder order : {CouponOrder::kOldestFirst, CouponOrder::kNewestFirst}) {
    for (const std::set<CouponState>& states :
         {std::set<CouponState>(), {CouponState::kRedeemed, CouponState::kVoided}}) {
      const CouponSearch search{
          .user_ids = {"kim"}, .states = states, .order = order, .page_size = 100};
      const auto matching = world.Matching(search, world.now());
      ASSERT_TRUE(matching);
      EXPECT_GE(matching->size(), states.empty() ? 9'000U : 10U) << "the test is one of many";
      for (const ViewStore* const views : BothViews()) {
        SCOPED_TRACE(Describe(search));
        EXPECT_EQ(SearchAll(*views, search, [&] { return world.now(); }).serials(), *matching);
      }
    }
  }
}

TEST_P(ManyCouponsTest, PagesBearChanges) {
  CouponWorld world(GetParam(), BothViews());
  world.IssueMany(40);
  for (const CouponOrder order : {CouponOrder::kOldestFirst, CouponOrder::kNewestFirst}) {
    for (const ViewStore* const views : BothViews()) {
      const CouponSearch search{.user_ids = {"kim"}, .order = order, .page_size = 100};
      SCOPED_TRACE(Describe(search));
      std::set<Serial> throughout = SetOf(world.Matching(search, world.now()).value());
      int steps = 0;
      const Found found = SearchAll(
          *views, search, [&] { return world.now(); },
          [&](const std::vector<SearchedCoupon>&) {
            if (++steps > 20) return;
            world.IssueMany(1);  // now and then it moves what the index gathers at its end
            world.Change();
            KeepMatching(world.Matching(search, world.now()), throughout);
          });
      ExpectOnceAndAllOf(throughout, found);
    }
  }
}

/// Worlds of several seeds, in views in memory alone: nothing but the seed can matter.
class InterruptedSearchTest : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, InterruptedSearchTest, testing::Range<std::uint64_t>(1, 5));

TEST_P(InterruptedSearchTest, ChangesBetweenReadsHideNothing) {
  for (std::uint64_t round = 0; round < 600; ++round) {
    test::InterruptedViews views;
    CouponWorld world(1'000 * GetParam() + round, {&views.rows()});
    for (int i = 0; i < 12; ++i) world.Change();
    const CouponSearch search = world.DrawSearch();
    SCOPED_TRACE(Describe(search) + ", round " + std::to_string(round));
    const Timestamp time = world.now();
    std::set<Serial> throughout =
        SetOf(world.Matching(search, time).value_or(std::vector<Serial>()));
    int reads = 0;
    views.BeforeEachRead([&] {
      if (++reads > 20) return;
      world.Change();
      KeepMatching(world.Matching(search, time), throughout);
    });
    const Found found = SearchAll(views, search, [&] { return time; });
    EXPECT_FALSE(found.not_found && world.Matching(search, time)) << "the campaign is there";
    if (!found.not_found) ExpectOnceAndAllOf(throughout, found);
  }
}

}  // namespace
}  // namespace coupond
