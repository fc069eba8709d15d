#include "engine/views/campaign_watch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <latch>
#include <map>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/views/projection.h"
#include "engine/views/projector.h"
#include "support/builders.h"
#include "support/interrupted_views.h"

namespace coupond {
namespace {

using test::At;
using test::Id;
using test::InterruptedViews;

CampaignCreated Created(std::uint8_t campaign, std::int64_t total = 1'000) {
  return {CampaignNumber(campaign),
          Id(campaign),
          {"campaign " + std::to_string(campaign), total, At(5)},
          Serial(1 + campaign * 1'000'000ULL)};
}

/// One worker that watches, beside the projector; the test decides when each of them runs.
class CampaignWatchTest : public ::testing::Test {
 protected:
  /// Adds a durable group, which the projector has not seen yet.
  void Commit(std::vector<Event> events) {
    const auto group =
        std::make_shared<CommitGroup>(CommitGroup{.number = tip_.group.Next(),
                                                  .first_sequence = tip_.sequence.Next(),
                                                  .commit_time = At(7),
                                                  .events = std::move(events)});
    tip_ = LogTip{group->number, group->last_sequence(), group->commit_time, {}};
    projector_.OnCommit(group, tip_);
  }
  void Project() { projector_.ProjectWaiting(); }
  void Happens(std::vector<Event> events) {
    Commit(std::move(events));
    Project();
  }
  CouponIssued NextCoupon(std::uint8_t campaign) {
    return {
        CampaignNumber(campaign), Created(campaign).first_serial.Plus(issued_[campaign]++), {}, {}};
  }
  /// Returns the changes that the worker takes, by campaign.
  std::map<CampaignId, CampaignSnapshot> Take() { return TakeOf(watched_); }
  static std::map<CampaignId, CampaignSnapshot> TakeOf(WatchedCampaigns& watched) {
    std::map<CampaignId, CampaignSnapshot> taken;
    for (const auto& snapshot : watched.TakeChanged()) {
      EXPECT_TRUE(taken.emplace(snapshot->campaign.id, *snapshot).second) << "taken twice";
    }
    return taken;
  }
  CampaignSnapshot Read(std::uint8_t campaign) {
    return ReadCampaignSnapshot(views_, Id(campaign)).value().value();
  }

  /// Runs a worker's whole life, on any thread: watches a campaign until a few changes, or its last
  /// coupon, were reported. Returns the number of coupons that it knows of.
  std::int64_t WatchForAWhile(std::uint8_t campaign) {
    std::counting_semaphore<> woken(0);
    WatchedCampaigns watched(watches_, [&woken] { woken.release(); });
    watched.Add(Id(campaign));
    CampaignSnapshot newest = Read(campaign);
    const std::int64_t enough = newest.campaign.issued_coupons + 3;
    const auto wanted = std::min(enough, newest.campaign.terms.total_coupons);
    while (newest.campaign.issued_coupons < wanted) {
      woken.acquire();
      for (const auto& snapshot : watched.TakeChanged()) {
        if (snapshot->sequence <= newest.sequence) continue;
        EXPECT_GT(snapshot->campaign.issued_coupons, newest.campaign.issued_coupons);
        newest = *snapshot;
      }
    }
    return newest.campaign.issued_coupons;
  }

  InterruptedViews views_;
  CampaignWatches watches_;
  Projector projector_{views_, Projection::Load(views_).value(), [](const Error&) {}, &watches_};
  LogTip tip_;
  std::map<std::uint8_t, std::uint64_t> issued_;
  int wakes_ = 0;
  WatchedCampaigns watched_{watches_, [this] { ++wakes_; }};
};

TEST_F(CampaignWatchTest, AChangeIsReportedWithCountAndSequence) {
  Happens({Created(1)});
  watched_.Add(Id(1));
  EXPECT_TRUE(Take().empty());
  Happens({NextCoupon(1), NextCoupon(1)});
  const auto taken = Take();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken.at(Id(1)), Read(1));
  EXPECT_EQ(taken.at(Id(1)).campaign.issued_coupons, 2);
  EXPECT_EQ(taken.at(Id(1)).sequence, Sequence(3));
  EXPECT_FALSE(taken.at(Id(1)).deleted);
  EXPECT_TRUE(Take().empty());
}

TEST_F(CampaignWatchTest, OnlyTheNewestIsKeptForEachCampaign) {
  Happens({Created(1), Created(2)});
  watched_.Add(Id(1));
  watched_.Add(Id(2));
  for (int i = 0; i < 10; ++i) {
    Happens({NextCoupon(1)});
    Happens({NextCoupon(2), NextCoupon(2)});
  }
  const auto taken = Take();
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken.at(Id(1)).campaign.issued_coupons, 10);
  EXPECT_EQ(taken.at(Id(1)).sequence, Sequence(2 + 28));
  EXPECT_EQ(taken.at(Id(2)).campaign.issued_coupons, 20);
  EXPECT_EQ(taken.at(Id(2)).sequence, Sequence(2 + 30));
}

