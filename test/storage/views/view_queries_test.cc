#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/groups.h"
#include "storage/views/rocksdb_view_store.h"
#include "storage/views/user_index.h"
#include "storage/views/user_index_rows.h"
#include "storage/views/view_changes.h"
#include "support/fake_view_store.h"
#include "support/stored_coupon.h"
#include "support/temporary_directory.h"

// How single coupons are found. The fake store promises the same as the real one.
namespace coupond::storage {
namespace {

using test::ChangesAt;
using test::Coupons;
using test::Must;
using test::Outcome;
using test::Redeemed;
using test::SomeCampaign;
using test::Voided;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t kLastOrdinal = 0xffff'ffff;

class RealViews {
 public:
  RealViews() {
    auto opened = RocksDbViewStore::Open(directory_.path() / "views");
    EXPECT_EQ(Outcome(opened), "ok");
    views_ = std::move(*opened);
  }
  ViewStore& store() { return *views_; }

 private:
  test::TemporaryDirectory directory_;
  std::unique_ptr<RocksDbViewStore> views_;
};

class FakeViews {
 public:
  ViewStore& store() { return views_; }

 private:
  test::FakeViewStore views_;
};

template <typename Views>
class ViewQueriesTest : public testing::Test {
 protected:
  ViewStore& store() { return views_.store(); }

  void Write(ViewChanges changes) {
    changes.checkpoint = test::CheckpointAt(++groups_);
    ASSERT_EQ(Outcome(store().Write(changes)), "ok");
  }
  void WriteStatuses(std::vector<CouponStatusRow> statuses) {
    ViewChanges changes = ChangesAt(1);
    changes.statuses = std::move(statuses);
    Write(std::move(changes));
  }
  void Erase(std::uint64_t campaign) {
    ViewChanges changes = ChangesAt(1);
    changes.erased_campaigns = {SomeCampaign(campaign)};
    Write(std::move(changes));
  }

  std::optional<StoredCoupon> Coupon(std::uint64_t campaign, std::uint64_t ordinal) {
    return Must(test::FindStored(store(), CampaignNumber(campaign), ordinal));
  }
  std::vector<std::uint64_t> Ordinals(std::uint64_t campaign, CouponState state, CouponOrder order,
                                      std::optional<std::uint64_t> after = {},
                                      std::size_t limit = 100) {
    return Must(store().ListOrdinals(CampaignNumber(campaign), state, order, after, limit));
  }
  /// Returns them without those of erased campaigns, which may be listed or not.
  std::vector<UserCoupon> CouponsOf(UserDigest user, CouponOrder order,
                                    const std::optional<UserCoupon>& after = {},
                                    std::size_t limit = 100'000) {
    auto listed = Must(store().ListCouponsOf(user, order, after, limit));
    EXPECT_LE(listed.size(), limit);
    std::erase_if(listed, [this](const UserCoupon& coupon) {
      return !Must(store().FindCampaign(coupon.campaign));
    });
    return listed;
  }

