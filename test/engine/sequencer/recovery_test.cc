#include "engine/sequencer/recovery.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "engine/rules/ledger.h"
#include "engine/views/projection.h"
#include "support/builders.h"
#include "support/decided_events.h"
#include "support/fake_event_log.h"
#include "support/fake_view_store.h"

namespace coupond {
namespace {

using test::At;
using test::ClaimOf;
using test::Id;
using test::RequestOf;

/// A log of a few groups, and views that contain the first of them.
class RecoveryTest : public ::testing::Test, public CommitListener {
 protected:
  RecoveryTest() {
    AddGroup({StoreCreated{test::MakeId<StoreId>(1), test::MakeId<CodeKey>(2), 1}});
    AddGroup({CampaignCreated{CampaignNumber(1), Id(1), {"one", 10, At(0)}, Serial(1)},
              CampaignCreated{CampaignNumber(2), Id(2), {"two", 10, At(0)}, Serial(11)}});
    AddGroup({CouponIssued{CampaignNumber(1), Serial(1), ClaimOf(5), {}, "kim"},
              CouponIssued{CampaignNumber(2), Serial(11)},
              CouponIssued{CampaignNumber(1), Serial(2)}});
    AddGroup({CouponIssued{CampaignNumber(2), Serial(12), ClaimOf(5), {}, "kim"}});
    AddGroup({CampaignPaused{CampaignNumber(2), {.issuing = true}, {}},
              CampaignUpdated{CampaignNumber(2),
                              {.name = "deux", .total_coupons = 12, .description = "changed"},
                              SerialRange{.first = Serial(21), .count = 2}}});
    AddGroup({CouponRedeemed{CampaignNumber(1), Serial(1), {}, {}, {}, RequestOf(9)},
              CampaignDeleted{CampaignNumber(1)},
              CampaignResumed{CampaignNumber(2), {.issuing = true}, {}}});
    AddGroup({CouponIssued{CampaignNumber(2), Serial(13)}});
    AddGroup({CouponRedeemed{CampaignNumber(2), Serial(12), "order", "till", "id", RequestOf(1)},
              CouponRedeemed{CampaignNumber(2), Serial(13), {}, {}, {}, {}}});
    AddGroup({RedemptionCanceled{CampaignNumber(2), Serial(13), Sequence(15), {}, RequestOf(2, 7)},
              CouponVoided{CampaignNumber(2), Serial(11), false, {}, {}, {}}});
    AddGroup({CouponVoided{CampaignNumber(2),
                           Serial(11),
                           true,
                           "a leak",
                           SerialRange{.first = Serial(23), .count = 1'024},
                           {}},
              CouponIssued{CampaignNumber(2), Serial(14), ClaimOf(6)}});
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

/// What the rules would never have allowed changes nothing, in the ledger as in the views.
TEST_F(RecoveryTest, ForbiddenEventsLeadToOneLedgerFromAnywhere) {
  const CampaignNumber two(2);
  AddGroup({CouponVoided{two, Serial(12), true, {}, {}, RequestOf(20)},
            CouponRedeemed{two, Serial(12), {}, {}, {}, RequestOf(21)},
            RedemptionCanceled{two, Serial(12), Sequence(13), {}, RequestOf(22)}});
  AddGroup({CouponVoided{two, Serial(11), true, {}, {}, RequestOf(23)},
            CouponVoided{two, Serial(11), false, {}, {}, RequestOf(24)},
            CouponRedeemed{two, Serial(11), {}, {}, {}, RequestOf(25)},
            RedemptionCanceled{two, Serial(13), Sequence(15), {}, RequestOf(26)},
            CouponRedeemed{two, Serial(1'000), {}, {}, {}, RequestOf(27)},
            CouponRedeemed{CampaignNumber(1), Serial(1), {}, {}, {}, RequestOf(28)}});
  // No coupon may get a duration of validity when it is there already, for its time is not known.
  AddGroup({CouponIssued{two, Serial(21)},
            CampaignUpdated{two, {.valid_duration = std::chrono::seconds(5)}, {}},
            CouponIssued{two, Serial(22), ClaimOf(30), ClaimOf(31)}});
  for (std::size_t groups = 0; groups <= tips_.size(); ++groups) {
    SCOPED_TRACE("checkpoint at group " + std::to_string(groups));
    ASSERT_TRUE(views_.Clear());
    if (groups > 0) ProjectGroups(groups);
    const auto ledger = DoRecover();
    ASSERT_TRUE(ledger) << ledger.error().message;
    EXPECT_EQ(ledger->Digest(), expected_.Digest());
    EXPECT_EQ(ledger->FindRequest(RequestOf(21).digest), std::nullopt);
    for (const std::uint64_t serial : {13, 15, 16}) {
      static_cast<void>(
          test::DecidedEvents(*ledger, RedeemCoupon{.serial = Serial(serial)}, At(90)));
    }
  }
}

TEST_F(RecoveryTest, RowsOfWhatIsNotThereAreRefused) {
  const auto write = [&](ViewChanges changes) {
    ASSERT_TRUE(views_.Clear());
    ProjectGroups(tips_.size());
    changes.checkpoint = *views_.ReadCheckpoint().value();
    ASSERT_TRUE(views_.Write(changes));
  };
  const CouponStatus voided{.state = CouponState::kVoided, .voided_at = At(1)};
  ViewChanges claim_of_none;
  claim_of_none.claims = {{CampaignNumber(9), 0, At(1), {{0, ClaimOf(1)}}}};
  ViewChanges status_of_none;
  status_of_none.statuses = {{CampaignNumber(9), 0, voided}};
  ViewChanges status_of_a_later_coupon;
  status_of_a_later_coupon.statuses = {{CampaignNumber(2), 4, voided}};
  for (const ViewChanges& changes : {claim_of_none, status_of_none, status_of_a_later_coupon}) {
    write(changes);
    const auto ledger = DoRecover();
    ASSERT_FALSE(ledger);
    EXPECT_EQ(ledger.error().code, ErrorCode::kViewsDamaged);
  }
}

TEST_F(RecoveryTest, ClaimsComeBackFromTheViews) {
  ProjectGroups(tips_.size());
  const auto ledger = DoRecover();
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->Find(Id(2))->claims.Find(ClaimOf(5)), 1U);
  EXPECT_EQ(ledger->Find(Id(1)), nullptr);
}

TEST_F(RecoveryTest, WhatHasBecomeOfCouponsComesBackFromTheViews) {
  ProjectGroups(tips_.size());
  const auto ledger = DoRecover();
  ASSERT_TRUE(ledger);
  const LedgerCampaign& campaign = *ledger->Find(Id(2));
  EXPECT_EQ(campaign.states.Of(0), CouponState::kReturned);
  EXPECT_EQ(campaign.states.RedemptionOf(1), Sequence(14));
  EXPECT_EQ(campaign.states.Of(2), CouponState::kIssued);
  EXPECT_EQ(campaign.claims.Find(ClaimOf(6)), 3U);
  EXPECT_EQ(campaign.issued_coupons, 3);
  EXPECT_EQ(campaign.redeemed_coupons, 1);
  EXPECT_EQ(campaign.returned_coupons, 1);
  EXPECT_EQ(ledger->next_serial(), Serial(1'047));
}

TEST_F(RecoveryTest, RequestsOfDeletedCampaignsComeBack) {
  ProjectGroups(tips_.size());
  const auto ledger = DoRecover();
  ASSERT_TRUE(ledger);
  const auto find = [&](const RequestKey& request) { return ledger->FindRequest(request.digest); };
  EXPECT_EQ(find(RequestOf(1)), (CarriedOut{.sequence = Sequence(14), .content = 0}));
  EXPECT_EQ(find(RequestOf(2)), (CarriedOut{.sequence = Sequence(16), .content = 7}));
  EXPECT_EQ(find(RequestOf(9)), (CarriedOut{.sequence = Sequence(10), .content = 0}));
  EXPECT_EQ(find(RequestOf(3)), std::nullopt);
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
  std::get<CouponIssued>(groups[2].events[0]).holder = test::ClaimOf(0xEE);
  const test::FakeEventLog other(groups);
  const auto ledger = Recover(other, views_, *this, {});
  ASSERT_FALSE(ledger);
  EXPECT_EQ(ledger.error().code, ErrorCode::kLogChainBroken);
}

TEST_F(RecoveryTest, StopsWhenProgressReturnsFalse) {
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    AddGroup({CampaignCreated{
        CampaignNumber(3 + i), Id(3), {std::to_string(i), 1, At(0)}, Serial(2'000 + i)}});
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
