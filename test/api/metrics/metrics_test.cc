#include "api/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api/access/method_access.h"
#include "api/keyed_service_fixture.h"
#include "api/metrics/counters.h"
#include "support/metrics_text.h"

namespace coupond::api {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using test::MetricsText;
using testing::HasSubstr;
using testing::Not;

/// Operators' rules and dashboards have these names: one that is renamed breaks them silently.
const std::map<std::string, std::string> kNames = {
    {"coupond_auth_failures_total", "counter"},
    {"coupond_backup_last_success_timestamp_seconds", "gauge"},
    {"coupond_build_info", "gauge"},
    {"coupond_campaign_coupons", "gauge"},
    {"coupond_clock_ahead_seconds", "gauge"},
    {"coupond_command_queue_capacity", "gauge"},
    {"coupond_command_queue_length", "gauge"},
    {"coupond_command_queue_wait_seconds", "histogram"},
    {"coupond_command_rejections_total", "counter"},
    {"coupond_data_dir_free_bytes", "gauge"},
    {"coupond_fenced", "gauge"},
    {"coupond_group_commands", "histogram"},
    {"coupond_http_connections", "gauge"},
    {"coupond_issue_outcomes_total", "counter"},
    {"coupond_log_append_seconds", "histogram"},
    {"coupond_log_head_sequence", "gauge"},
    {"coupond_log_size_bytes", "gauge"},
    {"coupond_query_queue_length", "gauge"},
    {"coupond_query_seconds", "histogram"},
    {"coupond_rate_limited_total", "counter"},
    {"coupond_ready", "gauge"},
    {"coupond_recovery_events", "gauge"},
    {"coupond_recovery_seconds", "gauge"},
    {"coupond_recovery_torn_bytes", "gauge"},
    {"coupond_redeem_outcomes_total", "counter"},
    {"coupond_rpc_request_duration_seconds", "histogram"},
    {"coupond_rpc_requests_in_flight", "gauge"},
    {"coupond_rpc_requests_total", "counter"},
    {"coupond_views_lag_events", "gauge"},
    {"coupond_watch_streams", "gauge"},
    {"process_cpu_seconds_total", "counter"},
    {"process_max_fds", "gauge"},
    {"process_open_fds", "gauge"},
    {"process_resident_memory_bytes", "gauge"},
    {"process_start_time_seconds", "gauge"},
    {"process_virtual_memory_bytes", "gauge"},
};

std::string Calls(std::string_view method, std::string_view protocol, std::string_view code) {
  return R"(coupond_rpc_requests_total{method="coupon.v1.CouponService/)" + std::string(method) +
         R"(",protocol=")" + std::string(protocol) + R"(",code=")" + std::string(code) + R"("})";
}

