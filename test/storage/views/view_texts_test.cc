#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/groups.h"
#include "storage/text_search.h"
#include "storage/views/rocksdb_view_store.h"
#include "storage/views/view_changes.h"
#include "storage/views/view_contents.h"
#include "support/stored_coupon.h"
#include "support/temporary_directory.h"

// Texts of erased users in the views.
namespace coupond::storage {
namespace {

using test::ChangesAt;
using test::Coupons;
using test::FilesWith;
using test::IncompressibleText;
using test::Must;
using test::Outcome;
using test::RunsFrom;
using test::SomeCampaign;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

/// Campaigns 1 and 2 with three runs each; the coupons 0, 3, 6, … are of users.
class ViewTextsTest : public testing::Test {
 protected:
  ViewTextsTest() {
    Open();
    ViewChanges changes = ChangesAt(++group_);
    for (const std::uint64_t campaign : {1, 2}) {
      changes.campaigns.push_back(SomeCampaign(campaign, 18));
      changes.runs.push_back(Run(campaign, 0, 6));
      changes.runs.push_back(Run(campaign, 6, 1));
      changes.runs.push_back(Run(campaign, 7, 11));
    }
    Write(changes);
  }

  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "views"; }
  void Open() {
    views_.reset();
    views_ = Must(RocksDbViewStore::Open(path()));
  }
  void Write(const ViewChanges& changes) { ASSERT_EQ(Outcome(views_->Write(changes)), "ok"); }
  void Flush() { ASSERT_EQ(Outcome(views_->Flush()), "ok"); }
  static std::string TextOf(std::uint64_t campaign, std::uint64_t ordinal) {
    return IncompressibleText(1'000 * campaign + ordinal);
  }
  static CouponRun Run(std::uint64_t campaign, std::uint64_t first, std::uint32_t count) {
    CouponRun run = Coupons(campaign, first, count);
    for (std::uint32_t offset = 0; offset < count; ++offset) {
      const std::uint64_t ordinal = first + offset;
      if (ordinal % 3 != 0) continue;
      run.holders.push_back({.offset = offset, .user_id = TextOf(campaign, ordinal)});
    }
    return run;
  }
  void Remove(std::uint64_t campaign, std::vector<std::uint64_t> ordinals) {
    ViewChanges changes = ChangesAt(++group_);
    for (const std::uint64_t ordinal : ordinals) {
      changes.removed_texts.push_back({.campaign = CampaignNumber(campaign), .ordinal = ordinal});
    }
    Write(changes);
  }
  void Delete(std::uint64_t campaign) {
    ViewChanges changes = ChangesAt(++group_);
    changes.erased_campaigns = {SomeCampaign(campaign, 18)};
    Write(changes);
  }
  Result<bool> Purge(std::vector<std::uint64_t> campaigns) {
    std::vector<CampaignNumber> numbers;
    for (const std::uint64_t campaign : campaigns) numbers.emplace_back(campaign);
    return views_->PurgeRemovedTexts({.erasure = {}, .groups = {}, .campaigns = numbers}, stop_);
  }
  /// Returns the ordinals with texts, as single coupons and as a list, which must agree.
  std::vector<std::uint64_t> WithTexts(std::uint64_t campaign) {
    std::vector<std::uint64_t> single;
    for (std::uint64_t ordinal = 0; ordinal < 18; ++ordinal) {
      const auto coupon = Must(test::FindStored(*views_, CampaignNumber(campaign), ordinal));
      EXPECT_TRUE(coupon) << ordinal;
      if (!coupon || coupon->user_id.empty()) continue;
      EXPECT_EQ(coupon->user_id, TextOf(campaign, ordinal));
      single.push_back(ordinal);
    }
    std::vector<std::uint64_t> listed;
    std::uint64_t coupons = 0;
    for (const CouponRun& run : RunsFrom(*views_, campaign, 0)) {
      coupons += run.count;
      for (const auto& holder : run.holders) listed.push_back(run.first_ordinal + holder.offset);
    }
    EXPECT_EQ(coupons, 18U);
    EXPECT_EQ(listed, single);
    return single;
  }
  [[nodiscard]] std::vector<std::string> FilesWithText(std::uint64_t campaign,
                                                       std::uint64_t ordinal) const {
    return FilesWith(path(), TextOf(campaign, ordinal));
  }

  test::TemporaryDirectory directory_;
  std::unique_ptr<RocksDbViewStore> views_;
  std::atomic<bool> stop_{false};
  std::uint64_t group_ = 0;
};

TEST_F(ViewTextsTest, ARemovedTextIsNotShown) {
  EXPECT_THAT(WithTexts(1), ElementsAre(0, 3, 6, 9, 12, 15));
  Remove(1, {3, 6, 15});
  EXPECT_THAT(WithTexts(1), ElementsAre(0, 9, 12));
  EXPECT_THAT(WithTexts(2), ElementsAre(0, 3, 6, 9, 12, 15));
}

TEST_F(ViewTextsTest, RemovalsOfOneRunAddUp) {
  for (const bool flush : {false, true}) {
    SCOPED_TRACE(flush);
    const std::uint64_t campaign = flush ? 2 : 1;
    if (flush) Flush();
    Remove(campaign, {9, 15});
    if (flush) Flush();
    Remove(campaign, {0, 9});
    if (flush) Flush();
    Remove(campaign, {10});  // of nobody
    EXPECT_THAT(WithTexts(campaign), ElementsAre(3, 6, 12));
    Flush();
    EXPECT_THAT(WithTexts(campaign), ElementsAre(3, 6, 12));
    Open();
    EXPECT_THAT(WithTexts(campaign), ElementsAre(3, 6, 12));
    EXPECT_EQ(Must(Purge({campaign})), true);
    EXPECT_THAT(WithTexts(campaign), ElementsAre(3, 6, 12));
  }
}

TEST_F(ViewTextsTest, ARemovalThatFindsNoTextChangesNothing) {
  Remove(1, {4});
  Remove(9, {4});  // there is no such campaign
  EXPECT_THAT(WithTexts(1), ElementsAre(0, 3, 6, 9, 12, 15));
}

TEST_F(ViewTextsTest, RemovalsBeyondTheLastFlushAreLostWithIt) {
  Flush();
  Remove(1, {3});
  Open();
  EXPECT_THAT(WithTexts(1), ElementsAre(0, 3, 6, 9, 12, 15)) << "the log has them still";
}

TEST_F(ViewTextsTest, ErasuresAreListedUntilTheyAreFinished) {
  const ErasureRow three{
      .sequence = Sequence(3), .campaign = CampaignNumber(1), .serials = {Serial(1), Serial(300)}};
  const ErasureRow seven{
      .sequence = Sequence(7), .campaign = CampaignNumber(9), .serials = {Serial(~0ULL)}};
  const ErasureRow nine{
      .sequence = Sequence(300), .campaign = CampaignNumber(2), .serials = {Serial(5)}};
  EXPECT_THAT(Must(views_->ListErasures()), IsEmpty());
  ViewChanges changes = ChangesAt(++group_);
  changes.erasures = {three, seven};
  Write(changes);
  EXPECT_THAT(Must(views_->ListErasures()), ElementsAre(three, seven));
  Flush();
  Open();
  EXPECT_THAT(Must(views_->ListErasures()), ElementsAre(three, seven));
  changes = ChangesAt(++group_);
  changes.finished_erasure = Sequence(3);
  changes.erasures = {nine};
  Write(changes);
  EXPECT_THAT(Must(views_->ListErasures()), ElementsAre(seven, nine));
  changes = ChangesAt(++group_);
  changes.finished_erasure = Sequence(299);
  Write(changes);
  EXPECT_THAT(Must(views_->ListErasures()), ElementsAre(nine));
  changes.finished_erasure = Sequence(300);
  Write(changes);
  EXPECT_THAT(Must(views_->ListErasures()), IsEmpty());
}

TEST_F(ViewTextsTest, AFreedClaimOfAnIssuedCouponIsKept) {
  ViewChanges changes = ChangesAt(++group_);
  const CouponStatusRow freed{.campaign = CampaignNumber(1),
                              .ordinal = 4,
                              .status = {.claim_freed = true},
                              .state_before = CouponState::kIssued};
  CouponStatusRow redeemed = test::Redeemed(1, 5);
  redeemed.status.claim_freed = true;
  changes.statuses = {freed, redeemed};
  Write(changes);
  Flush();
  Open();
  EXPECT_EQ(Must(views_->FindStatus(CampaignNumber(1), 4)), freed.status);
  EXPECT_EQ(Must(views_->FindStatus(CampaignNumber(1), 5)), redeemed.status);
  const auto list = [this](CouponState state) {
    return Must(views_->ListOrdinals(CampaignNumber(1), state, CouponOrder::kOldestFirst, {}, 10));
  };
  EXPECT_THAT(list(CouponState::kRedeemed), ElementsAre(5));
  EXPECT_THAT(list(CouponState::kVoided), IsEmpty());
  // Redeemed and back.
  changes = ChangesAt(++group_);
  CouponStatusRow back = freed;
  back.ordinal = 5;
  back.state_before = CouponState::kRedeemed;
  changes.statuses = {back};
  Write(changes);
  EXPECT_EQ(Must(views_->FindStatus(CampaignNumber(1), 5)), freed.status);
  EXPECT_THAT(list(CouponState::kRedeemed), IsEmpty());
  std::vector<std::uint64_t> ordinals;
  for (const CouponStatusRow& row : test::Statuses(*views_)) ordinals.push_back(row.ordinal);
  EXPECT_THAT(ordinals, ElementsAre(4, 5));
}

TEST_F(ViewTextsTest, APurgedTextIsInNoFile) {
  Flush();
  ASSERT_THAT(FilesWithText(1, 3), Not(IsEmpty()));
  Remove(1, {3, 15});
  ASSERT_THAT(FilesWithText(1, 3), Not(IsEmpty())) << "the row is as it was";
  EXPECT_EQ(Must(Purge({1})), true);
  EXPECT_THAT(FilesWithText(1, 3), IsEmpty());
  EXPECT_THAT(FilesWithText(1, 15), IsEmpty());
  EXPECT_THAT(FilesWithText(1, 12), Not(IsEmpty()));
  EXPECT_THAT(WithTexts(1), ElementsAre(0, 6, 9, 12));
  EXPECT_THAT(WithTexts(2), ElementsAre(0, 3, 6, 9, 12, 15));
  // From a deeper table, and of both campaigns.
  Remove(1, {0});
  Remove(2, {6});
  EXPECT_EQ(Must(Purge({1, 2})), true);
  EXPECT_THAT(FilesWithText(1, 0), IsEmpty());
  EXPECT_THAT(FilesWithText(2, 6), IsEmpty());
  Open();
  EXPECT_THAT(WithTexts(1), ElementsAre(6, 9, 12));
  EXPECT_THAT(WithTexts(2), ElementsAre(0, 3, 9, 12, 15));
}

TEST_F(ViewTextsTest, AnUnflushedTextIsInNoFileAfterwards) {
  Remove(1, {3});
  EXPECT_EQ(Must(Purge({1})), true);
  EXPECT_THAT(FilesWithText(1, 3), IsEmpty());
  EXPECT_THAT(FilesWithText(1, 0), Not(IsEmpty())) << "it is flushed";
}

TEST_F(ViewTextsTest, ADeletedCampaignLeavesNoTextInAnyFile) {
  Flush();
  Delete(1);
  ASSERT_THAT(FilesWithText(1, 3), Not(IsEmpty()));
  EXPECT_EQ(Must(Purge({1})), true);
  for (std::uint64_t ordinal = 0; ordinal < 18; ordinal += 3) {
    EXPECT_THAT(FilesWithText(1, ordinal), IsEmpty()) << ordinal;
  }
  EXPECT_THAT(FilesWithText(2, 3), Not(IsEmpty()));
  EXPECT_THAT(WithTexts(2), ElementsAre(0, 3, 6, 9, 12, 15));
}

TEST_F(ViewTextsTest, WhoStillReadsTheOldRowsKeepsTheirFile) {
  for (const bool written : {true, false}) {
    SCOPED_TRACE(written);
    const std::uint64_t campaign = written ? 1 : 2;
    if (written) Flush();
    auto cursor = Must(views_->OpenCoupons(CampaignNumber(campaign), {}));
    ASSERT_TRUE(Must(cursor->Next()));
    Remove(campaign, {9});
    EXPECT_EQ(Must(Purge({campaign})), false);
    const auto run = Must(cursor->Next());
    EXPECT_EQ(run, Run(campaign, 6, 1));
    EXPECT_EQ(Must(cursor->Next()), Run(campaign, 7, 11)) << "as it was";
    cursor.reset();
    EXPECT_EQ(Must(Purge({campaign})), true);
    EXPECT_THAT(FilesWithText(campaign, 9), IsEmpty());
  }
}

TEST_F(ViewTextsTest, AStopGivesUp) {
  Flush();
  Remove(1, {3});
  stop_ = true;
  EXPECT_EQ(Outcome(Purge({1})), "unavailable");
  stop_ = false;
  EXPECT_EQ(Must(Purge({1})), true);
}

}  // namespace
}  // namespace coupond::storage
