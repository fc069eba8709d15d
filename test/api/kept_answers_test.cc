// Small reads, which workers answer from memory while nothing has changed: they show what a query
// would, and wait for nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>

#include "api/service_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "rpc/connect/codec.h"
#include "rpc/json/json_format.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using test::At;
using testing::HasSubstr;

constexpr http::HeaderField kJson{"Content-Type", "application/json"};
constexpr http::HeaderField kProto{"Content-Type", "application/proto"};

/// A worker besides the fixture's own, with connections of its own.
class Worker {
 public:
  explicit Worker(CouponService& service) : handler_(service.MakeHandler(executor_)) {}

  /// Returns the body of the answer. It has come by the end of this turn unless another thread is
  /// needed for it, which `may_wait` allows.
  std::string Ask(std::string_view method, std::string_view body, bool may_wait = true,
                  const http::HeaderField& type = kJson) {
    const auto exchange = std::make_shared<connect::FakeExchange>();
    const std::string path = "/coupon.v1.CouponService/" + std::string(method);
    handler_->Handle(
        {.method = "POST", .path = path, .query = {}, .body = body, .headers = {&type, 1}},
        exchange);
    executor_.RunWaiting();
    if (may_wait) {
      EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    }
    return exchange->answered() ? exchange->response().body : "(waits)";
  }

 private:
  test::ManualExecutor executor_;
  const std::unique_ptr<http::Handler> handler_;
};

class KeptAnswersTest : public ServiceFixture {
 protected:
  static std::string OfCampaign(std::uint8_t campaign) {
    return R"({"campaignId":")" + FormatUuid(test::Id(campaign).bytes) + R"("})";
  }
  static std::string Get(Worker& worker, std::uint8_t campaign = 1, bool may_wait = true) {
    return worker.Ask("GetCampaign", OfCampaign(campaign), may_wait);
  }
  static std::string List(Worker& worker, bool may_wait = true) {
    return worker.Ask("ListCampaigns", R"({"pageSize":2})", may_wait);
  }
  static std::string StatusOf(Worker& worker, std::uint8_t campaign = 1, bool may_wait = true) {
    return worker.Ask("GetCampaignStatus", OfCampaign(campaign), may_wait);
  }
  static std::string Count(std::uint64_t coupons) {
    return R"("issuedCoupons":)" + std::to_string(coupons) + ",";
  }
  static std::string State(std::string_view state) {
    return R"("state":"CAMPAIGN_STATE_)" + std::string(state) + '"';
  }
  /// Checks that every read of campaign 2 shows this state.
  static void ExpectState(Worker& worker, std::string_view state, bool kept) {
    EXPECT_THAT(Get(worker, 2, /*may_wait=*/!kept), HasSubstr(State(state)));
    EXPECT_THAT(StatusOf(worker, 2, /*may_wait=*/!kept), HasSubstr(State(state)));
    EXPECT_THAT(List(worker, /*may_wait=*/!kept), HasSubstr(State(state)));
  }
  /// Creates a campaign that runs from `start` to `end`, and whose coupons expire at `expiry`.
  void CreateBetween(std::uint8_t campaign, Timestamp start, Timestamp end,
                     Timestamp expiry = kNever) {
    Dispatcher creating(*engine_, executor_);
    CreateCampaign command = test::Create(campaign, "from to", 150, start);
    command.end_time = end;
    command.expire_time = expiry;
    bool created = false;
    creating.Submit(std::move(command), [&created](const Result<Reply>& reply) {
      created = std::holds_alternative<Done>(reply->outcome);
    });
    ASSERT_TRUE(executor_.RunUntil([&] { return created; }));
  }
};

TEST_F(KeptAnswersTest, AreGivenWhileTheQueryThreadIsBlocked) {
  Worker worker(*service_);
  const std::string campaign = Get(worker);
  const std::string page = List(worker);
  std::promise<void> end_query;
  ASSERT_TRUE(
      engine_->Query([ended = end_query.get_future().share()](const Status&) { ended.wait(); }));
  EXPECT_EQ(Get(worker, 1, /*may_wait=*/false), campaign);
  EXPECT_EQ(List(worker, /*may_wait=*/false), page);
  EXPECT_EQ(Get(worker, 2, /*may_wait=*/false), "(waits)");
  end_query.set_value();
  // Comes after the answer that waited, which needs the worker too.
  EXPECT_THAT(Get(worker, 2), HasSubstr(R"("code":"not_found")"));
}

TEST_F(KeptAnswersTest, AreNotGivenOnceTimeHasChangedAState) {
  CreateBetween(2, At(10), At(20));
  Worker worker(*service_);
  static_cast<void>(worker.Ask("DeleteCampaign", OfCampaign(1)));
  constexpr std::chrono::nanoseconds kInstant(1);
  ExpectState(worker, "SCHEDULED", /*kept=*/false);
  ExpectState(worker, "SCHEDULED", /*kept=*/true);
  clock_.Set(At(10).Plus(-kInstant));
  ExpectState(worker, "SCHEDULED", /*kept=*/true);
  clock_.Set(At(10));
  ExpectState(worker, "OPEN", /*kept=*/false);
  clock_.Set(At(20).Plus(-kInstant));
  ExpectState(worker, "OPEN", /*kept=*/true);
  clock_.Set(At(20));
  ExpectState(worker, "ENDED", /*kept=*/false);
  clock_.Set(At(1'000'000));
  ExpectState(worker, "ENDED", /*kept=*/true);
}