TEST(Histogram, CountsUpToEachBoundAndBeyondTheLast) {
  TimeHistogram histogram;
  histogram.Record(microseconds(100));
  histogram.Record(microseconds(101));
  histogram.Record(std::chrono::nanoseconds(-1));
  histogram.Record(seconds(11));
  const HistogramFigures figures = histogram.figures();
  ASSERT_EQ(figures.counts.size(), kTimeBounds.size() + 1);
  EXPECT_EQ(figures.counts.front(), 2U);
  EXPECT_EQ(figures.counts[1], 1U);
  EXPECT_EQ(figures.counts.back(), 1U);
  EXPECT_EQ(figures.sum, 11'000'201'000U);
}

TEST(Metrics, HaveTheNamesOfTheDocumentation) {
  const Metrics metrics;
  ServerFigures server;
  server.log_bytes = server.data_free_bytes = 1;
  server.backup = std::chrono::sys_seconds(seconds(1));
  server.campaigns = {{.id = test::Id(1)}};
  server.process = ReadProcessFigures();
  EXPECT_EQ(MetricsText(metrics.Expose(server)).types, kNames);
}

TEST(Metrics, WhatIsNotKnownIsNotThere) {
  const MetricsText text(Metrics().Expose({}));
  for (const char* name :
       {"coupond_backup_last_success_timestamp_seconds", "coupond_log_size_bytes",
        "coupond_data_dir_free_bytes", "coupond_campaign_coupons", "process_open_fds"}) {
    EXPECT_FALSE(text.types.contains(name)) << name;
  }
}

TEST(Metrics, TheEnginesMeasuresAreInSeconds) {
  Metrics metrics;
  metrics.engine().OnGroup({.commands = 3,
                            .events = 2,
                            .longest_wait = microseconds(200),
                            .append_time = microseconds(2'000)});
  metrics.engine().OnGroup(
      {.commands = 1, .events = 0, .longest_wait = {}, .append_time = seconds(1)});
  metrics.engine().OnQuery(seconds(20));
  const MetricsText text(metrics.Expose({}));
  EXPECT_EQ(text.Of("coupond_group_commands_count"), 2);
  EXPECT_EQ(text.Of("coupond_group_commands_sum"), 4);
  EXPECT_EQ(text.Of(R"(coupond_group_commands_bucket{le="2"})"), 1);
  EXPECT_EQ(text.Of(R"(coupond_group_commands_bucket{le="4"})"), 2);
  EXPECT_EQ(text.Of(R"(coupond_command_queue_wait_seconds_bucket{le="0.00025"})"), 2);
  EXPECT_EQ(text.Of("coupond_log_append_seconds_count"), 1) << "refusals alone are not written";
  EXPECT_EQ(text.Of(R"(coupond_log_append_seconds_bucket{le="0.0025"})"), 1);
  EXPECT_DOUBLE_EQ(text.Of("coupond_log_append_seconds_sum"), 0.002);
  EXPECT_EQ(text.Of(R"(coupond_query_seconds_bucket{le="10"})"), 0);
  EXPECT_EQ(text.Of(R"(coupond_query_seconds_bucket{le="+Inf"})"), 1);
}

TEST(Metrics, WorkersAndReasonsAreAddedUp) {
  Metrics metrics;
  for (int i = 0; i < 2; ++i) {
    WorkerFigures& worker = metrics.AddWorker();
    worker.BeginCall();
    worker.BeginCall();
    worker.EndCall(0, CallWay::kConnect, std::nullopt, microseconds(1));
    worker.CountRejection(ErrorCode::kOverloaded);
  }
  ServerFigures server;
  server.limited.unknown_codes_of_key = 1;
  const MetricsText text(metrics.Expose(server));
  EXPECT_EQ(text.Of("coupond_rpc_requests_in_flight"), 2);
  EXPECT_EQ(text.Of(Calls("CreateCampaign", "connect", "ok")), 2);
  EXPECT_EQ(text.Of(R"(coupond_command_rejections_total{reason="queue_full"})"), 2);
  EXPECT_EQ(text.Of(R"(coupond_command_rejections_total{reason="fenced"})"), 0);
  EXPECT_EQ(text.Of(R"(coupond_rate_limited_total{policy="unknown_codes_key"})"), 1);
}

TEST(ProcessFigures, AreThoseOfThisProcess) {
  const ProcessFigures figures = ReadProcessFigures();
  EXPECT_GT(figures.resident_bytes, 100'000U);
  EXPECT_GT(figures.virtual_bytes, *figures.resident_bytes);
  EXPECT_GE(figures.open_files, 3U);
  EXPECT_GE(figures.open_files_max, *figures.open_files);
  EXPECT_GE(figures.cpu_seconds, 0.0);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  EXPECT_NEAR(*figures.start_time_seconds, std::chrono::duration<double>(now).count(), 3'600);
}

/// The service with keys and metrics.
class MeteredServiceTest : public KeyedServiceFixture {
 protected:
  MeteredServiceTest() { observer_ = &metrics_.engine(); }
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(KeyedServiceFixture::SetUp());
    StartMetered({});
  }
  void StartMetered(ServedAs served, std::vector<CampaignId> campaigns = {}) {
    handler_.reset();
    service_ = std::make_unique<CouponService>(
        *engine_, entropy_, CodeKey{},
        CouponServiceOptions{
            .keys = &ring_,
            .version = "1.2.3",
            .metrics = &metrics_,
            .program_figures = [](ServerFigures& figures) { figures.connections = 7; },
            .metrics_campaigns = std::move(campaigns)});
    handler_ = service_->MakeHandler(executor_, served);
  }
  MetricsText Scrape() {
    As(access::Role::kViewer);
    return MetricsText(BodyOf(Send("GET", "/metrics", "", "")));
  }
  int StatusOf(const Exchange& exchange) {
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    return exchange->response().status;
  }

  Metrics metrics_;
};

TEST_F(MeteredServiceTest, CountsCallsByMethodWayAndCode) {
  As(access::Role::kAdmin);
  for (int i = 0; i < 12; ++i) BodyOf(AskFor("IssueCoupon"));  // ten coupons, and two refusals
  BodyOf(Send("POST", "/IssueCoupon", "", R"({"campaignId":")" + id_ + R"("})"));
  BodyOf(Ask("IssueCoupon", "{"), 400);
  BodyOf(AskFor("IssueCoupon", "", "00000000-0000-4000-8000-000000000000"), 404);
  const MetricsText text = Scrape();
  EXPECT_EQ(text.Of(Calls("IssueCoupon", "connect", "ok")), 12);
  EXPECT_EQ(text.Of(Calls("IssueCoupon", "short", "ok")), 1);
  EXPECT_EQ(text.Of(Calls("IssueCoupon", "connect", "invalid_argument")), 1);
  EXPECT_EQ(text.Of(Calls("IssueCoupon", "connect", "not_found")), 1);
  EXPECT_EQ(text.Of(R"(coupond_issue_outcomes_total{outcome="issued"})"), 10);
  EXPECT_EQ(text.Of(R"(coupond_issue_outcomes_total{outcome="sold_out"})"), 3);
  EXPECT_EQ(text.Of(R"(coupond_issue_outcomes_total{outcome="no_such_campaign"})"), 1);
  EXPECT_EQ(text.Of("coupond_rpc_request_duration_seconds_count{method=\"coupon.v1.CouponService/"
                    "IssueCoupon\"}"),
            15);
  EXPECT_EQ(text.Of("coupond_rpc_requests_in_flight"), 0);
}

TEST_F(MeteredServiceTest, CountsEntryTokensThatAreRefused) {
  const EntryTokens tokens(
      EntryTokenKey::FromFile(EntryTokenAlgorithm::kHs256, std::string(32, 's') + "\n").value());
  connect::CorsOptions cors{.origins = {*connect::AllowedOrigin::Parse(kShop)}};
  handler_.reset();
  service_ = std::make_unique<CouponService>(
      *engine_, entropy_, CodeKey{},
      CouponServiceOptions{.pages = std::make_shared<const connect::CorsPolicy>(std::move(cors)),
                           .keys = &ring_,
                           .entry_tokens = &tokens,
                           .metrics = &metrics_});
  handler_ = service_->MakeHandler(executor_, {});
  As(access::Role::kPublic);
  origin_ = kShop;
  BodyOf(AskFor("IssueCoupon", R"(,"entryToken":"x.y.z")"), 403);
  origin_.clear();
  EXPECT_EQ(Scrape().Of(R"(coupond_auth_failures_total{reason="entry_token"})"), 1);
}

TEST_F(MeteredServiceTest, TheEngineIsMeasured) {
  const MetricsText before = Scrape();
  As(access::Role::kAdmin);
  BodyOf(AskFor("IssueCoupon"));
  const MetricsText after = Scrape();
  for (const char* histogram : {"coupond_group_commands", "coupond_command_queue_wait_seconds",
                                "coupond_log_append_seconds"}) {
    const std::string count = std::string(histogram) + "_count";
    EXPECT_EQ(after.Of(count), before.Of(count) + 1) << histogram;
  }
}

TEST_F(MeteredServiceTest, QueriesAreMeasured) {
  As(access::Role::kAdmin);
  BodyOf(AskFor("GetCampaign"));
  // A query is counted a moment after its answer.
  const auto deadline = std::chrono::steady_clock::now() + seconds(60);
  const auto counted = [this] {
    const HistogramFigures figures = metrics_.engine().queries();
    return std::ranges::any_of(figures.counts, [](std::uint64_t count) { return count > 0; });
  };
  while (!counted() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(Scrape().Of("coupond_query_seconds_count"), 1);
}

TEST_F(MeteredServiceTest, CountsRedemptions) {
  As(access::Role::kAdmin);
  const std::string code = IssueAsAdmin();
  const auto redeem = [&](const std::string& which) {
    BodyOf(Ask("RedeemCoupon", R"({"code":")" + which + R"(","requestId":"a"})"));
  };
  redeem(code);
  redeem(code);
  BodyOf(Ask("RedeemCoupon", R"({"code":")" + code + R"(","requestId":"b"})"));
  const MetricsText text = Scrape();
  EXPECT_EQ(text.Of(R"(coupond_redeem_outcomes_total{outcome="redeemed"})"), 1);
  EXPECT_EQ(text.Of(R"(coupond_redeem_outcomes_total{outcome="already_redeemed_by_request"})"), 1);
  EXPECT_EQ(text.Of(R"(coupond_redeem_outcomes_total{outcome="coupon_already_redeemed"})"), 1);
}

TEST_F(MeteredServiceTest, CountsWhatAKeyDoesNotLetThrough) {
  As("");
  BodyOf(AskFor("IssueCoupon"), 401);
  As("nonsense");
  BodyOf(AskFor("IssueCoupon"), 401);
  const access::NewKey nobodys = access::MakeKey({.role = access::Role::kAdmin}, entropy_);
  As(nobodys.text);
  BodyOf(AskFor("IssueCoupon"), 401);
  As(access::Role::kViewer);
  BodyOf(AskFor("IssueCoupon"), 403);
  As(Add({.role = access::Role::kAdmin, .revoked = test::At(0)}));
  BodyOf(AskFor("IssueCoupon"), 401);
  As(Add({.role = access::Role::kAdmin, .expires = test::At(0)}));
  BodyOf(AskFor("IssueCoupon"), 401);
  As(Add({.role = access::Role::kAdmin, .campaigns = {test::Id(1)}}));
  BodyOf(Ask("CreateCampaign", "{}"), 403);
  const MetricsText text = Scrape();
  for (const char* reason :
       {"missing", "malformed", "unknown", "role", "revoked", "expired", "campaign"}) {
    EXPECT_EQ(text.Of("coupond_auth_failures_total{reason=\"" + std::string(reason) + "\"}"), 1)
        << reason;
  }
  EXPECT_EQ(text.Of(Calls("IssueCoupon", "connect", "unauthenticated")), 5);
  EXPECT_EQ(text.Of(Calls("IssueCoupon", "connect", "permission_denied")), 1);
}

TEST_F(MeteredServiceTest, UnknownMethodsMakeNoSeries) {
  As(access::Role::kAdmin);
  StatusOf(Ask("IssueCoupons", "{}"));
  StatusOf(Send("GET", "/nothing", "", ""));
  for (const auto& [series, value] : Scrape().values) {
    EXPECT_THAT(series, Not(HasSubstr("/IssueCoupons\"")));
    EXPECT_THAT(series, Not(HasSubstr("nothing")));
  }
}

TEST_F(MeteredServiceTest, PagesCountForTheMethodThatTheyStandFor) {
  As("");
  BodyOf(Send("GET", "/campaigns/" + id_ + "/coupons.csv", "", ""), 401);
  EXPECT_EQ(Scrape().Of(Calls("ExportCoupons", "page", "unauthenticated")), 1);
}

TEST_F(MeteredServiceTest, TheStateIsLookedUp) {
  MetricsText text = Scrape();
  EXPECT_EQ(text.Of(R"(coupond_build_info{version="1.2.3"})"), 1);
  EXPECT_EQ(text.Of("coupond_ready"), 1);
  EXPECT_EQ(text.Of("coupond_fenced"), 0);
  EXPECT_EQ(text.Of("coupond_clock_ahead_seconds"), 0);
  EXPECT_EQ(text.Of("coupond_http_connections"), 7);
  EXPECT_EQ(text.Of("coupond_log_head_sequence"),
            static_cast<double>(engine_->durable_sequence().value()));
  EXPECT_EQ(text.Of("coupond_command_queue_capacity"), limits::kCommandQueueMax);
  clock_.Dispute(clock_.Now().Plus(seconds(90)));
  EXPECT_EQ(Scrape().Of("coupond_clock_ahead_seconds"), 90);
  fence_.Raise({ErrorCode::kIo, "the disk is gone"});
  text = Scrape();
  EXPECT_EQ(text.Of("coupond_fenced"), 1);
  EXPECT_EQ(text.Of("coupond_ready"), 0);
  As("");
  EXPECT_EQ(StatusOf(Send("GET", "/livez", "", "")), 503);
}

TEST_F(MeteredServiceTest, NeedAKeyThatMayReadTheServersState) {
  for (const access::Role role : access::kRoles) {
    As(role);
    const bool may = AccessOf(kGetServerInfoPath).roles.Has(role);
    EXPECT_EQ(StatusOf(Send("GET", "/metrics", "", "")), may ? 200 : 403);
  }
  As("");
  EXPECT_EQ(StatusOf(Send("GET", "/metrics", "", "")), 401);
  StartMetered({.side = ServiceSide::kOperation, .metrics_need_key = false});
  EXPECT_EQ(StatusOf(Send("GET", "/metrics", "", "")), 200);
}

TEST_F(MeteredServiceTest, CampaignsAreShownOnRequest) {
  StartMetered({}, {test::Id(1), test::Id(2)});
  As(access::Role::kAdmin);
  BodyOf(AskFor("IssueCoupon"));
  const MetricsText text = Scrape();
  const auto coupons = [&](std::string_view kind) {
    return text.Of("coupond_campaign_coupons{campaign=\"" + id_ + "\",kind=\"" + std::string(kind) +
                   "\"}");
  };
  EXPECT_EQ(coupons("total"), 10);
  EXPECT_EQ(coupons("issued"), 1);
  EXPECT_EQ(coupons("redeemed"), 0);
}

TEST_F(MeteredServiceTest, EachSideHasItsOwn) {
  As(access::Role::kAdmin);
  constexpr std::string_view kInfo = "/coupon.v1.AdminService/GetServerInfo";
  const auto info = [&] { return StatusOf(Send("POST", kInfo, "application/json", "{}")); };
  StartMetered({.side = ServiceSide::kPublic});
  EXPECT_EQ(info(), 404);
  EXPECT_EQ(StatusOf(Send("GET", "/metrics", "", "")), 404);
  EXPECT_EQ(StatusOf(Send("GET", "/events", "", "")), 404);
  EXPECT_EQ(StatusOf(Send("GET", "/readyz", "", "")), 200);
  EXPECT_EQ(StatusOf(AskFor("IssueCoupon")), 200);
  StartMetered({.side = ServiceSide::kOperation});
  EXPECT_EQ(info(), 200);
  for (const std::string_view page : {"/", "/livez", "/readyz", "/metrics"}) {
    EXPECT_EQ(StatusOf(Send("GET", page, "", "")), 200) << page;
    EXPECT_EQ(StatusOf(Send("HEAD", page, "", "")), 200) << page;
  }
  EXPECT_EQ(StatusOf(AskFor("IssueCoupon")), 404);
}

}  // namespace
}  // namespace coupond::api
