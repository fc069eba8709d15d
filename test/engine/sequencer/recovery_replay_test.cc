#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/decide_restore.h"
#include "engine/rules/ledger.h"
#include "engine/rules/random_commands.h"
#include "engine/sequencer/recovery.h"
#include "engine/views/projection.h"
#include "support/builders.h"
#include "support/decided_events.h"
#include "support/fake_event_log.h"
#include "support/fake_view_store.h"

// A start from the views gives the ledger that all events of the log give.
namespace coupond {
namespace {

using test::At;
using test::ClaimOf;
using test::Create;
using test::Freeing;
using test::IssueOnRequest;
using test::IssueTo;
using test::Void;

class RecoveryReplayTest : public ::testing::Test, public CommitListener {
 protected:
  /// Decides commands in one group, and adds those that are accepted to the log.
  void AddGroup(std::vector<Command> commands, Timestamp time) {
    CommitGroup group{.number = log_.Tip().group.Next(),
                      .first_sequence = log_.Tip().sequence.Next(),
                      .commit_time = time,
                      .events = {}};
    for (Command& command : commands) {
      for (Event& event : test::DecidedEvents(ledger_, std::move(command), time)) {
        const Sequence sequence = group.first_sequence.Plus(group.events.size());
        Apply(ledger_, event, {.time = time, .sequence = sequence});
        random_.Remember(event, sequence);
        group.events.push_back(std::move(event));
      }
    }
    if (group.events.empty()) return;
    ASSERT_TRUE(log_.Append(group));
  }

  /// Adds a group that restores the store as it is, and returns its event.
  StoreRestored AddRestore(std::uint64_t random, Timestamp time) {
    const CommitGroup group{.number = log_.Tip().group.Next(),
                            .first_sequence = log_.Tip().sequence.Next(),
                            .commit_time = time,
                            .events = {DecideRestore(ledger_, random).value()}};
    Apply(ledger_, group.events.front(), {.time = time, .sequence = group.first_sequence});
    EXPECT_TRUE(log_.Append(group));
    return std::get<StoreRestored>(group.events.front());
  }

  /// Brings the views up to so many groups, `groups_at_once` of them by each write, and starts.
  void ExpectEqualFrom(std::size_t groups, std::size_t groups_at_once) {
    SCOPED_TRACE("from the views after group " + std::to_string(groups));
    test::FakeViewStore views;
    Projection projection = Projection::Load(views).value();
    test::FakeEventLog prefix;
    const std::vector<CommitGroup> all = log_.Groups();
    for (std::size_t i = 0; i < groups; ++i) {
      ASSERT_TRUE(prefix.Append(all[i]));
      ASSERT_TRUE(projection.Add(all[i], prefix.Tip()));
      if (i % groups_at_once == 0 || i + 1 == groups) {
        ASSERT_TRUE(views.Write(projection.Take()));
      }
    }
    const auto recovered = Recover(log_, views, *this, {});
    ASSERT_TRUE(recovered) << recovered.error().message;
    ASSERT_EQ(recovered->Digest(), ledger_.Digest());
  }
  void ExpectEqualFromEachGroup() {
    for (std::size_t groups = 0; groups <= log_.Tip().group.value(); ++groups) {
      ExpectEqualFrom(groups, 1);
    }
  }
  void OnCommit(const std::shared_ptr<const CommitGroup>&, const LogTip&) override {}