// Afterwards the campaign is as it was before, but its sequence is not.
TEST_F(CampaignWatchTest, APauseMixesUpNoSequences) {
  Happens({Created(1)});
  const auto pause = [this] {
    Happens({CampaignPaused{CampaignNumber(1), {.issuing = true}, {}}});
  };
  const auto resume = [this] {
    Happens({CampaignResumed{CampaignNumber(1), {.issuing = true}, {}}});
  };
  for (int reads = 0; reads < 4; ++reads) {
    views_.BeforeRead(reads, [&] {
      pause();
      views_.BeforeRead(0, resume);
    });
    const CampaignSnapshot snapshot = Read(1);
    views_.BeforeRead(0, {});
    // The first event created it; then each pause has an even sequence.
    EXPECT_EQ(snapshot.campaign.paused.issuing, snapshot.sequence.value() % 2 == 0)
        << "after " << reads << " reads, at sequence " << snapshot.sequence.value();
  }
}

TEST_F(CampaignWatchTest, AWorkerIsWokenOnceUntilItTakes) {
  Happens({Created(1), Created(2)});
  watched_.Add(Id(1));
  watched_.Add(Id(2));
  EXPECT_EQ(wakes_, 0);
  Happens({NextCoupon(1), NextCoupon(2)});
  Happens({NextCoupon(1)});
  EXPECT_EQ(wakes_, 1);
  watched_.Remove(Id(1));
  watched_.Remove(Id(2));
  watched_.Add(Id(1));
  Happens({NextCoupon(1)});
  EXPECT_EQ(wakes_, 1) << "the first change was removed, but its wake-up was not answered yet";
  EXPECT_EQ(Take().size(), 1U);
  Happens({NextCoupon(1)});
  EXPECT_EQ(wakes_, 2);
}

TEST_F(CampaignWatchTest, EachWorkerHearsOfItsOwnCampaigns) {
  Happens({Created(1), Created(2), Created(3)});
  WatchedCampaigns other(watches_, [] {});
  watched_.Add(Id(1));
  watched_.Add(Id(1));
  watched_.Add(Id(3));
  other.Add(Id(1));
  other.Add(Id(2));
  Happens({NextCoupon(1), NextCoupon(2)});
  const auto mine = Take();
  const auto others = TakeOf(other);
  EXPECT_EQ(mine.size(), 1U);
  EXPECT_EQ(others.size(), 2U);
  EXPECT_EQ(mine.at(Id(1)), others.at(Id(1)));
}

TEST_F(CampaignWatchTest, ARemovedCampaignReportsNothingMore) {
  Happens({Created(1), Created(2)});
  WatchedCampaigns other(watches_, [] {});
  for (WatchedCampaigns* watched : {&watched_, &other}) {
    watched->Add(Id(1));
    watched->Add(Id(2));
  }
  Happens({NextCoupon(1), NextCoupon(2)});
  watched_.Remove(Id(1));
  watched_.Remove(Id(9));
  EXPECT_EQ(Take().count(Id(1)), 0U);
  EXPECT_EQ(TakeOf(other).size(), 2U);
  Happens({NextCoupon(1), NextCoupon(2)});
  EXPECT_EQ(Take().count(Id(1)), 0U);
  EXPECT_EQ(TakeOf(other).size(), 2U);
}

TEST_F(CampaignWatchTest, AWorkerThatEndedIsNotCalled) {
  Happens({Created(1)});
  {
    WatchedCampaigns ended(watches_, [] { ADD_FAILURE() << "called"; });
    ended.Add(Id(1));
    ended.Add(Id(2));
  }
  watched_.Add(Id(1));
  Happens({NextCoupon(1)});
  EXPECT_EQ(Take().size(), 1U);
}

TEST_F(CampaignWatchTest, ADeletedCampaignIsReportedAsItLastWas) {
  Happens({Created(1)});
  watched_.Add(Id(1));
  Happens({NextCoupon(1)});
  // Neither this count nor the row that has it is ever in the views.
  Happens({NextCoupon(1), NextCoupon(1), CampaignDeleted{CampaignNumber(1)}});
  const CampaignSnapshot last = Take().at(Id(1));
  EXPECT_TRUE(last.deleted);
  EXPECT_EQ(last.campaign.issued_coupons, 3);
  EXPECT_EQ(last.campaign.terms.name, Created(1).terms.name);
  EXPECT_EQ(last.sequence, Sequence(5));
  EXPECT_EQ(ReadCampaignSnapshot(views_, Id(1)).value(), std::nullopt);
}

TEST_F(CampaignWatchTest, ACampaignDeletedBeforeAWriteIsReportedToo) {
  watched_.Add(Id(1));
  Commit({Created(1)});
  Commit({NextCoupon(1)});
  Commit({CampaignDeleted{CampaignNumber(1)}});
  Project();
  const CampaignSnapshot last = Take().at(Id(1));
  EXPECT_TRUE(last.deleted);
  EXPECT_EQ(last.campaign.issued_coupons, 1);
}

