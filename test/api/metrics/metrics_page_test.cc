#include "api/metrics/metrics_page.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "api/dispatcher.h"
#include "api/engine_fixture.h"
#include "rpc/connect/fake_exchange.h"
#include "rpc/connect/router.h"
#include "support/builders.h"
#include "support/metrics_text.h"

namespace coupond::api {
namespace {

using connect::FakeExchange;
using test::MetricsText;

constexpr const char* kCampaigns = "coupond_campaign_coupons";

class MetricsPageTest : public EngineFixture {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(EngineFixture::SetUp());
    dispatcher_ = std::make_unique<Dispatcher>(*engine_, executor_);
    router_ = std::make_unique<connect::Router>(executor_);
    AddMetricsPage(*router_,
                   {.metrics = metrics_,
                    .look_up = [] { return ServerFigures(); },
                    .campaigns = {test::Id(1)}},
                   *dispatcher_, executor_, nullptr);
    std::optional<Result<Reply>> created;
    dispatcher_->Submit(test::Create(1, "shown", 10, test::At(0)),
                        [&](Result<Reply> reply) { created = std::move(reply); });
    ASSERT_TRUE(executor_.RunUntil([&] { return created.has_value(); }));
  }

  std::shared_ptr<FakeExchange> Get() {
    auto exchange = std::make_shared<FakeExchange>();
    router_->Handle({.method = "GET", .path = "/metrics", .query = {}, .body = {}, .headers = {}},
                    exchange);
    return exchange;
  }
  /// Makes all further queries wait until the promise is set.
  std::promise<void> HoldQueries() {
    std::promise<void> end;
    EXPECT_TRUE(
        engine_->Query([ended = end.get_future().share()](const Status&) { ended.wait(); }));
    return end;
  }
  static bool ShowsCampaigns(const FakeExchange& exchange) {
    return MetricsText(exchange.response().body).types.contains(kCampaigns);
  }

  Metrics metrics_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<connect::Router> router_;
};

TEST_F(MetricsPageTest, ShowsCampaigns) {
  const auto exchange = Get();
  ASSERT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
  EXPECT_TRUE(ShowsCampaigns(*exchange));
  executor_.Advance(kMetricsCampaignsWait);  // and does not answer again
}

TEST_F(MetricsPageTest, DoesNotWaitForCampaignsForever) {
  std::promise<void> end = HoldQueries();
  const auto exchange = Get();
  executor_.Advance(kMetricsCampaignsWait - std::chrono::milliseconds(1));
  EXPECT_FALSE(exchange->answered());
  executor_.Advance(std::chrono::milliseconds(1));
  ASSERT_TRUE(exchange->answered());
  EXPECT_EQ(exchange->response().status, 200);
  EXPECT_FALSE(ShowsCampaigns(*exchange));

  end.set_value();
  const auto next = Get();
  ASSERT_TRUE(executor_.RunUntil([&] { return next->answered(); }));
  EXPECT_TRUE(ShowsCampaigns(*next)) << "what came too late was not answered again";
}

}  // namespace
}  // namespace coupond::api
