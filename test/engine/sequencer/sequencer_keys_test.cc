#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "engine/rules/limits.h"
#include "engine/sequencer/sequencer_fixture.h"
#include "support/builders.h"

// The keys with which commands were allowed, beside the events that they led to.
namespace coupond {
namespace {

using test::At;
using test::CouponsOf;
using test::Create;
using test::Id;
using test::Issue;
using test::IssueTo;

constexpr KeyId kAnnes{1};
constexpr KeyId kBens{~0ULL};

using Keys = std::vector<KeyId>;

class SequencerKeysTest : public test::SequencerTest {
 protected:
  void SubmitWith(KeyId key, Command command) {
    ASSERT_EQ(queue_.TryPush({.command = std::move(command),
                              .channel = &channel_,
                              .ticket = next_ticket_++,
                              .key = key}),
              CommandQueue::Push::kAccepted);
  }
  static BatchIssueCoupons Batch(std::uint32_t coupons) {
    return {
        .campaign_id = Id(1), .anonymous = coupons, .results = std::make_shared<BatchResults>()};
  }
  /// Returns the keys of the next group.
  Keys NextKeys() {
    EXPECT_TRUE(sequencer_.ProcessWaiting());
    return log_.Groups().back().keys;
  }
};

TEST_F(SequencerKeysTest, AGroupWithoutKeysHasNone) {
  GivenACampaign(10);
  Submit(Issue(1));
  Submit(Batch(3));
  EXPECT_EQ(NextKeys(), Keys());
  EXPECT_EQ(log_.Groups().back().KeyOf(2), kNoKey);
}

TEST_F(SequencerKeysTest, EachEventHasTheKeyOfItsCommand) {
  GivenACampaign(10);
  Submit(Issue(1));
  Submit(Issue(1));
  SubmitWith(kAnnes, Batch(2));
  Submit(Issue(1));
  SubmitWith(kBens, Issue(1));
  EXPECT_EQ(NextKeys(), (Keys{kNoKey, kNoKey, kAnnes, kAnnes, kAnnes, kNoKey, kBens}));
  const CommitGroup& group = *listener_.groups.back();
  EXPECT_EQ(group.keys.size(), group.events.size());
  EXPECT_EQ(group.KeyOf(4), kAnnes);
}

TEST_F(SequencerKeysTest, WhatIsRefusedOrHeldLeavesNoKey) {
  GivenACampaign(2);
  SubmitWith(kAnnes, IssueTo(1, 7));
  SubmitWith(kBens, IssueTo(1, 7));  // has one
  SubmitWith(kBens, Batch(2));       // one is left
  Submit(Issue(1));
  SubmitWith(kBens, Issue(1));  // sold out
  EXPECT_EQ(NextKeys(), (Keys{kAnnes, kNoKey}));

  SubmitWith(kBens, Issue(1));
  Submit(test::Void(1));
  EXPECT_EQ(NextKeys(), Keys()) << "only who was refused had a key";
}

TEST_F(SequencerKeysTest, EveryEventOfAnErasureHasItsKey) {
  GivenACampaign(2);
  Submit(Create(2, "two", 2, At(0)));
  Submit(IssueTo(1, 7, "kim"));
  Submit(IssueTo(2, 7, "kim"));
  ASSERT_TRUE(sequencer_.ProcessWaiting());
  SubmitWith(kAnnes, EraseUser{.coupons = {CouponsOf(1, {1}), CouponsOf(2, {3})}});
  EXPECT_EQ(NextKeys(), (Keys{kAnnes, kAnnes}));
}

TEST_F(SequencerKeysTest, AKeyCountsInTheBytesOfEachEvent) {
  EXPECT_EQ(EventBytesMax(Issue(1), kAnnes), EventBytesMax(Issue(1)) + limits::kKeyBytesMax);
  EXPECT_EQ(EventBytesMax(Command(Batch(3)), kAnnes),
            EventBytesMax(Command(Batch(3))) + 4 * limits::kKeyBytesMax);
  for (int i = 0; i < 3; ++i) SubmitWith(kAnnes, Issue(1));
  EXPECT_EQ(queue_.Take(10, 3 * EventBytesMax(Issue(1), kAnnes) - 1).size(), 2U);
}

}  // namespace
}  // namespace coupond
