#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/perf_context.h>
#include <rocksdb/perf_level.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "storage/groups.h"
#include "storage/view_changes.h"
#include "storage/views/rocksdb_view_store.h"
#include "support/fake_view_store.h"
#include "support/temporary_directory.h"

namespace coupond::storage {
namespace {

using test::ChangedCampaign;
using test::ChangesAt;
using test::CheckpointAt;
using test::Coupons;
using test::IdOf;
using test::Must;
using test::Outcome;
using test::Redeemed;
using test::SerialsOf;
using test::SomeCampaign;
using test::Voided;

std::vector<CouponRun> RunsFrom(const ViewStore& views, std::uint64_t campaign,
                                std::uint64_t ordinal) {
  std::vector<CouponRun> runs;
  const auto cursor = views.OpenCoupons(CampaignNumber(campaign), {.first = ordinal});
  EXPECT_EQ(Outcome(cursor), "ok");
  while (true) {
    auto run = (*cursor)->Next();
    EXPECT_EQ(Outcome(run), "ok");
    if (!run || !*run) return runs;
    runs.push_back(std::move(**run));
  }
}

/// Returns them sorted, because the order of claims is not promised.
std::vector<ClaimRun> Claims(const ViewStore& views) {
  std::vector<ClaimRun> claims;
  EXPECT_EQ(Outcome(views.ReadClaims([&](const ClaimRun& run) { claims.push_back(run); })), "ok");
  std::sort(claims.begin(), claims.end(), [](const ClaimRun& left, const ClaimRun& right) {
    return std::tie(left.campaign, left.first_ordinal) <
           std::tie(right.campaign, right.first_ordinal);
  });
  return claims;
}

class ViewStoreTest : public testing::Test {
 protected:
  ViewStoreTest() { Open(); }

  void Open() {
    views_.reset();
    auto opened = RocksDbViewStore::Open(directory_.path() / "views");
    ASSERT_EQ(Outcome(opened), "ok");
    views_ = std::move(*opened);
  }

