#include "api/dispatcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "api/coupon_service.h"
#include "api/engine_fixture.h"
#include "base/retry_delay.h"
#include "engine/rules/limits.h"
#include "rpc/connect/fake_exchange.h"
#include "rpc/connect/standard_details.h"
#include "support/builders.h"
#include "support/manual_executor.h"

namespace coupond::api {
namespace {

using test::At;
using test::Create;
using test::Issue;
using testing::HasSubstr;

using test::ManualExecutor;

class DispatcherTest : public EngineFixture {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(EngineFixture::SetUp());
    dispatcher_ = std::make_unique<Dispatcher>(*engine_, executor_);
  }

  void Submit(Command command) {
    dispatcher_->Submit(std::move(command),
                        [this](Result<Reply> reply) { replies_.push_back(std::move(reply)); });
  }
  [[nodiscard]] bool RunUntilReplies(std::size_t count) {
    return executor_.RunUntil([&] { return replies_.size() >= count; });
  }
  /// Fills the queue behind an append that does not return. Returns the number of submitted
  /// commands.
  std::size_t FillQueue() {
    log_.HoldSyncs();
    Submit(Create(1, "held", 1'000'000, At(0)));
    executor_.RunWaiting();
    log_.WaitUntilHeld();
    std::size_t submitted = 1;
    // The command that waits in the log has left the queue and does not count against its limit.
    while (replies_.empty()) {
      Submit(Issue(1));
      ++submitted;
    }
    return submitted;
  }

  std::unique_ptr<Dispatcher> dispatcher_;
  std::vector<Result<Reply>> replies_;
};

TEST_F(DispatcherTest, AReplyArrivesOnTheWorkersThread) {
  Submit(Create(1, "one", 1, At(0)));
  EXPECT_TRUE(replies_.empty()) << "answered before the worker ran its tasks";
  ASSERT_TRUE(RunUntilReplies(1));
  EXPECT_TRUE(std::holds_alternative<Done>(replies_[0]->outcome));
}

TEST_F(DispatcherTest, EachReplyGoesToItsOwnCommand) {
  Submit(Create(1, "one", 2, At(0)));
  ASSERT_TRUE(RunUntilReplies(1));
  std::vector<int> order;
  for (int i = 0; i < 4; ++i) {
    dispatcher_->Submit(Issue(1), [&, i](const Result<Reply>& reply) {
      order.push_back(std::holds_alternative<GrantedCoupon>(reply->outcome) ? i : -i);
    });
  }
  ASSERT_TRUE(executor_.RunUntil([&] { return order.size() == 4; }));
  EXPECT_THAT(order, testing::ElementsAre(0, 1, -2, -3));
}

TEST_F(DispatcherTest, TheLogHasTheKeyOfACommand) {
  Submit(Create(1, "one", 1, At(0)));
  ASSERT_TRUE(RunUntilReplies(1));
  EXPECT_EQ(log_.Groups().back().KeyOf(0), kNoKey);
  dispatcher_->Submit(
      Issue(1), [this](Result<Reply> reply) { replies_.push_back(std::move(reply)); }, KeyId(5));
  ASSERT_TRUE(RunUntilReplies(2));
  EXPECT_EQ(log_.Groups().back().KeyOf(0), KeyId(5));
}

TEST_F(DispatcherTest, AContinuationMaySubmitAgain) {
  Submit(Create(1, "one", 1, At(0)));
  ASSERT_TRUE(RunUntilReplies(1));
  dispatcher_->Submit(Issue(1), [this](const Result<Reply>&) { Submit(Issue(1)); });
  ASSERT_TRUE(RunUntilReplies(2));
  EXPECT_EQ(std::get<Refusal>(replies_[1]->outcome).reason, RefusalReason::kSoldOut);
}

TEST_F(DispatcherTest, TheCommandsOfATurnAreOneGroup) {
  Submit(Create(1, "one", 10, At(0)));
  ASSERT_TRUE(RunUntilReplies(1));
  const GroupNumber before = log_.Tip().group;
  for (int i = 0; i < 10; ++i) Submit(Issue(1));
  ASSERT_TRUE(RunUntilReplies(11));
  EXPECT_EQ(log_.Tip().group, before.Next());
}

TEST_F(DispatcherTest, AFullQueueIsUnavailableAndLosesNothing) {
  const std::size_t submitted = FillQueue();
  // All that found no room were refused, and nothing else was answered.
  EXPECT_EQ(replies_.size(), submitted - (limits::kCommandQueueMax + 1));
  for (const Result<Reply>& reply : replies_) {
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, ErrorCode::kOverloaded);
    EXPECT_THAT(reply.error().message, HasSubstr("too many commands are waiting"));
  }

