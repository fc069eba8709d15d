#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/perf_context.h>
#include <rocksdb/perf_level.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "storage/groups.h"
#include "storage/views/rocksdb_view_store.h"
#include "storage/views/view_changes.h"
#include "storage/views/view_contents.h"
#include "support/temporary_directory.h"

namespace coupond::storage {
namespace {

using test::AddNew;
using test::ChangedCampaign;
using test::ChangesAt;
using test::CheckpointAt;
using test::Claims;
using test::Coupons;
using test::IdOf;
using test::IdRowOf;
using test::Must;
using test::Outcome;
using test::Redeemed;
using test::Requests;
using test::RunsFrom;
using test::SerialsOf;
using test::SomeCampaign;
using test::Statuses;
using test::Voided;

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
    Campaign row = SomeCampaign(campaign);
    row.id = test::Id(static_cast<std::uint8_t>(campaign - 200));
    AddNew(changes, row);
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

TEST_F(ViewStoreTest, TheIdOfACampaignStaysKnown) {
  ViewChanges changes = ChangesAt(1);
  AddNew(changes, SomeCampaign(1));
  AddNew(changes, SomeCampaign(2));
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  EXPECT_EQ(Must(views_->FindCampaignId(CampaignNumber(1))), IdOf(1));
  EXPECT_EQ(Must(views_->FindCampaignId(CampaignNumber(3))), std::nullopt);
  changes = ChangesAt(2);
  changes.erased_campaigns = {SomeCampaign(1), SomeCampaign(3)};
  changes.ids = {IdRowOf(3)};  // it never was in a write
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  ASSERT_EQ(Outcome(views_->Flush()), "ok");
  Open();
  for (const std::uint64_t campaign : {1, 2, 3}) {
    EXPECT_EQ(Must(views_->FindCampaignId(CampaignNumber(campaign))), IdOf(campaign));
    EXPECT_EQ(Must(views_->FindCampaignNumber(IdOf(campaign))), CampaignNumber(campaign));
  }
  EXPECT_EQ(Must(views_->FindCampaignNumber(IdOf(4))), std::nullopt);
  EXPECT_EQ(Must(views_->FindCampaign(IdOf(1))), std::nullopt);
  EXPECT_EQ(Must(views_->FindCampaignId(CampaignNumber(0))), std::nullopt);
  EXPECT_EQ(Must(views_->FindCampaignId(CampaignNumber(4))), std::nullopt);
}

TEST_F(ViewStoreTest, WhenCampaignsSoldOutIsListedInOrder) {
  const SoldOutRow first{.sequence = Sequence(255), .campaign = CampaignNumber(2)};
  const SoldOutRow second{.sequence = Sequence(256), .campaign = CampaignNumber(1)};
  const SoldOutRow third{.sequence = Sequence(70'000), .campaign = CampaignNumber(2)};
  ViewChanges changes = ChangesAt(1);
  changes.sold_outs = {first, second};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  changes = ChangesAt(2);
  changes.erased_campaigns = {SomeCampaign(2)};
  changes.sold_outs = {third};
  ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  const auto list = [this](std::uint64_t from, std::uint64_t end) {
    return Must(views_->ListSoldOuts(Sequence(from), Sequence(end)));
  };
  EXPECT_THAT(list(0, ~0ULL), testing::ElementsAre(first, second, third));
  EXPECT_THAT(list(255, 256), testing::ElementsAre(first));
  EXPECT_THAT(list(256, 70'000), testing::ElementsAre(second));
  EXPECT_THAT(list(257, 70'001), testing::ElementsAre(third));
  EXPECT_THAT(list(70'001, ~0ULL), testing::IsEmpty());
  EXPECT_THAT(list(256, 255), testing::IsEmpty());
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
      AddNew(changes, SomeCampaign(1, static_cast<std::int64_t>(group)));
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

}  // namespace
}  // namespace coupond::storage