  test::TemporaryDirectory directory_;
  std::unique_ptr<RocksDbViewStore> views_;
};

TEST_F(ViewStoreTest, BeginsEmpty) {
  EXPECT_EQ(Must(views_->ReadCheckpoint()), std::nullopt);
  EXPECT_EQ(Must(views_->FindCampaign(IdOf(1))), std::nullopt);
  EXPECT_EQ(Must(views_->ListCampaigns(CampaignNumber(0), 10)), std::vector<Campaign>());
  EXPECT_TRUE(RunsFrom(*views_, 1, 0).empty());
  EXPECT_TRUE(Claims(*views_).empty());
}

TEST_F(ViewStoreTest, EveryFieldOfACampaignIsKept) {
  ViewChanges changes = ChangesAt(1);
  changes.campaigns = {ChangedCampaign(1), SomeCampaign(2)};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  EXPECT_EQ(Must(views_->ListCampaigns(CampaignNumber(0), 10)), changes.campaigns);
}

TEST_F(ViewStoreTest, WithoutAFlushACrashGoesBackToTheLastOne) {
  ViewChanges changes = ChangesAt(1);
  changes.campaigns = {SomeCampaign(1)};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  ASSERT_EQ(Outcome(views_->Flush()), "ok");
  changes = ChangesAt(2);
  changes.campaigns = {SomeCampaign(2)};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  Open();
  EXPECT_EQ(Must(views_->ReadCheckpoint()), CheckpointAt(1));
  EXPECT_EQ(Must(views_->ListCampaigns(CampaignNumber(0), 10)), std::vector{SomeCampaign(1)});
}

TEST_F(ViewStoreTest, ACursorBeginsAtTheRunThatHasTheOrdinal) {
  ViewChanges changes = ChangesAt(1);
  changes.runs = {Coupons(2, 0, 10), Coupons(2, 10, 1), Coupons(2, 11, 5), Coupons(1, 0, 99),
                  Coupons(3, 0, 99)};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  const auto firsts = [this](std::uint64_t ordinal) {
    std::vector<std::uint64_t> all;
    for (const CouponRun& run : RunsFrom(*views_, 2, ordinal)) all.push_back(run.first_ordinal);
    return all;
  };
  using testing::ElementsAre;
  EXPECT_THAT(firsts(0), ElementsAre(0, 10, 11));
  EXPECT_THAT(firsts(9), ElementsAre(0, 10, 11));
  EXPECT_THAT(firsts(10), ElementsAre(10, 11));
  EXPECT_THAT(firsts(15), ElementsAre(11));
  EXPECT_THAT(firsts(16), ElementsAre());
  EXPECT_THAT(firsts(~std::uint64_t{0}), ElementsAre());
}

TEST_F(ViewStoreTest, ACursorSeesNoLaterChanges) {
  ViewChanges changes = ChangesAt(1);
  changes.campaigns = {SomeCampaign(1)};
  changes.runs = {Coupons(1, 0, 10), Coupons(1, 10, 10)};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  const auto cursor = views_->OpenCoupons(CampaignNumber(1), {});
  EXPECT_EQ(Must((*cursor)->Next()), Coupons(1, 0, 10));
  changes = ChangesAt(2);
  changes.erased_campaigns = {SomeCampaign(1)};
  changes.runs = {Coupons(1, 20, 10)};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  ASSERT_EQ(Outcome(views_->Flush()), "ok");
  EXPECT_EQ(Must((*cursor)->Next()), Coupons(1, 10, 10));
  EXPECT_EQ(Must((*cursor)->Next()), std::nullopt);
  EXPECT_EQ(Must((*cursor)->Next()), std::nullopt);
}

TEST_F(ViewStoreTest, ErasingLeavesTheNeighboursAlone) {
  ViewChanges changes = ChangesAt(1);
  for (std::uint64_t campaign : {255, 256, 257}) {
    changes.campaigns.push_back(SomeCampaign(campaign));
    changes.campaigns.back().id = test::Id(static_cast<std::uint8_t>(campaign - 200));
    changes.runs.push_back(Coupons(campaign, 0, 10));
    changes.claims.push_back(
        {CampaignNumber(campaign), 0, test::At(0), {{3, test::ClaimOf(0xff)}}});
  }
  const Campaign middle = changes.campaigns[1];
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  changes = ChangesAt(2);
  changes.erased_campaigns = {middle};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  EXPECT_EQ(views_->ListCampaigns(CampaignNumber(0), 10)->size(), 2U);
  EXPECT_EQ(Must(views_->FindCampaign(middle.id)), std::nullopt);
  EXPECT_TRUE(RunsFrom(*views_, 256, 0).empty());
  EXPECT_EQ(RunsFrom(*views_, 255, 0).size(), 1U);
  EXPECT_EQ(RunsFrom(*views_, 257, 0).size(), 1U);
  EXPECT_EQ(Claims(*views_).size(), 2U);
}

std::vector<CouponStatusRow> Statuses(const ViewStore& views) {
  std::vector<CouponStatusRow> rows;
  const auto add = [&rows](const CouponStatusRow& row) { rows.push_back(row); };
  EXPECT_EQ(Outcome(views.ReadStatuses(add)), "ok");
  return rows;
}

std::vector<RequestRow> Requests(const ViewStore& views) {
  std::vector<RequestRow> rows;
  const auto add = [&rows](const RequestRow& row) { rows.push_back(row); };
  EXPECT_EQ(Outcome(views.ReadRequests(add)), "ok");
  return rows;
}

TEST_F(ViewStoreTest, KeepsWhatHasBecomeOfCoupons) {
  const RequestRow request{test::ClaimOf(1), {.sequence = Sequence(300), .content = ~0ULL}};
  ViewChanges changes = ChangesAt(1);
  changes.runs = {Coupons(1, 0, 4), Coupons(1, 4, 4)};
  changes.statuses = {Redeemed(1, 2), Voided(1, 3, CouponState::kVoided),
                      Voided(1, 5, CouponState::kReturned), Redeemed(2, 0)};
  changes.requests = {request};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  EXPECT_EQ(Statuses(*views_), changes.statuses);
  EXPECT_EQ(Requests(*views_), changes.requests);
  EXPECT_EQ(Must(views_->FindStatus(CampaignNumber(1), 5)), changes.statuses[2].status);
  EXPECT_EQ(Must(views_->FindStatus(CampaignNumber(1), 4)), std::nullopt);
  CouponRun later = Coupons(1, 4, 4);
  // A cursor from the middle of a run says nothing of the coupons before.
  EXPECT_THAT(RunsFrom(*views_, 1, 6), testing::ElementsAre(later));
  later.changed = {{.offset = 1, .status = changes.statuses[2].status}};
  EXPECT_THAT(RunsFrom(*views_, 1, 5), testing::ElementsAre(later));
  CouponRun earlier = Coupons(1, 0, 4);
  earlier.changed = {{.offset = 2, .status = changes.statuses[0].status},
                     {.offset = 3, .status = changes.statuses[1].status}};
  EXPECT_THAT(RunsFrom(*views_, 1, 0), testing::ElementsAre(earlier, later));

  // The redemption is undone, and the voided coupon's place returned.
  changes = ChangesAt(2);
  changes.statuses = {{.campaign = CampaignNumber(1), .ordinal = 2, .status = {}},
                      Voided(1, 3, CouponState::kReturned)};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  EXPECT_EQ(Must(views_->FindStatus(CampaignNumber(1), 2)), std::nullopt);
  EXPECT_EQ(Statuses(*views_).size(), 3U);
  changes = ChangesAt(3);
  changes.erased_campaigns = {SomeCampaign(1)};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  EXPECT_THAT(Statuses(*views_), testing::ElementsAre(Redeemed(2, 0)));
  EXPECT_EQ(Requests(*views_).size(), 1U) << "the same request must never take place again";
}

TEST_F(ViewStoreTest, FindsACampaignByEachOfItsSerials) {
  ViewChanges changes = ChangesAt(1);
  changes.campaigns = {ChangedCampaign(1), SomeCampaign(2)};
  changes.serials = {SerialsOf(1, 1'001, 1'000), SerialsOf(2, 2'001, 1'000),
                     SerialsOf(1, 1'000'000, 600), SerialsOf(1, 2'000'000, 400)};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  const auto campaign_of = [this](std::uint64_t serial) {
    const auto found = Must(views_->FindCampaignOf(Serial(serial)));
    return found ? found->number.value() : 0;
  };
  const std::pair<std::uint64_t, std::uint64_t> expected[] = {
      {0, 0},         {1'000, 0},     {1'001, 1},     {2'000, 1},     {2'001, 2},
      {3'000, 2},     {3'001, 0},     {999'999, 0},   {1'000'000, 1}, {1'000'599, 1},
      {1'000'600, 0}, {2'000'399, 1}, {2'000'400, 0}, {~0ULL, 0}};
  for (const auto& [serial, campaign] : expected)
    EXPECT_EQ(campaign_of(serial), campaign) << serial;
  changes = ChangesAt(2);
  changes.erased_campaigns = {ChangedCampaign(1)};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  for (const auto& [serial, campaign] : expected) {
    EXPECT_EQ(campaign_of(serial), campaign == 2 ? 2U : 0U) << serial;
  }
}

TEST_F(ViewStoreTest, ACursorDoesNotGoThroughErasedNeighbours) {
  ViewChanges changes = ChangesAt(1);
  changes.campaigns = {SomeCampaign(1), SomeCampaign(2), SomeCampaign(3)};
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    changes.runs.push_back(Coupons(1, i, 1));
    changes.runs.push_back(Coupons(3, i, 1));
  }
  changes.runs.push_back(Coupons(2, 0, 5));
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  changes = ChangesAt(2);
  changes.erased_campaigns = {SomeCampaign(1), SomeCampaign(3)};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
  for (const std::uint64_t ordinal : {0, 3, 5, 99}) {
    rocksdb::get_perf_context()->Reset();
    EXPECT_EQ(RunsFrom(*views_, 2, ordinal).size(), ordinal < 5 ? 1U : 0U);
    EXPECT_LT(rocksdb::get_perf_context()->prev_on_memtable_count, 10U) << ordinal;
    EXPECT_LT(rocksdb::get_perf_context()->next_on_memtable_count, 20U) << ordinal;
  }
}

TEST_F(ViewStoreTest, ClearingLeavesNothing) {
  ViewChanges changes = ChangesAt(1);
  changes.campaigns = {SomeCampaign(1)};
  changes.runs = {Coupons(1, 0, 10)};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  ASSERT_EQ(Outcome(views_->Flush()), "ok");
  {
    const auto cursor = views_->OpenCoupons(CampaignNumber(1), {});
    EXPECT_EQ(Outcome(views_->Clear()), "unavailable");
  }
  ASSERT_EQ(Outcome(views_->Clear()), "ok");
  EXPECT_EQ(Must(views_->ReadCheckpoint()), std::nullopt);
  EXPECT_EQ(Must(views_->ListCampaigns(CampaignNumber(0), 10)), std::vector<Campaign>());
  EXPECT_TRUE(RunsFrom(*views_, 1, 0).empty());
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  EXPECT_EQ(RunsFrom(*views_, 1, 0).size(), 1U);
}

TEST_F(ViewStoreTest, ReadsBesideWritesSeeWholeWrites) {
  std::thread writer([this] {
    for (std::uint64_t group = 1; group <= 500; ++group) {
      ViewChanges changes = ChangesAt(group);
      changes.campaigns = {SomeCampaign(1, static_cast<std::int64_t>(group))};
      changes.runs = {Coupons(1, group - 1, 1)};
      EXPECT_EQ(Outcome(views_->Write(changes)), "ok");
    }
  });
  std::int64_t issued = 0;
  while (issued < 500) {
    const auto row = views_->FindCampaign(IdOf(1));
    if (row && *row) issued = (*row)->issued_coupons;
    EXPECT_GE(RunsFrom(*views_, 1, 0).size(), static_cast<std::size_t>(issued));
  }
  writer.join();
}

/// Makes random changes to both stores, which must then answer everything alike.
class Model {
 public:
  Model(ViewStore& real, std::uint32_t seed) : real_(real), random_(seed) {}