  log_.ReleaseSyncs();
  ASSERT_TRUE(RunUntilReplies(submitted));
  std::size_t granted = 0;
  for (const Result<Reply>& reply : replies_) {
    granted += reply && std::holds_alternative<GrantedCoupon>(reply->outcome) ? 1 : 0;
  }
  EXPECT_EQ(granted, limits::kCommandQueueMax);
}

TEST_F(DispatcherTest, CommandsThatAreNotTakenAreCounted) {
  ManualExecutor executor;
  WorkerFigures figures;
  Dispatcher dispatcher(*engine_, executor, &figures);
  FillQueue();
  const auto submit = [&] {
    bool answered = false;
    dispatcher.Submit(test::Issue(1), [&answered](const Result<Reply>&) { answered = true; });
    EXPECT_TRUE(executor.RunUntil([&answered] { return answered; }));
  };
  submit();
  EXPECT_EQ(figures.rejections(static_cast<std::size_t>(Rejection::kQueueFull)), 1U);
  log_.ReleaseSyncs();
  engine_->Stop();
  submit();
  EXPECT_EQ(figures.rejections(static_cast<std::size_t>(Rejection::kQueueFull)), 1U);
  EXPECT_EQ(figures.rejections(static_cast<std::size_t>(Rejection::kStopping)), 1U);
}

TEST_F(DispatcherTest, AFullQueueIsAnsweredWith503AndRetryAfter) {
  ManualExecutor executor;
  CouponService service(*engine_, entropy_, CodeKey{});
  const auto handler = service.MakeHandler(executor);
  FillQueue();
  const std::string body = R"({"campaignId":")" + FormatUuid(test::Id(1).bytes) + R"("})";
  for (const char* path : {"/IssueCoupon", "/coupon.v1.CouponService/IssueCoupon"}) {
    const auto exchange = std::make_shared<connect::FakeExchange>();
    const http::HeaderField json{"Content-Type", "application/json"};
    handler->Handle(
        {.method = "POST", .path = path, .query = {}, .body = body, .headers = {&json, 1}},
        exchange);
    executor.RunWaiting();
    ASSERT_TRUE(exchange->answered());
    EXPECT_EQ(exchange->response().status, 503);
    EXPECT_THAT(exchange->response().body, HasSubstr(R"("code":"unavailable")"));
    const connect::ReadDetails read = connect::DetailsInJson(exchange->response().body);
    EXPECT_EQ(read.reason, "OVERLOADED");
    EXPECT_EQ(read.domain, "coupond");
    ASSERT_TRUE(read.retry_delay);
    EXPECT_EQ(exchange->Header("Retry-After"),
              std::to_string(RetryAfter(*read.retry_delay).count()));
  }
  log_.ReleaseSyncs();
  engine_->Stop();  // before the service is destroyed
}