TEST_F(KeptAnswersTest, AreNotGivenOnceTheCouponsHaveExpired) {
  CreateBetween(2, At(0), At(30), At(20));
  Worker worker(*service_);
  static_cast<void>(worker.Ask("DeleteCampaign", OfCampaign(1)));
  clock_.Set(At(20).Plus(std::chrono::nanoseconds(-1)));
  ExpectState(worker, "OPEN", /*kept=*/false);
  ExpectState(worker, "OPEN", /*kept=*/true);
  clock_.Set(At(20));
  ExpectState(worker, "ENDED", /*kept=*/false);
  ExpectState(worker, "ENDED", /*kept=*/true);
}

TEST_F(KeptAnswersTest, OfAStatusHaveTheTimeOfEachAnswer) {
  Worker worker(*service_);
  const std::string first = StatusOf(worker);
  const std::string rest = first.substr(first.find(R"(,"campaignId")"));
  EXPECT_EQ(first, R"({"serverTime":"2023-11-14T22:13:20Z")" + rest);
  clock_.Set(At(3).Plus(std::chrono::milliseconds(500)));
  EXPECT_EQ(StatusOf(worker, 1, /*may_wait=*/false),
            R"({"serverTime":"2023-11-14T22:13:23.500Z")" + rest);
}

TEST_F(KeptAnswersTest, OfAStatusAreThoseOfTheGeneralEncoders) {
  Worker worker(*service_);
  coupon::v1::GetCampaignStatusRequest request;
  request.set_campaign_id(FormatUuid(test::Id(1).bytes));
  const connect::JsonFormat format(coupon::v1::GetCampaignStatusResponse::descriptor());
  for (const bool kept : {false, true}) {
    const std::string proto = worker.Ask("GetCampaignStatus", request.SerializeAsString(),
                                         /*may_wait=*/!kept, kProto);
    coupon::v1::GetCampaignStatusResponse response;
    ASSERT_TRUE(response.ParseFromString(proto));
    EXPECT_EQ(response.campaign_id(), request.campaign_id());
    EXPECT_EQ(response.total_coupons(), 10);
    EXPECT_GT(response.sequence(), 0U);
    EXPECT_TRUE(response.has_server_time());
    EXPECT_EQ(response.SerializeAsString(), proto);
    EXPECT_EQ(StatusOf(worker, 1, /*may_wait=*/!kept),
              connect::Encode(connect::Codec::kJson, format, response).value());
  }
}

TEST_F(KeptAnswersTest, FollowAClockThatGoesBackButNotBeforeTheLog) {
  CreateBetween(2, At(10), kNever);
  Worker worker(*service_);
  clock_.Set(At(11));
  EXPECT_THAT(StatusOf(worker, 2), HasSubstr(State("OPEN")));
  clock_.Set(At(9));
  EXPECT_THAT(StatusOf(worker, 2), HasSubstr(State("SCHEDULED")));
  clock_.Set(At(12));
  static_cast<void>(worker.Ask("IssueCoupon", OfCampaign(2)));
  clock_.Set(At(9));
  for (const bool kept : {false, true}) {
    const std::string status = StatusOf(worker, 2, /*may_wait=*/!kept);
    EXPECT_THAT(status, HasSubstr(State("OPEN")));
    EXPECT_THAT(status, HasSubstr(R"({"serverTime":"2023-11-14T22:13:32Z")"));
  }
}

TEST_F(KeptAnswersTest, AreNotGivenAfterAnAcknowledgedChange) {
  Worker worker(*service_);
  Worker other(*service_);
  static_cast<void>(Get(worker));
  static_cast<void>(List(worker));
  views_.HoldWrites();
  static_cast<void>(other.Ask("IssueCoupon", OfCampaign(1)));
  EXPECT_EQ(Get(worker, 1, /*may_wait=*/false), "(waits)");
  EXPECT_EQ(List(worker, /*may_wait=*/false), "(waits)");
  views_.ReleaseWrites();
  EXPECT_THAT(Get(worker), HasSubstr(Count(1)));
  EXPECT_THAT(List(worker), HasSubstr(Count(1)));
}