  void Change(std::uint64_t group) {
    ViewChanges changes = ChangesAt(group);
    for (std::uint32_t i = 0; i < Below(3); ++i) {
      changes.campaigns.push_back(SomeCampaign(1 + Below(kCampaigns), Below(1'000)));
    }
    if (Below(8) == 0) changes.erased_campaigns = {SomeCampaign(1 + Below(kCampaigns))};
    for (std::uint32_t i = 0; i < Below(4); ++i) changes.runs.push_back(NextRun());
    for (std::uint32_t i = 0; i < Below(5); ++i) {
      changes.claims.push_back(NextClaims());
    }
    for (std::uint32_t i = 0; i < Below(4); ++i) changes.statuses.push_back(NextStatus());
    if (Below(4) == 0) {
      changes.requests.push_back({test::ClaimOf(static_cast<std::uint8_t>(random_())),
                                  {.sequence = Sequence(group), .content = random_()}});
    }
    ASSERT_EQ(Outcome(real_.Write(changes)), "ok");
    ASSERT_EQ(Outcome(fake_.Write(changes)), "ok");
    if (Below(20) == 0) {
      ASSERT_EQ(Outcome(real_.Flush()), "ok");
    }
  }

  void Compare() {
    EXPECT_EQ(Must(real_.ReadCheckpoint()), Must(fake_.ReadCheckpoint()));
    EXPECT_EQ(Claims(real_), Claims(fake_));
    EXPECT_EQ(Statuses(real_), Statuses(fake_));
    EXPECT_EQ(Requests(real_), Requests(fake_));
    for (std::uint64_t campaign = 0; campaign <= kCampaigns + 1; ++campaign) {
      EXPECT_EQ(Must(real_.FindCampaign(IdOf(campaign))), Must(fake_.FindCampaign(IdOf(campaign))));
      const std::size_t limit = Below(5);
      EXPECT_EQ(Must(real_.ListCampaigns(CampaignNumber(campaign), limit)),
                Must(fake_.ListCampaigns(CampaignNumber(campaign), limit)));
      const std::uint64_t ordinal = Below(static_cast<std::uint32_t>(next_ordinal_ + 2));
      EXPECT_EQ(RunsFrom(real_, campaign, ordinal), RunsFrom(fake_, campaign, ordinal));
      EXPECT_EQ(RunsFrom(real_, campaign, 0), RunsFrom(fake_, campaign, 0));
    }
  }

 private:
  static constexpr std::uint32_t kCampaigns = 12;

  std::uint32_t Below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

  Claim SomeClaim() { return test::ClaimOf(static_cast<std::uint8_t>(random_())); }

  CouponRun NextRun() {
    CouponRun run = Coupons(1 + Below(kCampaigns), next_ordinal_, 1 + Below(9));
    next_ordinal_ += run.count;
    for (std::uint32_t offset = 0; offset < run.count; offset += 1 + Below(4)) {
      run.holders.push_back({.offset = offset, .user_id = "user " + std::to_string(Below(99))});
    }
    return run;
  }

  CouponStatusRow NextStatus() {
    const std::uint64_t campaign = 1 + Below(kCampaigns);
    const std::uint64_t ordinal = Below(static_cast<std::uint32_t>(next_ordinal_ + 2));
    switch (Below(4)) {
      case 0:
        return {.campaign = CampaignNumber(campaign), .ordinal = ordinal, .status = {}};
      case 1:
        return Voided(campaign, ordinal, CouponState::kVoided);
      case 2:
        return Voided(campaign, ordinal, CouponState::kReturned);
      default:
        return Redeemed(campaign, ordinal);
    }
  }

  ClaimRun NextClaims() {
    ClaimRun run{CampaignNumber(1 + Below(kCampaigns)),
                 Below(100),
                 Timestamp::FromUnixNanoseconds(Below(1'000'000)),
                 {}};
    run.all_timed = Below(3) == 0;
    std::uint32_t offset = Below(3);
    for (std::uint32_t left = Below(4) + (run.all_timed ? 0 : 1); left > 0; --left) {
      run.claims.push_back({.offset = offset, .claim = SomeClaim()});
      if (Below(2) == 0) run.claims.back().holder = SomeClaim();
      offset += 1 + Below(9);
    }
    return run;
  }

  ViewStore& real_;
  test::FakeViewStore fake_;
  std::mt19937 random_;
  std::uint64_t next_ordinal_ = 0;
};

TEST_F(ViewStoreTest, EqualsTheModelAfterRandomChanges) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Model model(*views_, seed);
  for (std::uint64_t group = 1; group <= 600; ++group) {
    model.Change(group);
    if (group % 25 == 0) model.Compare();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace coupond::storage
