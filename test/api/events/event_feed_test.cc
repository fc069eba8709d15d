#include "api/events/event_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/dispatcher.h"
#include "api/engine_fixture.h"
#include "api/refusal_mapping.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using connect::Codec;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

/// Waits for what it has asked for.
class WaitingClient final : public EventFeedClient {
 public:
  void OnBlock(const WantedBlock& wanted, Result<EventBlockPtr> block) override {
    const std::lock_guard lock(mutex_);
    wanted_.push_back(wanted);
    blocks_.push_back(std::move(block));
    arrived_.notify_all();
  }
  void OnHead() override {
    const std::lock_guard lock(mutex_);
    ++heads_;
    arrived_.notify_all();
  }

  std::optional<Result<EventBlockPtr>> TakeBlock() {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, seconds(60), [this] { return !blocks_.empty(); })) return {};
    auto block = std::move(blocks_.front());
    blocks_.erase(blocks_.begin());
    return block;
  }
  [[nodiscard]] bool AwaitHeads(int count) {
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, seconds(60), [&] { return heads_ >= count; });
  }
  [[nodiscard]] int heads() {
    const std::lock_guard lock(mutex_);
    return heads_;
  }
  [[nodiscard]] std::size_t answers() {
    const std::lock_guard lock(mutex_);
    return wanted_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<WantedBlock> wanted_;
  std::vector<Result<EventBlockPtr>> blocks_;
  int heads_ = 0;
};

/// Throws at its first answers.
class ThrowingClient final : public EventFeedClient {
 public:
  void OnBlock(const WantedBlock& wanted, Result<EventBlockPtr> block) override {
    ThrowSometimes();
    client_.OnBlock(wanted, std::move(block));
  }
  void OnHead() override {
    ThrowSometimes();
    client_.OnHead();
  }
  [[nodiscard]] WaitingClient& client() { return client_; }

 private:
  void ThrowSometimes() {
    if (++calls_ % 2 == 1) throw std::bad_alloc();
  }

  int calls_ = 0;  // the feed's thread's alone
  WaitingClient client_;
};

/// Is held up by whatever it is told, until it is let go.
class HeldUpClient final : public EventFeedClient {
 public:
  ~HeldUpClient() override { EXPECT_TRUE(let_go_in_time_); }
  void OnBlock(const WantedBlock& /*wanted*/, Result<EventBlockPtr> /*block*/) override { Wait(); }
  void OnHead() override { Wait(); }

  void WaitUntilHeldUp() { begun_.get_future().wait(); }
  void LetGo() { end_.set_value(); }

 private:
  void Wait() {
    begun_.set_value();
    let_go_in_time_ = end_.get_future().wait_for(seconds(60)) == std::future_status::ready;
  }

  std::promise<void> begun_;
  std::promise<void> end_;
  std::atomic<bool> let_go_in_time_ = false;
};

/// The feed of an engine that has campaign 1, created by the event 2.
class EventFeedTest : public EngineFixture {
 protected:
  void SetUp() override {
    ASSERT_TRUE(log_.Append({GroupNumber(1), Sequence(1), test::At(0), {StoreCreated{}}}));
    ASSERT_NO_FATAL_FAILURE(EngineFixture::SetUp());
    Do(test::Create(1, "one", 1'000'000, test::At(0)));
    feed_.emplace(*engine_, codec_);
  }
  void TearDown() override {
    feed_.reset();
    EngineFixture::TearDown();
  }

  /// Submits a command, and returns when the views contain its event.
  void Do(Command command) {
    Dispatcher dispatcher(*engine_, executor_);
    bool done = false;
    dispatcher.Submit(std::move(command), [&done](const Result<Reply>&) { done = true; });
    ASSERT_TRUE(executor_.RunUntil([&] { return done; }));
    executor_.RunWaiting();
    const auto deadline = std::chrono::steady_clock::now() + seconds(60);
    while (engine_->view_head().sequence() < engine_->durable_sequence()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::yield();
    }
  }
  EventBlockPtr Ask(std::uint64_t first, Codec codec = Codec::kProto) {
    feed_->Ask({.codec = codec, .first = Sequence(first)}, client_);
    const auto block = client_.TakeBlock();
    return block && *block ? **block : nullptr;
  }

  /// Erases a user, and returns when the texts are gone and the views have it.
  void Erase(std::string user_id) {
    std::promise<void> done;
    ASSERT_TRUE(engine_->eraser().TryErase({.user_ids = {std::move(user_id)}},
                                           [&done](const ErasureOutcome&) { done.set_value(); }));
    done.get_future().wait();
  }
  static std::string BytesOf(const EventBlock& block) {
    return std::string(*block.Select(block.first(), block.next(), {}).Contiguous());
  }