TEST_F(CampaignWatchTest, NothingIsReportedBeforeItIsInTheViews) {
  Happens({Created(1)});
  watched_.Add(Id(1));
  Commit({NextCoupon(1)});
  EXPECT_TRUE(Take().empty()) << "durable, but not projected";
  views_.AfterWrite([this] { EXPECT_TRUE(Take().empty()) << "the write has not returned"; });
  Project();
  EXPECT_EQ(Take().size(), 1U);
  views_.rows().FailWrites(Error{ErrorCode::kIo, "no views"});
  Happens({NextCoupon(1)});
  EXPECT_TRUE(Take().empty()) << "the write failed";
  EXPECT_EQ(wakes_, 1);
}

TEST_F(CampaignWatchTest, AReportedChangeIsFoundByAQuery) {
  Happens({Created(1)});
  bool asked = false;
  WatchedCampaigns asking(watches_, [&] {
    asked = true;
    // Would wait forever if the projector had not yet announced it.
    EXPECT_TRUE(projector_.AwaitSequence(tip_.sequence));
    EXPECT_EQ(Read(1).campaign.issued_coupons, 1);
  });
  asking.Add(Id(1));
  Happens({NextCoupon(1)});
  EXPECT_TRUE(asked);
}

TEST_F(CampaignWatchTest, ASnapshotMatchesItsSequenceDespiteChanges) {
  Happens({Created(1), Created(2)});
  watched_.Add(Id(1));
  for (int reads = 0; reads <= 6; ++reads) {
    views_.BeforeRead(reads, [this] {
      Happens({NextCoupon(1)});
      Happens({NextCoupon(2)});
    });
    const CampaignSnapshot first = Read(1);
    views_.BeforeRead(0, {});
    const auto taken = Take();
    // The coupons of the campaigns alternate, so the sequence determines their number.
    EXPECT_EQ(first.campaign.issued_coupons,
              static_cast<std::int64_t>((first.sequence.value() - 1) / 2));
    // Changes that the read did not see are reported, and those that it saw are not newer.
    const auto told = taken.find(Id(1));
    const bool newer = told != taken.end() && told->second.sequence > first.sequence;
    EXPECT_EQ(newer ? told->second.campaign.issued_coupons : first.campaign.issued_coupons,
              static_cast<std::int64_t>(issued_[1]))
        << reads;
  }
}

TEST_F(CampaignWatchTest, AWatchBegunInAWriteGetsNoOldChange) {
  Happens({Created(1)});
  CampaignSnapshot first;
  views_.AfterWrite([&] {
    watched_.Add(Id(1));
    first = Read(1);
  });
  Happens({NextCoupon(1)});
  EXPECT_EQ(first.campaign.issued_coupons, 1);
  EXPECT_EQ(Take().at(Id(1)), first);
}

TEST_F(CampaignWatchTest, ADeletionDuringAReadIsFoundOrReported) {
  for (int reads = 0; reads <= 3; ++reads) {
    const auto campaign = static_cast<std::uint8_t>(1 + reads);
    Happens({Created(campaign), NextCoupon(campaign)});
    watched_.Add(Id(campaign));
    views_.BeforeRead(reads, [&] { Happens({CampaignDeleted{CampaignNumber(campaign)}}); });
    const auto first = ReadCampaignSnapshot(views_, Id(campaign)).value();
    EXPECT_EQ(first.has_value(), reads > 2) << reads;
    views_.BeforeRead(0, {});
    if (reads == 3) Happens({CampaignDeleted{CampaignNumber(campaign)}});
    EXPECT_TRUE(Take().at(Id(campaign)).deleted);
  }
}

TEST_F(CampaignWatchTest, WorkersThatComeAndGoMissNothing) {
  constexpr std::uint8_t kCampaigns = 4;
  constexpr int kCoupons = 20'000;
  constexpr int kWorkers = 3;
  std::vector<Event> created;
  for (std::uint8_t campaign = 1; campaign <= kCampaigns; ++campaign) {
    created.emplace_back(Created(campaign, kCoupons));
  }
  Happens(std::move(created));

  std::latch begun(kWorkers + 1);
  std::vector<std::thread> workers;
  for (std::uint8_t worker = 0; worker < kWorkers; ++worker) {
    workers.emplace_back([this, &begun, worker] {
      begun.arrive_and_wait();
      std::uint8_t campaign = worker;
      while (WatchForAWhile(static_cast<std::uint8_t>(1 + campaign % kCampaigns)) < kCoupons) {
        ++campaign;
      }
    });
  }
  begun.arrive_and_wait();
  for (int i = 0; i < kCoupons; ++i) {
    std::vector<Event> issued;
    for (std::uint8_t campaign = 1; campaign <= kCampaigns; ++campaign) {
      issued.emplace_back(NextCoupon(campaign));
    }
    Happens(std::move(issued));
  }
  for (std::thread& worker : workers) worker.join();  // never returns if a last change is missed
}

}  // namespace
}  // namespace coupond