 private:
  Views views_;
  std::uint64_t groups_ = 0;
};

using Stores = testing::Types<RealViews, FakeViews>;
struct StoreNames {
  template <typename Views>
  static std::string GetName(int) {
    return std::is_same_v<Views, RealViews> ? "Real" : "Fake";
  }
};
TYPED_TEST_SUITE(ViewQueriesTest, Stores, StoreNames);

constexpr CouponOrder kOldest = CouponOrder::kOldestFirst;
constexpr CouponOrder kNewest = CouponOrder::kNewestFirst;

TYPED_TEST(ViewQueriesTest, ACouponIsFoundWithItsTimeAndItsUser) {
  CouponRun early = Coupons(2, 0, 5);
  early.issued_at = Timestamp::FromUnixNanoseconds(-7);  // before 1970
  early.holders = {{.offset = 1, .user_id = "kim"}, {.offset = 4, .user_id = "lee"}};
  CouponRun single = Coupons(2, 5, 1);
  single.holders = {{.offset = 0, .user_id = "sora"}};
  CouponRun last = Coupons(2, kLastOrdinal, 1);
  ViewChanges changes = ChangesAt(1);
  changes.runs = {early, single, last, Coupons(1, 0, 9), Coupons(3, 0, 9)};
  this->Write(changes);
  const auto of = [](const CouponRun& run, std::string user_id = {}) {
    return StoredCoupon{.issued_at = run.issued_at, .user_id = std::move(user_id)};
  };
  EXPECT_EQ(this->Coupon(2, 0), of(early));
  EXPECT_EQ(this->Coupon(2, 1), of(early, "kim"));
  EXPECT_EQ(this->Coupon(2, 3), of(early));
  EXPECT_EQ(this->Coupon(2, 4), of(early, "lee"));
  EXPECT_EQ(this->Coupon(2, 5), of(single, "sora"));
  EXPECT_EQ(this->Coupon(2, kLastOrdinal), of(last));
}

TYPED_TEST(ViewQueriesTest, ACouponThatWasNotIssuedIsNotFound) {
  ViewChanges changes = ChangesAt(1);
  changes.runs = {Coupons(2, 3, 5), Coupons(2, 10, 5), Coupons(1, 0, 99), Coupons(3, 0, 99)};
  this->Write(changes);
  for (const std::uint64_t ordinal : {0ULL, 2ULL, 8ULL, 9ULL, 15ULL, 99ULL, ~0ULL}) {
    EXPECT_EQ(this->Coupon(2, ordinal), std::nullopt) << ordinal;
  }
  for (const std::uint64_t campaign : {0ULL, 4ULL, 256ULL, ~0ULL}) {
    EXPECT_EQ(this->Coupon(campaign, 3), std::nullopt) << campaign;
  }
  this->Erase(2);
  EXPECT_EQ(this->Coupon(2, 3), std::nullopt);
  EXPECT_NE(this->Coupon(1, 3), std::nullopt);
  EXPECT_NE(this->Coupon(3, 3), std::nullopt);
}

TYPED_TEST(ViewQueriesTest, ACouponIsFoundWithWhatHasBecomeOfIt) {
  ViewChanges changes = ChangesAt(1);
  changes.runs = {Coupons(2, 0, 5), Coupons(3, 0, 5)};
  changes.statuses = {Redeemed(2, 1), Voided(2, 2, CouponState::kVoided), Redeemed(3, 3)};
  this->Write(changes);
  EXPECT_EQ(this->Coupon(2, 0)->status, CouponStatus{});
  EXPECT_EQ(this->Coupon(2, 1)->status, Redeemed(2, 1).status);
  EXPECT_EQ(this->Coupon(2, 2)->status, changes.statuses[1].status);
  EXPECT_EQ(this->Coupon(2, 3)->status, CouponStatus{});
  this->WriteStatuses({{.campaign = CampaignNumber(2),
                        .ordinal = 1,
                        .status = {},
                        .state_before = CouponState::kRedeemed}});
  EXPECT_EQ(this->Coupon(2, 1)->status, CouponStatus{});
}

TYPED_TEST(ViewQueriesTest, CouponsAreFoundAtOnceAsOneByOne) {
  ViewChanges changes = ChangesAt(1);
  changes.runs = {Coupons(2, 3, 5), Coupons(2, 8, 1), Coupons(2, 20, 300), Coupons(3, 0, 9)};
  for (const std::uint32_t offset : {0U, 7U, 299U}) {
    changes.runs[2].holders.push_back({.offset = offset, .user_id = std::to_string(offset)});
  }
  changes.statuses = {Redeemed(2, 4), Redeemed(2, 27), Voided(2, 319, CouponState::kVoided)};
  this->Write(changes);
  const std::vector<std::uint64_t> lists[] = {
      {}, {8}, {2, 3, 4, 7, 8, 9, 19, 20, 27, 28, 319, 320}, {4, 319}, {27, 27}, {400, ~0ULL}};
  for (const std::uint64_t campaign : {2, 3, 4}) {
    for (const std::vector<std::uint64_t>& ordinals : lists) {
      std::vector<std::optional<StoredCoupon>> expected;
      for (const std::uint64_t ordinal : ordinals) {
        expected.push_back(this->Coupon(campaign, ordinal));
      }
      EXPECT_EQ(Must(this->store().FindCoupons(CampaignNumber(campaign), ordinals)), expected);
    }
  }
}

TYPED_TEST(ViewQueriesTest, OrdinalsOfAStateAreListedInBothOrders) {
  std::vector<CouponStatusRow> statuses;
  for (const std::uint64_t campaign : {1, 2, 3, 255, 256}) {
    for (const std::uint64_t ordinal : {0ULL, 1ULL, 5ULL, 255ULL, 256ULL, 70'000ULL}) {
      statuses.push_back(Redeemed(campaign, ordinal));
    }
    statuses.push_back(Voided(campaign, 3, CouponState::kVoided));
    statuses.push_back(Voided(campaign, 4, CouponState::kReturned));
  }
  statuses.push_back(Redeemed(2, kLastOrdinal));
  this->WriteStatuses(statuses);
  using enum CouponState;
  EXPECT_THAT(this->Ordinals(2, kRedeemed, kOldest),
              ElementsAre(0, 1, 5, 255, 256, 70'000, kLastOrdinal));
  EXPECT_THAT(this->Ordinals(2, kRedeemed, kNewest),
              ElementsAre(kLastOrdinal, 70'000, 256, 255, 5, 1, 0));
  EXPECT_THAT(this->Ordinals(255, kRedeemed, kNewest), ElementsAre(70'000, 256, 255, 5, 1, 0));
  for (const CouponOrder order : {kOldest, kNewest}) {
    EXPECT_THAT(this->Ordinals(2, kVoided, order), ElementsAre(3));
    EXPECT_THAT(this->Ordinals(2, kReturned, order), ElementsAre(4));
    EXPECT_THAT(this->Ordinals(4, kVoided, order), IsEmpty());
    EXPECT_THAT(this->Ordinals(0, kReturned, order), IsEmpty());
  }
}

TYPED_TEST(ViewQueriesTest, AListOfOrdinalsGoesOnAfterAnyPlace) {
  std::vector<CouponStatusRow> statuses;
  for (const std::uint64_t campaign : {1, 2, 3}) {
    for (const std::uint64_t ordinal : {2, 4, 6}) statuses.push_back(Redeemed(campaign, ordinal));
    statuses.push_back(Voided(campaign, 3, CouponState::kVoided));
  }
  this->WriteStatuses(statuses);
  const std::vector<std::uint64_t> all = {2, 4, 6};
  for (std::uint64_t after : {0ULL, 1ULL, 2ULL, 3ULL, 4ULL, 5ULL, 6ULL, 7ULL, ~0ULL}) {
    for (std::size_t limit = 0; limit <= 4; ++limit) {
      SCOPED_TRACE(std::to_string(after) + ", at most " + std::to_string(limit));
      std::vector<std::uint64_t> later;
      std::vector<std::uint64_t> earlier;
      std::ranges::copy_if(all, std::back_inserter(later), [&](auto at) { return at > after; });
      std::ranges::copy_if(all, std::back_inserter(earlier), [&](auto at) { return at < after; });
      std::ranges::reverse(earlier);
      later.resize(std::min(later.size(), limit));
      earlier.resize(std::min(earlier.size(), limit));
      EXPECT_EQ(this->Ordinals(2, CouponState::kRedeemed, kOldest, after, limit), later);
      EXPECT_EQ(this->Ordinals(2, CouponState::kRedeemed, kNewest, after, limit), earlier);
    }
  }
}

TYPED_TEST(ViewQueriesTest, ACouponIsListedInTheStateThatItHasNow) {
  const auto changed = [](CouponStatusRow row, CouponState before) {
    row.state_before = before;
    return row;
  };
  using enum CouponState;
  const CouponStatusRow issued{.campaign = CampaignNumber(1), .ordinal = 7, .status = {}};
  const CouponStatusRow steps[] = {
      changed(Redeemed(1, 7), kIssued),
      changed(Redeemed(1, 7), kRedeemed),
      changed(issued, kRedeemed),
      changed(issued, kIssued),
      changed(Voided(1, 7, kVoided), kIssued),
      changed(Voided(1, 7, kVoided), kVoided),
      changed(Voided(1, 7, kReturned), kVoided),
      changed(issued, kReturned),
      changed(Voided(1, 7, kReturned), kIssued),
  };
  this->WriteStatuses({Redeemed(1, 6), Voided(1, 8, kVoided), Voided(1, 9, kReturned)});
  const std::pair<CouponState, std::uint64_t> others[] = {
      {kRedeemed, 6}, {kVoided, 8}, {kReturned, 9}};
  int number = 0;
  for (const CouponStatusRow& step : steps) {
    SCOPED_TRACE(++number);
    this->WriteStatuses({step});
    for (const auto& [state, other] : others) {
      std::vector<std::uint64_t> expected = {other};
      if (step.status.state == state) expected.push_back(7);
      std::ranges::sort(expected);
      EXPECT_EQ(this->Ordinals(1, state, kOldest), expected);
    }
  }
}

TYPED_TEST(ViewQueriesTest, ErasingACampaignEmptiesItsListsAlone) {
  std::vector<CouponStatusRow> statuses;
  for (const std::uint64_t campaign : {255, 256, 257}) {
    statuses.push_back(Redeemed(campaign, 0));
    statuses.push_back(Redeemed(campaign, kLastOrdinal));
    statuses.push_back(Voided(campaign, 1, CouponState::kReturned));
  }
  this->WriteStatuses(statuses);
  this->Erase(256);
  for (const CouponOrder order : {kOldest, kNewest}) {
    for (const std::uint64_t campaign : {255, 256, 257}) {
      EXPECT_EQ(this->Ordinals(campaign, CouponState::kRedeemed, order).size(),
                campaign == 256 ? 0U : 2U);
      EXPECT_EQ(this->Ordinals(campaign, CouponState::kReturned, order).size(),
                campaign == 256 ? 0U : 1U);
    }
  }
}

// Users of one bucket, and one of another.
constexpr UserDigest kKim(5);
constexpr UserDigest kLee(5 + kUserBuckets);
constexpr UserDigest kSora(5 + 7 * std::uint64_t{kUserBuckets});
constexpr UserDigest kJoon(6);
constexpr UserDigest kNobody(5 + 2 * std::uint64_t{kUserBuckets});

UserCouponRow CouponFor(UserDigest user, std::uint64_t sequence, std::uint64_t campaign,
                        std::uint64_t ordinal) {
  return {.user = user,
          .coupon = {.sequence = Sequence(sequence),
                     .campaign = CampaignNumber(campaign),
                     .ordinal = ordinal}};
}

/// Lists all coupons in pages of so many, each after the last coupon of the one before.
template <typename List>
std::vector<UserCoupon> InPages(std::size_t page_size, List list) {
  constexpr std::size_t kCouponsMax = 100'000;
  std::vector<UserCoupon> all;
  while (all.size() < kCouponsMax) {
    const std::vector<UserCoupon> page =
        list(all.empty() ? std::nullopt : std::optional(all.back()), page_size);
    all.insert(all.end(), page.begin(), page.end());
    if (page.size() < page_size) return all;
  }
  ADD_FAILURE() << "the pages do not end";
  return all;
}

TYPED_TEST(ViewQueriesTest, AUsersCouponsAreListedInBothOrders) {
  ViewChanges changes = ChangesAt(1);
  changes.campaigns = {SomeCampaign(1), SomeCampaign(2)};
  this->Write(changes);
  std::vector<UserCoupon> expected;
  // More than twice what is kept in the order of issue, and then sorted by users.
  const UserDigest users[] = {kLee, kSora, kJoon};
  const std::uint64_t rows = 2 * UserIndex::kTailCouponsMax + 3'000;
  std::vector<UserCouponRow> batch;
  for (std::uint64_t i = 0; i < rows; ++i) {
    const UserDigest user = i % 100 == 0 ? kKim : users[i % 3];
    batch.push_back(CouponFor(user, 10 + 2 * i, 1 + i % 2, i / 2));
    if (user == kKim) expected.push_back(batch.back().coupon);
    if (batch.size() < 700 && i + 1 < rows) continue;
    changes = ChangesAt(1);
    changes.user_coupons = std::exchange(batch, {});
    this->Write(changes);
  }
  std::vector<UserCoupon> newest_first = expected;
  std::ranges::reverse(newest_first);
  EXPECT_EQ(this->CouponsOf(kKim, kOldest), expected);
  EXPECT_EQ(this->CouponsOf(kKim, kNewest), newest_first);
  EXPECT_THAT(this->CouponsOf(kNobody, kOldest), IsEmpty());
  for (const std::size_t size : {3, 100, 10'000}) {
    const auto pages = [this, size](CouponOrder order) {
      return InPages(size, [this, order](const auto& after, std::size_t limit) {
        return this->CouponsOf(kKim, order, after, limit);
      });
    };
    EXPECT_EQ(pages(kOldest), expected) << size;
    EXPECT_EQ(pages(kNewest), newest_first) << size;
  }
  // After places where the user has no coupon.
  for (const std::uint64_t sequence : {0ULL, 9ULL, 11ULL, 10'000ULL, 32'777ULL, 40'001ULL, ~0ULL}) {
    const UserCoupon place{
        .sequence = Sequence(sequence), .campaign = CampaignNumber(1), .ordinal = 3};
    const auto behind = std::ranges::upper_bound(expected, place);
    EXPECT_EQ(this->CouponsOf(kKim, kOldest, place), std::vector(behind, expected.end()))
        << sequence;
    std::vector<UserCoupon> before(expected.begin(), std::ranges::lower_bound(expected, place));
    std::ranges::reverse(before);
    EXPECT_EQ(this->CouponsOf(kKim, kNewest, place), before) << sequence;
  }
  EXPECT_THAT(this->CouponsOf(kKim, kOldest, std::nullopt, 0), IsEmpty());
}

TYPED_TEST(ViewQueriesTest, ACouponOfAnErasedCampaignHidesNoneOfAnother) {
  ViewChanges changes = ChangesAt(1);
  changes.campaigns = {SomeCampaign(1), SomeCampaign(2)};
  for (std::uint64_t i = 0; i < 10; ++i) {
    changes.user_coupons.push_back(CouponFor(kKim, 3 + i, 1 + i % 2, i));
  }
  this->Write(changes);
  this->Erase(2);
  std::vector<std::uint64_t> ordinals;
  for (const UserCoupon& coupon : this->CouponsOf(kKim, kOldest)) {
    ordinals.push_back(coupon.ordinal);
  }
  EXPECT_THAT(ordinals, ElementsAre(0, 2, 4, 6, 8));
}

}  // namespace
}  // namespace coupond::storage