TEST_F(KeptAnswersTest, ShowAnAcknowledgedIssueOnEveryWorker) {
  std::array<Worker, 2> workers{Worker(*service_), Worker(*service_)};
  for (std::uint64_t coupon = 1; coupon <= 10; ++coupon) {
    static_cast<void>(workers[coupon % 2].Ask("IssueCoupon", OfCampaign(1)));
    for (Worker& worker : workers) {
      for (int again = 0; again < 2; ++again) {
        EXPECT_THAT(Get(worker), HasSubstr(Count(coupon)));
        EXPECT_THAT(List(worker), HasSubstr(Count(coupon)));
      }
    }
  }
  static_cast<void>(workers[0].Ask("DeleteCampaign", OfCampaign(1)));
  for (Worker& worker : workers) {
    EXPECT_THAT(Get(worker), HasSubstr(R"("code":"not_found")"));
    EXPECT_THAT(List(worker), HasSubstr(R"("campaigns":[])"));
  }
}

TEST_F(KeptAnswersTest, AreWhatAWorkerThatHasKeptNothingAnswers) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::array<Worker, 2> workers{Worker(*service_), Worker(*service_)};
  Dispatcher creating(*engine_, executor_);
  // A kept status names an earlier event than a fresh one, if nothing came in between that matters.
  const auto without_sequence = [](const std::string& status) {
    return status.substr(0, status.find(R"("sequence")"));
  };
  for (int step = 0; step < 1'000; ++step) {
    Worker& worker = workers[random() % 2];
    const auto campaign = static_cast<std::uint8_t>(1 + random() % 4);
    const std::string id = FormatUuid(test::Id(campaign).bytes);
    const auto soon = [&] { return clock_.Now().Plus(std::chrono::seconds(random() % 20)); };
    switch (random() % 12) {
      case 0: {
        bool created = false;
        CreateCampaign command =
            test::Create(campaign, "name " + std::to_string(campaign), 150, soon());
        if (random() % 2 == 0) command.end_time = soon().Plus(std::chrono::seconds(20));
        if (random() % 4 == 0) command.expire_time = soon().Plus(std::chrono::seconds(20));
        creating.Submit(std::move(command), [&created](const Result<Reply>&) { created = true; });
        ASSERT_TRUE(executor_.RunUntil([&] { return created; }));
        break;
      }
      case 1:
        if (random() % 4 == 0) {
          static_cast<void>(worker.Ask("DeleteCampaign", OfCampaign(campaign)));
        }
        break;
      case 2:
      case 3:
        static_cast<void>(worker.Ask("IssueCoupon", OfCampaign(campaign)));
        break;
      case 4:
        static_cast<void>(worker.Ask(random() % 2 == 0 ? "PauseCampaign" : "ResumeCampaign",
                                     R"({"campaignId":")" + id + R"(","scope":1})"));
        break;
      case 5:
        static_cast<void>(worker.Ask(random() % 2 == 0 ? "ArchiveCampaign" : "UnarchiveCampaign",
                                     OfCampaign(campaign)));
        break;
      case 6:
        static_cast<void>(
            worker.Ask("UpdateCampaign", R"({"campaign":{"id":")" + id + R"(","totalCoupons":)" +
                                             std::to_string(1 + random() % 10) + "}}"));
        break;
      case 7:
        clock_.Set(clock_.Now().Plus(std::chrono::seconds(static_cast<int>(random() % 10) - 2)));
        break;
      default:
        Worker fresh(*service_);
        ASSERT_EQ(Get(worker, campaign), Get(fresh, campaign)) << "step " << step;
        ASSERT_EQ(List(worker), List(fresh)) << "step " << step;
        ASSERT_EQ(without_sequence(StatusOf(worker, campaign)),
                  without_sequence(StatusOf(fresh, campaign)))
            << "step " << step;
    }
  }
}

TEST_F(KeptAnswersTest, NeverLackWhatWasAcknowledgedBefore) {
  constexpr std::uint64_t kCoupons = 2'000;
  Dispatcher creating(*engine_, executor_);
  bool created = false;
  creating.Submit(test::Create(2, "many", kCoupons, At(0)),
                  [&created](const Result<Reply>&) { created = true; });
  ASSERT_TRUE(executor_.RunUntil([&] { return created; }));

  std::atomic<std::uint64_t> acknowledged = 0;
  std::atomic<std::uint64_t> reads = 0;
  Worker issuing(*service_);
  Worker reading(*service_);
  std::thread issuer([&] {
    for (std::uint64_t coupon = 1; coupon <= kCoupons; ++coupon) {
      static_cast<void>(issuing.Ask("IssueCoupon", OfCampaign(2)));
      acknowledged = coupon;
      // Now and then nothing changes for some reads.
      for (const std::uint64_t enough = reads + coupon % 3; reads < enough;) {
        std::this_thread::yield();
      }
    }
  });
  const auto issued_coupons = [](const std::string& body) {
    constexpr std::string_view kName = R"("many","totalCoupons":2000,"issuedCoupons":)";
    return std::stoull(body.substr(body.find(kName) + kName.size()));
  };
  while (acknowledged < kCoupons) {
    const std::uint64_t before = acknowledged;
    EXPECT_GE(issued_coupons(Get(reading, 2)), before);
    EXPECT_GE(issued_coupons(List(reading)), before);
    ++reads;
  }
  reads += kCoupons;
  issuer.join();
}

}  // namespace
}  // namespace coupond::api
