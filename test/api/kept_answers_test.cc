// Small reads, which workers answer from memory while nothing has changed: they show what a query
// would, and wait for nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <future>
#include <random>
#include <string>
#include <string_view>
#include <thread>

#include "api/service_fixture.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using test::At;
using testing::HasSubstr;

constexpr http::HeaderField kJson{"Content-Type", "application/json"};

/// A worker besides the fixture's own, with connections of its own.
class Worker {
 public:
  explicit Worker(CouponService& service) : handler_(service.MakeHandler(executor_)) {}

  /// Returns the body of the answer. It has come by the end of this turn unless another thread is
  /// needed for it, which `may_wait` allows.
  std::string Ask(std::string_view method, std::string_view body, bool may_wait = true) {
    const auto exchange = std::make_shared<connect::FakeExchange>();
    const std::string path = "/coupon.v1.CouponService/" + std::string(method);
    handler_->Handle(
        {.method = "POST", .path = path, .query = {}, .body = body, .headers = {&kJson, 1}},
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
  static std::string Count(std::uint64_t coupons) {
    return R"("issuedCoupons":)" + std::to_string(coupons) + ",";
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

TEST_F(KeptAnswersTest, AreNotGivenOnceAChangeWasAcknowledgedThatTheViewsLack) {
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

TEST_F(KeptAnswersTest, ShowAnIssueToEveryWorkerAsSoonAsItIsAcknowledged) {
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
  for (int step = 0; step < 500; ++step) {
    Worker& worker = workers[random() % 2];
    const auto campaign = static_cast<std::uint8_t>(1 + random() % 4);
    switch (random() % 8) {
      case 0: {
        bool created = false;
        creating.Submit(test::Create(campaign, "name " + std::to_string(campaign), 150, At(0)),
                        [&created](const Result<Reply>&) { created = true; });
        ASSERT_TRUE(executor_.RunUntil([&] { return created; }));
        break;
      }
      case 1:
        static_cast<void>(worker.Ask("DeleteCampaign", OfCampaign(campaign)));
        break;
      case 2:
      case 3:
        static_cast<void>(worker.Ask("IssueCoupon", OfCampaign(campaign)));
        break;
      default:
        Worker fresh(*service_);
        ASSERT_EQ(Get(worker, campaign), Get(fresh, campaign)) << "step " << step;
        ASSERT_EQ(List(worker), List(fresh)) << "step " << step;
    }
  }
}

TEST_F(KeptAnswersTest, NeverLackWhatWasAcknowledgedBeforeTheyWereAskedFor) {
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
