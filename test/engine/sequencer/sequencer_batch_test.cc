#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/limits.h"
#include "engine/sequencer/sequencer_fixture.h"
#include "support/builders.h"

// Commands that lead to more events than one.
namespace coupond {
namespace {

using test::At;
using test::ClaimOf;
using test::Create;
using test::Id;
using test::Issue;
using test::IssueTo;
using test::RequestOf;

constexpr CampaignNumber kFirst{1};

class SequencerBatchTest : public test::SequencerTest {
 protected:
  static BatchIssueCoupons Anonymous(std::uint32_t coupons) {
    return {
        .campaign_id = Id(1), .anonymous = coupons, .results = std::make_shared<BatchResults>()};
  }
  static BatchIssueCoupons ToUsers(const std::vector<std::uint8_t>& users) {
    BatchIssueCoupons batch = Anonymous(0);
    for (const std::uint8_t user : users) batch.users.push_back(IssueTo(1, user));
    return batch;
  }
  /// Submits a batch, and returns its ticket.
  std::uint64_t Submit(const BatchIssueCoupons& batch) { return SequencerTest::Submit(batch); }
  using SequencerTest::Submit;
};

TEST_F(SequencerBatchTest, ItsEventsFollowOneAnother) {
  GivenACampaign(10);
  const auto before = Submit(Issue(1));
  BatchIssueCoupons batch = ToUsers({7, 8});
  batch.request = RequestOf(5);
  const auto issued = Submit(batch);
  const auto after = Submit(Issue(1));
  const auto repeated = Submit(batch);
  const auto held = Submit(IssueTo(1, 8));
  ASSERT_TRUE(sequencer_.ProcessWaiting());
  const std::vector<Event> expected = {
      CouponIssued{kFirst, Serial(1)},
      BatchIssued{kFirst, 2, RequestOf(5)},
      CouponIssued{kFirst, Serial(2), ClaimOf(7)},
      CouponIssued{kFirst, Serial(3), ClaimOf(8)},
      CouponIssued{kFirst, Serial(4)},
  };
  EXPECT_EQ(listener_.groups.back()->events, expected);
  EXPECT_EQ(ReplyTo(before).sequence, Sequence(2));
  EXPECT_EQ(ReplyTo(issued).sequence, Sequence(3)) << "that of BatchIssued";
  EXPECT_TRUE(OutcomeOf<Done>(issued).changed);
  EXPECT_FALSE(OutcomeOf<Done>(issued).repeated);
  EXPECT_EQ(ReplyTo(after).sequence, Sequence(6));
  EXPECT_EQ(ReplyTo(repeated).sequence, Sequence(3));
  EXPECT_TRUE(OutcomeOf<Done>(repeated).repeated);
  EXPECT_EQ(OutcomeOf<GrantedCoupon>(held).serial, Serial(3));
  EXPECT_EQ(sequencer_.durable_sequence(), Sequence(6));
  EXPECT_EQ(log_.append_calls(), 2U);

  Ledger replayed;
  for (const CommitGroup& group : log_.Groups()) {
    EventPlace place{.time = group.commit_time, .sequence = group.first_sequence};
    for (const Event& event : group.events) {
      Apply(replayed, event, place);
      place.sequence = place.sequence.Next();
    }
  }
  EXPECT_EQ(replayed.Digest(), sequencer_.ledger().Digest());
}

TEST_F(SequencerBatchTest, ARefusedOneLeavesNoGap) {
  GivenACampaign(3);
  const auto refused = Submit(Anonymous(4));
  const auto unchanged = Submit(ToUsers({}));
  const auto issued = Submit(Anonymous(3));
  const auto sold_out = Submit(Issue(1));
  sequencer_.ProcessWaiting();
  EXPECT_EQ(OutcomeOf<Refusal>(refused).reason, RefusalReason::kNotEnoughLeft);
  EXPECT_EQ(ReplyTo(refused).sequence, Sequence(1)) << "of the last event before it";
  EXPECT_FALSE(OutcomeOf<Done>(unchanged).changed);
  EXPECT_EQ(ReplyTo(issued).sequence, Sequence(2));
  EXPECT_EQ(OutcomeOf<Refusal>(sold_out).reason, RefusalReason::kSoldOut);
  EXPECT_EQ(ReplyTo(sold_out).sequence, Sequence(5));
  EXPECT_EQ(listener_.groups.back()->events.size(), 4U);
}

TEST_F(SequencerBatchTest, ItsResultsAreCompleteBeforeItsReply) {
  log_.HoldSyncs();
  Submit(Create(1, "one", 5, At(0)));
  const BatchIssueCoupons batch = Anonymous(3);
  const auto ticket = Submit(batch);
  std::thread thread([this] { sequencer_.Run(); });
  log_.WaitUntilHeld();
  EXPECT_TRUE(channel_.replies().empty());
  log_.ReleaseSyncs();
  channel_.WaitForReplies(2);
  ASSERT_EQ(batch.results->coupons.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const BatchResult& result = batch.results->coupons[i];
    EXPECT_TRUE(result.is_new);
    EXPECT_EQ(result.coupon->serial, Serial(i + 1));
  }
  EXPECT_TRUE(OutcomeOf<Done>(ticket).changed);
  queue_.Close();
  thread.join();
}

TEST_F(SequencerBatchTest, AFailedAppendLosesAllOfIt) {
  GivenACampaign(10);
  log_.FailAppendAfter(0, Error{ErrorCode::kIo, "disk on fire"});
  const auto lost = Submit(Anonymous(3));
  sequencer_.ProcessWaiting();
  EXPECT_TRUE(OutcomeOf<Unavailable>(lost).outcome_unknown);
  EXPECT_EQ(sequencer_.durable_sequence(), Sequence(1));
}

/// The largest batch makes a group by itself, which is the only one above the usual bound.
TEST_F(SequencerBatchTest, ALargeBatchIsAGroupByItself) {
  GivenACampaign(50'000);
  const IssueCoupon user{.campaign_id = Id(1),
                         .user_id = std::string(limits::kUserIdMaxBytes, 'u')};
  const std::size_t users = limits::kBatchBytesMax / EventBytesMax(Command(user));
  BatchIssueCoupons batch = Anonymous(0);
  for (std::size_t i = 0; i < users; ++i) {
    batch.users.push_back(user);
    Claim& holder = batch.users.back().holder.emplace();
    holder.bytes[0] = static_cast<std::uint8_t>(i);
    holder.bytes[1] = static_cast<std::uint8_t>(i >> 8);
  }
  ASSERT_GT(EventBytesMax(batch), limits::kGroupBytesMax);
  Submit(Issue(1));
  Submit(batch);
  Submit(Issue(1));
  const std::size_t expected[] = {1, 1 + users, 1};
  for (const std::size_t events : expected) {
    ASSERT_TRUE(sequencer_.ProcessWaiting());
    EXPECT_EQ(listener_.groups.back()->events.size(), events);
  }
  EXPECT_FALSE(sequencer_.ProcessWaiting());
}

TEST_F(SequencerBatchTest, SeveralBatchesShareAGroupUpToItsBounds) {
  GivenACampaign(100'000);
  const BatchIssueCoupons batch = Anonymous(1'000);
  const std::size_t in_a_group = limits::kGroupBytesMax / EventBytesMax(batch);
  for (std::size_t i = 0; i <= in_a_group; ++i) Submit(batch);
  sequencer_.ProcessWaiting();
  EXPECT_EQ(listener_.groups.back()->events.size(), in_a_group * 1'001);
  EXPECT_LE(listener_.groups.back()->events.size(), limits::kEventsPerGroupMax);
  sequencer_.ProcessWaiting();
  EXPECT_EQ(listener_.groups.back()->events.size(), 1'001U);
}

/// A log with room for some events more.
class NearlyFullLog final : public LogWriter {
 public:
  explicit NearlyFullLog(std::uint64_t left) {
    tip_.group = GroupNumber(1);
    tip_.sequence = Sequence(limits::kSequenceMax - left);
    tip_.time = At(0);
  }
  [[nodiscard]] LogTip Tip() const override { return tip_; }
  [[nodiscard]] Status Append(const CommitGroup& group) override {
    tip_.group = group.number;
    tip_.sequence = group.last_sequence();
    return {};
  }
  [[nodiscard]] Status Confirm() override { return {}; }

 private:
  LogTip tip_;
};

TEST_F(SequencerBatchTest, ABatchThatALogHasNoRoomForRaisesTheFence) {
  NearlyFullLog log(6);
  Sequencer sequencer({log, queue_, clock_, fence_, {}}, Ledger{});
  Submit(Create(1, "one", 10, At(0)));
  ASSERT_TRUE(sequencer.ProcessWaiting());
  const auto fits = Submit(Anonymous(3));
  ASSERT_TRUE(sequencer.ProcessWaiting());
  EXPECT_TRUE(OutcomeOf<Done>(fits).changed);
  EXPECT_FALSE(fence_.raised());
  const auto lacks_one = Submit(Anonymous(1));
  ASSERT_TRUE(sequencer.ProcessWaiting());
  EXPECT_FALSE(OutcomeOf<Unavailable>(lacks_one).outcome_unknown);
  EXPECT_TRUE(fence_.raised());
}

TEST(CommandQueueBatches, AreCountedWithAllTheirEvents) {
  test::RecordingChannel channel;
  std::vector<QueuedCommand> commands;
  commands.push_back({Issue(1), &channel, 1});
  commands.push_back({BatchIssueCoupons{.campaign_id = Id(1), .anonymous = 5}, &channel, 2});
  const std::vector users{Issue(1), Issue(1)};
  commands.push_back({BatchIssueCoupons{.campaign_id = Id(1), .users = users}, &channel, 3});
  EXPECT_EQ(EventsMax(commands), 1U + 6U + 3U);
  EXPECT_EQ(EventBytesMax(Command(BatchIssueCoupons{.campaign_id = Id(1), .anonymous = 5})),
            limits::kEventBytesMaxWithoutTexts + 5 * limits::kAnonymousIssueBytesMax);
  const std::vector kim{IssueTo(1, 7, "kim")};
  EXPECT_EQ(EventBytesMax(Command(BatchIssueCoupons{.campaign_id = Id(1), .users = kim})),
            limits::kEventBytesMaxWithoutTexts + limits::kIssueBytesMaxWithoutText + 3);
}

}  // namespace
}  // namespace coupond
