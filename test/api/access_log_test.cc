#include "api/access_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/key.h"
#include "base/entropy.h"
#include "engine/rules/ids.h"
#include "rpc/connect/fake_exchange.h"
#include "rpc/http/ip_network.h"

// What the log of requests says of each.
namespace coupond::api {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

/// Answers each request as it is told.
class ScriptedHandler final : public http::Handler {
 public:
  using Answer = std::function<void(http::Exchange& exchange)>;
  explicit ScriptedHandler(const Answer& answer) : answer_(answer) {}
  void Handle(const http::Request& /*request*/, std::shared_ptr<http::Exchange> exchange) override {
    answer_(*exchange);
  }

 private:
  const Answer& answer_;
};

/// A body of two pieces.
class TwoPieces final : public http::BodySource {
 public:
  void Next(Deliver deliver) override {
    const bool is_last = std::exchange(begun_, true);
    deliver(is_last ? Progress::kEnd : Progress::kMore, "12345");
  }

 private:
  bool begun_ = false;
};

class AccessLogTest : public testing::Test {
 protected:
  void Start(std::uint64_t every = 1) {
    log_ = std::make_unique<AccessLog>(
        AccessLogOptions{
            .every = every,
            .proxies = {.networks = {*http::IpNetwork::Parse("10.0.0.0/8")}},
            .keys = &keys_,
            .write = [this](const AccessLogEntry& entry) { entries_.push_back(entry); }},
        entropy_);
    handler_ = log_->Wrap(std::make_unique<ScriptedHandler>(answer_));
  }
  void SetUp() override { Start(); }