TEST_F(DispatcherTest, AStoppedEngineIsUnavailable) {
  engine_->Stop();
  Submit(Issue(1));
  executor_.RunWaiting();
  ASSERT_EQ(replies_.size(), 1U);
  EXPECT_EQ(replies_[0].error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(replies_[0].error().message, HasSubstr("stopping"));
}

TEST_F(DispatcherTest, AFailedWriteIsAnUnknownOutcome) {
  Submit(Create(1, "one", 1, At(0)));
  ASSERT_TRUE(RunUntilReplies(1));
  log_.FailAppendAfter(0, {ErrorCode::kIo, "broken"});
  Submit(Issue(1));
  ASSERT_TRUE(RunUntilReplies(2));
  ASSERT_FALSE(replies_[1]);
  EXPECT_EQ(replies_[1].error().code, ErrorCode::kOutcomeUnknown);
  EXPECT_THAT(replies_[1].error().message, HasSubstr("the outcome is unknown"));
  EXPECT_THAT(replies_[1].error().message, HasSubstr("same request_id"));
  Submit(Issue(1));
  ASSERT_TRUE(RunUntilReplies(3));
  EXPECT_EQ(replies_[2].error().code, ErrorCode::kFenced);
  EXPECT_THAT(replies_[2].error().message, HasSubstr("not done"));
}

TEST_F(DispatcherTest, AQuerySeesEarlierReplies) {
  Submit(Create(1, "one", 1, At(0)));
  ASSERT_TRUE(RunUntilReplies(1));
  std::optional<Result<bool>> found;
  dispatcher_->Ask<Result<bool>>(
      [](const ViewStore& views) -> Result<bool> {
        const std::optional<Campaign> row = TRY(views.FindCampaign(test::Id(1)));
        return row.has_value();
      },
      [&](Result<bool> answer) { found = std::move(answer); });
  EXPECT_FALSE(found) << "answered before the worker ran its tasks";
  ASSERT_TRUE(executor_.RunUntil([&] { return found.has_value(); }));
  EXPECT_TRUE(found->value());
}

TEST_F(DispatcherTest, TooManyQueriesAreUnavailable) {
  Submit(Create(1, "one", 1, At(0)));
  ASSERT_TRUE(RunUntilReplies(1));
  // Queries now wait for views that make no progress.
  views_.HoldWrites();
  Submit(Issue(1));
  ASSERT_TRUE(RunUntilReplies(2));
  std::size_t answered = 0;
  std::size_t asked = 0;
  std::optional<Error> refused;
  while (!refused && asked < 2 * limits::kQueryQueueMax) {
    ++asked;
    dispatcher_->Ask<Result<int>>([](const ViewStore&) -> Result<int> { return 1; },
                                  [&](const Result<int>& answer) {
                                    ++answered;
                                    if (!answer) refused = answer.error();
                                  });
  }
  EXPECT_GE(asked, limits::kQueryQueueMax);
  EXPECT_LE(asked, limits::kQueryQueueMax + 2);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, ErrorCode::kOverloaded);
  views_.ReleaseWrites();
  EXPECT_TRUE(executor_.RunUntil([&] { return answered == asked; }));
}

TEST_F(DispatcherTest, AbandonDropsContinuationsUncalled) {
  log_.HoldSyncs();
  const auto held = std::make_shared<int>(1);
  bool called = false;
  dispatcher_->Submit(Create(1, "one", 1, At(0)),
                      [&called, held](const Result<Reply>&) { called = true; });
  dispatcher_->Ask<Result<int>>([](const ViewStore&) -> Result<int> { return 1; },
                                [&called, held](const Result<int>&) { called = true; });
  EXPECT_EQ(held.use_count(), 3);
  dispatcher_->Abandon();
  EXPECT_EQ(held.use_count(), 1);
  log_.ReleaseSyncs();
  engine_->Stop();
  executor_.RunWaiting();
  dispatcher_->Submit(Issue(1), [&](const Result<Reply>&) { called = true; });
  EXPECT_FALSE(called);
}

TEST(TicketTable, ReturnsWhatWaitsWithTheTicket) {
  TicketTable<std::string> table;
  const auto one = table.Add("one");
  const auto two = table.Add("two");
  EXPECT_NE(one, two);
  EXPECT_EQ(table.Take(two), "two");
  EXPECT_EQ(table.Take(one), "one");
}

TEST(TicketTable, ReusesATicketOnlyAfterTake) {
  TicketTable<std::string> table;
  const auto one = table.Add("one");
  const auto two = table.Add("two");
  EXPECT_EQ(table.Take(one), "one");
  EXPECT_EQ(table.Add("three"), one);
  EXPECT_NE(table.Add("four"), two);
  EXPECT_EQ(table.Take(two), "two");
  EXPECT_EQ(table.Take(one), "three");
}

TEST(TicketTable, GrowsNoLargerThanWhatWaitedAtOnce) {
  TicketTable<int> table;
  for (int round = 0; round < 1'000; ++round) {
    std::vector<std::uint64_t> tickets;
    for (int i = 0; i < 5; ++i) tickets.push_back(table.Add(i));
    for (int i = 0; i < 5; ++i) {
      EXPECT_LT(tickets[static_cast<std::size_t>(i)], 5U);
      EXPECT_EQ(table.Take(tickets[static_cast<std::size_t>(i)]), i);
    }
  }
}

TEST(TicketTable, KeepsNothingThatWasTaken) {
  TicketTable<std::shared_ptr<int>> table;
  const auto held = std::make_shared<int>(1);
  const auto ticket = table.Add(held);
  EXPECT_EQ(table.Take(ticket), held);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(TicketTable, ReturnsEmptyValuesAfterClear) {
  TicketTable<std::move_only_function<void()>> table;
  const auto held = std::make_shared<int>(1);
  const auto ticket = table.Add([held] {});
  table.Clear();
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(table.Take(ticket));
}

}  // namespace
}  // namespace coupond::api
