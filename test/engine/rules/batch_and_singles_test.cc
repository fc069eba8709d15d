#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/decide.h"
#include "engine/rules/ledger.h"
#include "engine/rules/random_commands.h"
#include "support/builders.h"
#include "support/decided_events.h"

// A batch gives everyone what they would get if they asked by themselves, one after the other.
namespace coupond {
namespace {

using test::At;

/// Two ledgers with the same history, of which one issues in batches and the other does not.
class BatchAndSinglesTest : public ::testing::TestWithParam<int> {
 protected:
  struct Single {
    BatchResult result;
    Decision decision;
  };

  /// Carries out a command that is not a batch, in both.
  void Do(Command command) {
    for (const Event& event : test::DecidedEvents(batches_, std::move(command), now_)) {
      const EventPlace place = NextPlace();
      Apply(batches_, event, place);
      Apply(singles_, event, place);
      commands_.Remember(event, place.sequence);
    }
  }

  /// Asks for one coupon of a batch by itself, and carries it out.
  Single IssueOne(IssueCoupon command, EventPlace place) {
    Event event;
    std::vector<Event> following;
    Single single{.result = {}, .decision = Decide(singles_, command, now_, event, following)};
    BatchResult& result = single.result;
    if (const auto* accepted = std::get_if<Accepted>(&single.decision)) {
      const auto& issued = std::get<CouponIssued>(event);
      result.coupon = HeldCoupon{.campaign = issued.campaign,
                                 .serial = issued.serial,
                                 .issued_at = now_,
                                 .expire_time = accepted->expire_time};
      result.is_new = true;
      Apply(singles_, event, place);
    } else if (const auto* held = std::get_if<HeldCoupon>(&single.decision)) {
      result.coupon = *held;
      if (held->limit_reached) result.refusal = Refusal{RefusalReason::kUserLimitReached};
    } else {
      result.refusal = std::get<Refusal>(single.decision);
    }
    return single;
  }

  void DoBatch(BatchIssueCoupons batch) {
    batch.request.reset();  // single coupons leave no such thing behind
    batch.results = std::make_shared<BatchResults>();
    Event event;
    std::vector<Event> following;
    const Decision decision = Decide(batches_, batch, now_, event, following);
    const bool is_issued = std::holds_alternative<Accepted>(decision);
    if (!is_issued && !batch.allow_partial && !std::holds_alternative<Unchanged>(decision)) {
      ExpectSomeoneLacks(batch, std::get<Refusal>(decision));
      return;
    }
    std::vector<IssueCoupon> asked = batch.users;
    asked.resize(asked.size() + batch.anonymous, IssueCoupon{.campaign_id = batch.campaign_id});
    if (is_issued) Apply(batches_, event, NextPlace());
    std::vector<BatchResult> results;
    bool is_refused_alone = false;
    for (const IssueCoupon& one : asked) {
      const Single single = IssueOne(one, {.time = now_, .sequence = last_});
      results.push_back(single.result);
      is_refused_alone = is_refused_alone || single.decision == decision;
    }
    for (const Event& coupon : following) {
      const EventPlace place = NextPlace();
      Apply(batches_, coupon, place);
      commands_.Remember(coupon, place.sequence);
    }
    ASSERT_EQ(batches_.Digest(), singles_.Digest());
    if (std::holds_alternative<Refusal>(decision)) {
      ASSERT_TRUE(is_refused_alone);
      ++refused_;
      return;
    }
    ASSERT_EQ(batch.results->coupons, results);
    if (is_issued) {
      ASSERT_EQ(std::get<BatchIssued>(event).coupons, following.size());
    }
    ++(is_issued ? issued_ : unchanged_);
    for (const BatchResult& result : results) {
      late_ += result.refusal && result.refusal->reason == RefusalReason::kSoldOut ? 1 : 0;
      limited_ += result.coupon && result.coupon->limit_reached ? 1 : 0;
      held_ += result.coupon && !result.is_new && !result.refusal ? 1 : 0;
      as_sent_ += result.coupon && result.coupon->found_as_sent ? 1 : 0;
    }
  }

  std::uint64_t seed_ = GetParam() == 0 ? std::random_device{}() : GetParam();
  test::RandomCommands commands_{seed_};
  Timestamp now_;
  std::size_t issued_ = 0, unchanged_ = 0, refused_ = 0, lacking_ = 0;  // batches
  std::size_t late_ = 0, limited_ = 0, held_ = 0, as_sent_ = 0;         // coupons

 private:
  /// Expects that a batch which must be whole was refused because somebody would get no coupon.
  void ExpectSomeoneLacks(BatchIssueCoupons batch, const Refusal& refusal) {
    batch.allow_partial = true;
    Event event;
    std::vector<Event> following;
    const Decision in_part = Decide(batches_, std::move(batch), now_, event, following);
    ++lacking_;
    if (const auto* refused_in_part = std::get_if<Refusal>(&in_part)) {
      // Those who get none for good come first.
      ASSERT_LE(refusal.reason, refused_in_part->reason);
      return;
    }
    ASSERT_TRUE(refusal.reason == RefusalReason::kUserLimitReached ||
                refusal.reason == RefusalReason::kSoldOut ||
                refusal.reason == RefusalReason::kNotEnoughLeft);
  }
  EventPlace NextPlace() {
    last_ = last_.Next();
    return {.time = now_, .sequence = last_};
  }

  Ledger batches_;
  Ledger singles_;
  Sequence last_;
};

TEST_P(BatchAndSinglesTest, GiveTheSame) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  for (int step = 0; step < 40'000; ++step) {
    now_ = At(step / 500);
    Command command = commands_.Next(now_);
    if (const auto* batch = std::get_if<BatchIssueCoupons>(&command)) {
      DoBatch(*batch);
      for (int more = 0; more < 3; ++more) DoBatch(commands_.NextBatch());
    } else {
      Do(std::move(command));
    }
    if (HasFatalFailure()) return;
  }
  // Or the kinds of outcome would never have met.
  EXPECT_GT(issued_, 20U);
  EXPECT_GT(unchanged_, 20U);
  EXPECT_GT(refused_, 20U);
  EXPECT_GT(lacking_, 20U);
  EXPECT_GT(late_, 20U);
  EXPECT_GT(limited_, 0U);
  EXPECT_GT(held_, 20U);
  EXPECT_GT(as_sent_, 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, BatchAndSinglesTest, ::testing::Range(0, 10));

}  // namespace
}  // namespace coupond