  const CouponCodec codec_{CodeKey{}};
  WaitingClient client_;
  std::optional<EventFeed> feed_;
};

TEST_F(EventFeedTest, ABlockIsMadeOnceForAll) {
  Do(test::Issue(1));
  EXPECT_EQ(feed_->Find({.codec = Codec::kProto, .first = Sequence(1)}), nullptr);
  const EventBlockPtr block = Ask(1);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block->next(), Sequence(4));
  EXPECT_EQ(Ask(1), block);
  EXPECT_EQ(Ask(3), block) << "it covers the sequence";
  for (std::uint64_t first = 1; first <= 3; ++first) {
    EXPECT_EQ(feed_->Find({.codec = Codec::kProto, .first = Sequence(first)}), block);
  }
  EXPECT_EQ(feed_->Find({.codec = Codec::kProto, .first = Sequence(4)}), nullptr);
  EXPECT_EQ(feed_->Find({.codec = Codec::kJson, .first = Sequence(1)}), nullptr);
  EXPECT_NE(Ask(1, Codec::kJson), block);
}

TEST_F(EventFeedTest, TheHeadIsToldOnceForEachQuestion) {
  feed_->AwaitHead(Sequence(2), client_);
  EXPECT_EQ(client_.heads(), 0);
  Do(test::Issue(1));
  ASSERT_TRUE(client_.AwaitHeads(1));
  Do(test::Issue(1));
  feed_->AwaitHead(Sequence(2), client_);
  ASSERT_TRUE(client_.AwaitHeads(2)) << "it has moved before";
  EXPECT_EQ(feed_->head(), Sequence(4));
  // What was not asked for does not come; the last question shows that there was time for it.
  Do(test::Issue(1));
  feed_->AwaitHead(Sequence(4), client_);
  ASSERT_TRUE(client_.AwaitHeads(3));
  EXPECT_EQ(client_.heads(), 3);
}

TEST_F(EventFeedTest, AHeadThatIsAskedForInVainHoldsUpNoOther) {
  WaitingClient other;
  feed_->AwaitHead(Sequence(2), client_);
  feed_->AwaitHead(Sequence(1), other);
  ASSERT_TRUE(other.AwaitHeads(1));
  EXPECT_EQ(client_.heads(), 0);
  feed_->Forget(client_);
}

TEST_F(EventFeedTest, WhoeverIsForgottenIsNotAnswered) {
  WaitingClient other;
  for (int i = 0; i < 100; ++i) feed_->Ask({.codec = Codec::kProto, .first = Sequence(1)}, other);
  feed_->AwaitHead(Sequence(2), other);
  feed_->Forget(other);
  const std::size_t answers = other.answers();
  Do(test::Issue(1));
  ASSERT_NE(Ask(1), nullptr);
  EXPECT_EQ(other.answers(), answers);
  EXPECT_EQ(other.heads(), 0);
}

TEST_F(EventFeedTest, NobodyWaitsWhileTheFeedIsHeldUp) {
  const WantedBlock wanted{.codec = Codec::kProto, .first = Sequence(1)};
  for (const bool by_the_head : {false, true}) {
    HeldUpClient held_up;
    if (by_the_head) {
      feed_->AwaitHead(Sequence(1), held_up);
    } else {
      feed_->Ask(wanted, held_up);
    }
    held_up.WaitUntilHeldUp();
    // As workers do, and the projector.
    EXPECT_NE(feed_->Find(wanted), nullptr);
    feed_->Ask(wanted, client_);
    feed_->AwaitHead(Sequence(1), client_);
    Do(test::Issue(1));
    EXPECT_EQ(client_.answers(), by_the_head ? 1U : 0U);
    held_up.LetGo();
    feed_->Forget(held_up);  // it is not used any more
    ASSERT_TRUE(client_.TakeBlock());
    ASSERT_TRUE(client_.AwaitHeads(by_the_head ? 2 : 1));
  }
}