  void Respond(int status, std::string body = "") {
    answer_ = [status, body](http::Exchange& exchange) {
      exchange.Respond(
          {.status = status, .content_type = "text/plain", .headers = {}, .body = body});
    };
  }
  std::shared_ptr<connect::FakeExchange> Ask(std::string_view path,
                                             std::vector<http::HeaderField> headers = {}) {
    auto exchange = std::make_shared<connect::FakeExchange>();
    handler_->Handle({.method = "POST",
                      .path = path,
                      .query = "secret=1",
                      .body = "secret",
                      .headers = headers,
                      .peer = http::ParseIpAddress("10.0.0.1").value()},
                     exchange);
    return exchange;
  }
  ScriptedHandler::Answer answer_ = [](http::Exchange& exchange) { exchange.Respond({}); };
  std::vector<AccessLogEntry> entries_;
  SystemEntropy entropy_;
  access::KeyRing keys_{{}};
  std::unique_ptr<AccessLog> log_;
  std::unique_ptr<http::Handler> handler_;
};

TEST_F(AccessLogTest, ALineHasWhatTheRequestCameTo) {
  Respond(404, "nothing");
  const auto exchange =
      Ask("/coupon.v1.CouponService/GetCoupon",
          {{"X-Forwarded-For", "192.0.2.7"},
           {"X-Request-Id", "from-the-client.1"},
           {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
  ASSERT_THAT(entries_, SizeIs(1));
  const AccessLogEntry& entry = entries_.front();
  EXPECT_EQ(entry.method, "POST");
  EXPECT_EQ(entry.route, "/coupon.v1.CouponService/GetCoupon");
  EXPECT_EQ(entry.status, 404);
  EXPECT_EQ(entry.body_bytes, 7U);
  EXPECT_TRUE(entry.is_whole);
  EXPECT_GT(entry.duration.count(), 0);
  EXPECT_EQ(entry.client, "192.0.2.7");
  EXPECT_EQ(entry.request_id, "from-the-client.1");
  EXPECT_EQ(entry.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(exchange->Header("X-Request-Id"), "from-the-client.1");
}

TEST_F(AccessLogTest, ARequestWithoutAnIdGetsOne) {
  std::set<std::string> ids;
  for (const char* sent : {"", "two words", "\"quoted\"", "코드"}) {
    const auto exchange = Ask("/IssueCoupon", {{"X-Request-Id", sent}});
    EXPECT_EQ(exchange->Header("X-Request-Id"), entries_.back().request_id);
    EXPECT_NE(entries_.back().request_id, sent);
    ids.insert(entries_.back().request_id);
  }
  const std::string too_long(65, 'x');
  EXPECT_NE(Ask("/IssueCoupon", {{"X-Request-Id", too_long}})->Header("X-Request-Id"), too_long);
  EXPECT_THAT(ids, SizeIs(4));
}

TEST_F(AccessLogTest, OnlyTheIdOfAKeyIsNoted) {
  const access::NewKey made = access::MakeKey({.role = access::Role::kIssuer}, entropy_);
  keys_.Replace({made.key});
  const std::string field = "Bearer " + made.text;
  Ask("/IssueCoupon", {{"Authorization", field}});
  EXPECT_EQ(entries_.back().key_id, FormatKeyId(made.key.id));
  // An answer with the status of a success may be a refusal: of a stream, or over gRPC-Web.
  std::string guessed = field;
  guessed.back() = guessed.back() == 'a' ? 'b' : 'a';
  Ask("/IssueCoupon", {{"Authorization", guessed}});
  EXPECT_EQ(entries_.back().key_id, "") << "the id of a key that the client does not have";
  Ask("/IssueCoupon", {{"Authorization", "Bearer something else"}});
  EXPECT_EQ(entries_.back().key_id, "");
  keys_.Replace({});
  Ask("/IssueCoupon", {{"Authorization", field}});
  EXPECT_EQ(entries_.back().key_id, "") << "a key that the server no longer has";
}

TEST_F(AccessLogTest, AStreamHasItsLineAtItsEnd) {
  answer_ = [](http::Exchange& exchange) {
    exchange.RespondInPieces({}, std::make_unique<TwoPieces>());
  };
  auto exchange = Ask("/coupon.v1.CouponService/WatchCampaign");
  EXPECT_THAT(entries_, IsEmpty());
  EXPECT_EQ(exchange->WholeBody(), "1234512345");
  exchange.reset();
  ASSERT_THAT(entries_, SizeIs(1));
  EXPECT_EQ(entries_.front().body_bytes, 10U);
  EXPECT_TRUE(entries_.front().is_whole);

  Ask("/coupon.v1.CouponService/WatchCampaign");  // and leaves
  ASSERT_THAT(entries_, SizeIs(2));
  EXPECT_FALSE(entries_.back().is_whole);
}

TEST_F(AccessLogTest, OneInSoManyIsLoggedAndEachFaultOfTheServer) {
  Start(10);
  for (int i = 0; i < 30; ++i) Ask("/IssueCoupon");
  EXPECT_THAT(entries_, SizeIs(3));
  entries_.clear();
  Respond(503);
  for (int i = 0; i < 5; ++i) Ask("/IssueCoupon");
  EXPECT_THAT(entries_, SizeIs(5));
}

TEST(RouteOf, IsAMethodOrAPageAndNeverWhatAClientMadeUp) {
  EXPECT_EQ(RouteOf("/coupon.v1.AdminService/EraseUser"), "/coupon.v1.AdminService/EraseUser");
  EXPECT_EQ(RouteOf("/IssueCoupon"), "/IssueCoupon");
  EXPECT_EQ(RouteOf("/readyz"), "/readyz");
  EXPECT_EQ(RouteOf("/campaigns/5c/coupons.csv"), "/campaigns/{id}/coupons.csv");
  EXPECT_EQ(RouteOf("/campaigns/가나다/coupons.jsonl"), "/campaigns/{id}/coupons.jsonl");
  for (const char* path : {"", "/kim", "/GetCoupon/가나다", "/campaigns/5c", "/metrics/kim"}) {
    EXPECT_EQ(RouteOf(path), "-") << path;
  }
}

TEST(TraceIdOf, IsThatOfAWellFormedField) {
  constexpr std::string_view kId = "0af7651916cd43dd8448eb211c80319c";
  EXPECT_EQ(TraceIdOf("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), kId);
  for (const char* field : {"", "00-0af7651916cd43dd8448eb211c80319c",
                            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                            "00-0af7651916cd43dd8448eb211c80319x-b7ad6b7169203331-01",
                            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
    EXPECT_EQ(TraceIdOf(field), "") << field;
  }
}

}  // namespace
}  // namespace coupond::api
