#include "engine/sequencer/recovery.h"

#include <gtest/gtest.h>

#include <memory>
#include <variant>
#include <vector>

#include "engine/rules/ledger.h"
#include "engine/views/projection.h"
#include "support/builders.h"
#include "support/fake_event_log.h"
#include "support/fake_view_store.h"

namespace coupond {
namespace {

using test::At;
using test::ClaimOf;
using test::Id;

/// A log of a few groups, and views that contain the first of them.
class RecoveryTest : public ::testing::Test, public CommitListener {
 protected:
  RecoveryTest() {
    AddGroup({StoreCreated{test::MakeId<StoreId>(1), test::MakeId<CodeKey>(2), 1}});
    AddGroup({CampaignCreated{CampaignNumber(1), Id(1), {"one", 10, At(0)}, Serial(1)},
              CampaignCreated{CampaignNumber(2), Id(2), {"two", 10, At(0)}, Serial(11)}});
    AddGroup({CouponIssued{CampaignNumber(1), Serial(1), ClaimOf(5), "kim"},
              CouponIssued{CampaignNumber(2), Serial(11), {}, {}},
              CouponIssued{CampaignNumber(1), Serial(2), {}, {}}});
    AddGroup({CouponIssued{CampaignNumber(2), Serial(12), ClaimOf(5), "kim"}});
    AddGroup({CampaignPaused{CampaignNumber(2), {.issuing = true}, {}},
              CampaignUpdated{CampaignNumber(2),
                              {.name = "deux", .total_coupons = 12, .description = "changed"},
                              SerialRange{.first = Serial(21), .count = 2}}});
    AddGroup({CampaignDeleted{CampaignNumber(1)},
              CampaignResumed{CampaignNumber(2), {.issuing = true}, {}}});
    AddGroup({CouponIssued{CampaignNumber(2), Serial(13), {}, {}}});
  }

  void AddGroup(std::vector<Event> events) {
    const LogTip tip = log_.Tip();
    const CommitGroup group{tip.group.Next(), tip.sequence.Next(),
                            At(static_cast<std::int64_t>(tip.group.value())), std::move(events)};
    for (std::size_t i = 0; i < group.events.size(); ++i) {
      Apply(expected_, group.events[i],
            {.time = group.commit_time, .sequence = group.first_sequence.Plus(i)});
    }
    ASSERT_TRUE(log_.Append(group));
    tips_.push_back(log_.Tip());
  }
  /// Brings the views to their state after `groups` groups.
  void ProjectGroups(std::size_t groups) {
    Projection projection = Projection::Load(views_).value();
    const auto all = log_.Groups();
    for (std::size_t i = 0; i < groups; ++i) ASSERT_TRUE(projection.Add(all[i], tips_[i]));
    ASSERT_TRUE(views_.Write(projection.Take()));
  }
  void OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) override {
    tail_.push_back(group->number);
    EXPECT_EQ(tip, tips_[group->number.value() - 1]);
  }
  Result<Ledger> DoRecover() { return Recover(log_, views_, *this, {}); }

  test::FakeEventLog log_;
  test::FakeViewStore views_;
  std::vector<LogTip> tips_;
  std::vector<GroupNumber> tail_;
  Ledger expected_;
};

TEST_F(RecoveryTest, AnyCheckpointLeadsToTheSameLedger) {
  for (std::size_t groups = 0; groups <= tips_.size(); ++groups) {
    SCOPED_TRACE("checkpoint at group " + std::to_string(groups));
    ASSERT_TRUE(views_.Clear());
    if (groups > 0) ProjectGroups(groups);
    tail_.clear();
    const auto ledger = DoRecover();
    ASSERT_TRUE(ledger) << ledger.error().message;
    EXPECT_EQ(ledger->Digest(), expected_.Digest());
    ASSERT_EQ(tail_.size(), tips_.size() - groups);
    if (!tail_.empty()) {
      EXPECT_EQ(tail_.front(), GroupNumber(groups + 1));
    }
  }
}

TEST_F(RecoveryTest, ClaimsComeBackFromTheViews) {
  ProjectGroups(tips_.size());
  const auto ledger = DoRecover();
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->Find(Id(2))->claims.Find(ClaimOf(5)), 1U);
  EXPECT_EQ(ledger->Find(Id(1)), nullptr);
}

TEST_F(RecoveryTest, ViewsAheadOfTheLogAreRefused) {
  ProjectGroups(tips_.size());
  auto groups = log_.Groups();
  groups.pop_back();
  const test::FakeEventLog shorter(groups);
  const auto ledger = Recover(shorter, views_, *this, {});
  ASSERT_FALSE(ledger);
  EXPECT_EQ(ledger.error().code, ErrorCode::kLogBehindWatermark);
}

TEST_F(RecoveryTest, ViewsOfAnotherHistoryAreRefused) {
  ProjectGroups(3);
  auto groups = log_.Groups();
  groups[2].commit_time = groups[2].commit_time.Plus(std::chrono::nanoseconds(1));
  const test::FakeEventLog other(groups);
  const auto ledger = Recover(other, views_, *this, {});
  ASSERT_FALSE(ledger);
  EXPECT_EQ(ledger.error().code, ErrorCode::kLogChainBroken);
}

TEST_F(RecoveryTest, ViewsOfALogWithOtherContentsAreRefused) {
  ProjectGroups(3);
  auto groups = log_.Groups();
  std::get<CouponIssued>(groups[2].events[0]).user_id = "lee";
  const test::FakeEventLog other(groups);
  const auto ledger = Recover(other, views_, *this, {});
  ASSERT_FALSE(ledger);
  EXPECT_EQ(ledger.error().code, ErrorCode::kLogChainBroken);
}

TEST_F(RecoveryTest, StopsWhenProgressReturnsFalse) {
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    AddGroup({CampaignCreated{
        CampaignNumber(3 + i), Id(3), {std::to_string(i), 1, At(0)}, Serial(23 + i)}});
  }
  int asked = 0;
  const auto ledger = Recover(log_, views_, *this, [&](std::uint64_t done, std::uint64_t groups) {
    EXPECT_LE(done, groups);
    return ++asked < 2;
  });
  ASSERT_FALSE(ledger);
  EXPECT_EQ(ledger.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(asked, 2);
}

TEST_F(RecoveryTest, AReadErrorIsReported) {
  log_.FailReadAt(GroupNumber(4), Error{ErrorCode::kLogGap, "group 4 is missing"});
  const auto ledger = DoRecover();
  ASSERT_FALSE(ledger);
  EXPECT_EQ(ledger.error().code, ErrorCode::kLogGap);
}

}  // namespace
}  // namespace coupond