TEST_F(EventFeedTest, ABlockThatWasKeptIsMadeAnewWhenAUserIsErased) {
  Do(test::IssueTo(1, 7, "kim.smith"));
  Do(test::IssueTo(1, 8, "lee"));
  const EventBlockPtr before = Ask(1);
  ASSERT_NE(before, nullptr);
  ASSERT_THAT(BytesOf(*before), HasSubstr("kim.smith"));
  Erase("kim.smith");
  EXPECT_EQ(feed_->Find({.codec = Codec::kProto, .first = Sequence(1)}), nullptr);
  const EventBlockPtr after = Ask(1);
  ASSERT_NE(after, nullptr);
  EXPECT_NE(after, before);
  EXPECT_THAT(BytesOf(*after), Not(HasSubstr("kim.smith")));
  EXPECT_THAT(BytesOf(*after), HasSubstr("lee"));
  EXPECT_EQ(Ask(1), after) << "it is kept";
}

TEST_F(EventFeedTest, AnErasureRereadsAGroupReadInPart) {
  // Two blocks of one group, of which the maker keeps the second half.
  BatchIssueCoupons batch{.campaign_id = test::Id(1), .request = {}};
  for (std::size_t i = 0; i <= kEventBlockSequencesMax; ++i) {
    Claim holder = test::ClaimOf(1);
    holder.bytes[1] = static_cast<std::uint8_t>(i);
    holder.bytes[2] = static_cast<std::uint8_t>(i >> 8);
    const bool is_last = i == kEventBlockSequencesMax;
    batch.users.push_back(
        {.campaign_id = test::Id(1), .holder = holder, .user_id = is_last ? "kim.smith" : "lee"});
  }
  batch.results = std::make_shared<BatchResults>();
  Do(std::move(batch));
  for (const bool is_erased : {false, true}) {
    const EventBlockPtr first = Ask(3);
    ASSERT_NE(first, nullptr);
    if (is_erased) Erase("kim.smith");
    const EventBlockPtr second = Ask(first->next().value());
    ASSERT_NE(second, nullptr);
    EXPECT_EQ(BytesOf(*second).find("kim.smith") == std::string::npos, is_erased);
    feed_.emplace(*engine_, codec_);  // which has kept nothing
  }
}

TEST_F(EventFeedTest, AnErrorIsAnAnswer) {
  log_.FailReadAt(GroupNumber(2), {ErrorCode::kLogDamaged, "unreadable"});
  feed_->Ask({.codec = Codec::kProto, .first = Sequence(2)}, client_);
  const auto block = client_.TakeBlock();
  ASSERT_TRUE(block);
  ASSERT_FALSE(*block);
  EXPECT_EQ(block->error().code, ErrorCode::kLogDamaged);
}

TEST_F(EventFeedTest, WhatThrowsIsToldAndTheFeedGoesOn) {
  std::atomic<int> told = 0;
  feed_.emplace(*engine_, codec_, [&told](const Error& error) {
    EXPECT_THAT(error.message, HasSubstr("bad_alloc"));
    ++told;
  });
  log_.ThrowAtNextReadOf(GroupNumber(2));
  feed_->Ask({.codec = Codec::kProto, .first = Sequence(2)}, client_);
  const auto block = client_.TakeBlock();
  ASSERT_TRUE(block);
  ASSERT_FALSE(*block);
  EXPECT_EQ(OperatingError(block->error()).code, connect::Code::kUnavailable);
  EXPECT_EQ(told, 1);
  EXPECT_NE(Ask(2), nullptr);
}

TEST_F(EventFeedTest, AClientThatThrowsIsAnsweredLater) {
  std::atomic<int> told = 0;
  feed_.emplace(*engine_, codec_, [&told](const Error&) { ++told; });
  ThrowingClient throwing;
  feed_->Ask({.codec = Codec::kProto, .first = Sequence(1)}, throwing);
  feed_->Ask({.codec = Codec::kProto, .first = Sequence(1)}, client_);
  const auto late = throwing.client().TakeBlock();
  ASSERT_TRUE(late);
  EXPECT_TRUE(*late);
  EXPECT_TRUE(client_.TakeBlock());
  feed_->AwaitHead(Sequence(1), throwing);
  ASSERT_TRUE(throwing.client().AwaitHeads(1));
  feed_->Stop();
  EXPECT_EQ(throwing.client().answers(), 1U);
  EXPECT_EQ(throwing.client().heads(), 1);
  EXPECT_EQ(told, 2);
}

TEST_F(EventFeedTest, AfterTheEndNobodyIsAnswered) {
  feed_->Stop();
  feed_->Ask({.codec = Codec::kProto, .first = Sequence(1)}, client_);
  feed_->AwaitHead(Sequence(1), client_);
  feed_->Stop();
  EXPECT_EQ(client_.answers(), 0U);
  Do(test::Issue(1));  // the engine goes on
  EXPECT_EQ(client_.heads(), 0);
}

}  // namespace
}  // namespace coupond::api