  test::FakeEventLog log_;
  Ledger ledger_;
  test::RandomCommands random_{1};
};

TEST_F(RecoveryReplayTest, AnyHistoryComesBackFromTheViews) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  random_ = test::RandomCommands(seed);
  for (int i = 0; i < 2'000; ++i) {
    const Timestamp time = At(i / 20);
    std::vector<Command> commands;
    for (std::uint64_t left = 1 + random_.Below(10); left > 0; --left) {
      commands.push_back(random_.Next(time));
    }
    AddGroup(std::move(commands), time);
    if (random_.Below(200) == 0) AddRestore(random_.Below(~0ULL), time);
  }
  const std::size_t groups = log_.Tip().group.value();
  for (int i = 0; i < 10; ++i) ExpectEqualFrom(random_.Below(groups), 1 + random_.Below(50));
  ExpectEqualFrom(groups, 7);
}

TEST_F(RecoveryReplayTest, TheTimesOfCouponsWithoutAUserComeBack) {
  CreateCampaign create = Create(1, "one", 100, At(0));
  create.valid_duration = std::chrono::seconds(60);
  AddGroup({create}, At(0));
  AddGroup({test::Issue(1), test::Issue(1)}, At(1));
  AddGroup({test::Issue(1), IssueTo(1, 7), test::Issue(1)}, At(2));
  AddGroup({test::Update(1, {.valid_duration = kUnlimited}), test::Issue(1), IssueTo(1, 8)}, At(3));
  AddGroup({test::Issue(1)}, At(4));
  ExpectEqualFromEachGroup();
}

TEST_F(RecoveryReplayTest, AFreedClaimThatItsUserTookAgainComesBack) {
  AddGroup({Create(1, "one", 100, At(0))}, At(0));
  AddGroup({IssueTo(1, 7)}, At(1));
  AddGroup({Freeing(Void(1))}, At(2));
  AddGroup({IssueTo(1, 7)}, At(3));
  ExpectEqualFromEachGroup();
  EXPECT_EQ(ledger_.Find(test::Id(1))->claims.Find(ClaimOf(7)), 1U);
  AddGroup({Void(2)}, At(4));
  AddGroup({Freeing(Void(2)), IssueTo(1, 7)}, At(5));
  ExpectEqualFromEachGroup();
}

TEST_F(RecoveryReplayTest, TheCouponsThatCountForAUserComeBack) {
  CreateCampaign create = Create(1, "one", 100, At(0));
  create.coupons_per_user = 2;
  AddGroup({create, Create(2, "two", 100, At(0))}, At(0));
  AddGroup({IssueOnRequest(1, 21, 7), IssueOnRequest(1, 22, 7), IssueOnRequest(1, 23)}, At(1));
  AddGroup({Freeing(Void(1)), IssueOnRequest(1, 21, 7), IssueOnRequest(1, 24, 7)}, At(2));
  AddGroup({Freeing(test::Return(1)), IssueTo(2, 7), IssueOnRequest(1, 25, 8)}, At(3));
  ExpectEqualFromEachGroup();
  EXPECT_EQ(ledger_.FindHolders(CampaignNumber(1))->Find(ClaimOf(7)),
            (Holders::Holding{.coupons = 2, .latest = 3}));
  AddGroup({test::Delete(1)}, At(4));
  ExpectEqualFromEachGroup();
  EXPECT_EQ(ledger_.FindHolders(CampaignNumber(1)), nullptr);
}

TEST_F(RecoveryReplayTest, FreedClaimsComeBackInEveryState) {
  AddGroup({Create(1, "one", 100, At(0))}, At(0));
  AddGroup({IssueTo(1, 1), IssueTo(1, 2), IssueTo(1, 3), IssueTo(1, 4)}, At(1));
  AddGroup({test::Redeem(2), Void(3)}, At(2));
  AddGroup({Freeing(test::Erase({test::CouponsOf(1, {1, 2, 3})}))}, At(3));
  ExpectEqualFromEachGroup();
  for (const std::uint32_t ordinal : {0U, 1U, 2U}) {
    EXPECT_TRUE(ledger_.Find(test::Id(1))->states.IsClaimFreed(ordinal)) << ordinal;
  }
  AddGroup({test::Redeem(1), test::Cancel(2, Sequence(6))}, At(4));
  ExpectEqualFromEachGroup();
  AddGroup({IssueTo(1, 1), IssueTo(1, 2), IssueTo(1, 3), IssueTo(1, 4)}, At(5));
  ExpectEqualFromEachGroup();
  EXPECT_EQ(ledger_.Find(test::Id(1))->issued_coupons, 7) << "one of them has the coupon still";
}

TEST_F(RecoveryReplayTest, AClaimFreedByAnErasureStaysFree) {
  CreateCampaign create = Create(1, "one", 100, At(0));
  create.coupons_per_user = 2;
  AddGroup({create}, At(0));
  AddGroup({IssueOnRequest(1, 21, 7), IssueOnRequest(1, 22, 7)}, At(1));
  AddGroup({Freeing(test::Erase({test::CouponsOf(1, {1})}))}, At(2));
  AddGroup({Freeing(Void(1)), Freeing(test::Erase({test::CouponsOf(1, {1})}))}, At(3));
  ExpectEqualFromEachGroup();
  EXPECT_EQ(ledger_.FindHolders(CampaignNumber(1))->Find(ClaimOf(7))->coupons, 1U);
}

TEST_F(RecoveryReplayTest, ARestoredStoreComesBackFromTheViews) {
  // Not in the order of a hash table: one that issued nothing, sold out, with returned places and
  // spare serials, with a lowered total, and deleted.
  AddGroup({Create(1, "one", 9, At(0)), Create(2, "two", 2, At(0)), Create(3, "three", 2, At(0)),
            Create(4, "four", 9, At(0)), Create(5, "five", 9, At(0)), Create(6, "six", 9, At(0))},
           At(0));
  AddGroup({test::Issue(2), test::Issue(2), test::Issue(3), IssueTo(3, 7), test::Issue(4),
            test::Issue(5), test::Issue(6)},
           At(1));
  AddGroup({test::Return(12), test::Update(4, {.total_coupons = 1}), test::Delete(5)}, At(2));
  const Serial first = AddRestore(99, At(3)).first_serial;
  EXPECT_EQ(ledger_.Find(test::Id(1))->serials, SerialRanges({.first = first, .count = 9}));
  EXPECT_EQ(ledger_.Find(test::Id(3))->serials.At(2), first.Plus(9));
  EXPECT_EQ(ledger_.Find(test::Id(6))->serials.At(1), first.Plus(10));
  ExpectEqualFromEachGroup();
  AddGroup({test::Issue(1), test::Issue(3), test::Issue(6), test::Return(first.value()),
            test::Update(4, {.total_coupons = 5})},
           At(4));
  AddRestore(99, At(5));
  AddGroup({test::Issue(1), test::Issue(4), test::Delete(6), Create(7, "seven", 5, At(6))}, At(6));
  ExpectEqualFromEachGroup();
  for (std::size_t at_once = 2; at_once < 8; ++at_once) ExpectEqualFrom(7, at_once);
}

TEST_F(RecoveryReplayTest, ARestoredStoreWithoutCampaignsComesBack) {
  AddGroup({Create(1, "one", 9, At(0))}, At(0));
  AddGroup({test::Delete(1)}, At(1));
  const Serial first = AddRestore(5, At(2)).first_serial;
  EXPECT_EQ(ledger_.next_serial(), first);
  ExpectEqualFromEachGroup();
}

TEST_F(RecoveryReplayTest, RequestsOfCampaignsComeBack) {
  CreateCampaign create = Create(1, "one", 100, At(0));
  create.request = test::RequestOf(1, 5);
  UpdateCampaign update = test::Update(1, {.user_required = true});
  update.request = test::RequestOf(2, 6);
  AddGroup({create}, At(0));
  AddGroup({update}, At(1));
  AddGroup({test::Delete(1)}, At(2));
  ExpectEqualFromEachGroup();
  EXPECT_TRUE(ledger_.FindRequest(ClaimOf(1)));
  EXPECT_TRUE(ledger_.FindRequest(ClaimOf(2)));
}

}  // namespace
}  // namespace coupond
