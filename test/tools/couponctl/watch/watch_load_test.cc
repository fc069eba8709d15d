#include "couponctl/watch/watch_load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <sstream>
#include <string>

#include "rpc/connect/envelope.h"
#include "support/fake_server.h"

namespace coupond::ctl {
namespace {

using rpc_client::CallError;
using rpc_client::ConnectClient;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeAnswer;
using test::FakeServer;
using testing::HasSubstr;

constexpr WatchListener::Time kStart{};

coupon::v1::WatchCampaignResponse Message(int issued, coupon::v1::WatchState state) {
  coupon::v1::WatchCampaignResponse message;
  message.mutable_campaign()->set_issued_coupons(issued);
  message.set_state(state);
  message.set_sequence(static_cast<std::uint64_t>(issued));
  return message;
}

TEST(WatchTally, MeasuresTheRateOfEachStream) {
  WatchTally tally(3);
  for (int i = 0; i <= 20; ++i) {
    const auto message = Message(i, coupon::v1::WATCH_STATE_LIVE);
    tally.OnMessage(0, message, kStart + milliseconds(100) * i);
    if (i % 2 == 0) tally.OnMessage(1, message, kStart + milliseconds(100) * i);
    if (i % 4 == 0) tally.OnMessage(2, message, kStart + milliseconds(100) * i);
  }
  const WatchFigures figures = tally.At(kStart + seconds(2));
  EXPECT_EQ(figures.messages, 21U + 11U + 6U);
  EXPECT_DOUBLE_EQ(figures.per_second_max, 10);
  EXPECT_DOUBLE_EQ(figures.per_second_median, 5);
  EXPECT_DOUBLE_EQ(figures.per_second_min, 2.5);
  EXPECT_EQ(figures.gap_max, milliseconds(400));
  EXPECT_EQ(figures.live, 3U);
  EXPECT_EQ(figures.issued_coupons, 20);
}

TEST(WatchTally, CountsSilenceUntilTheEnd) {
  WatchTally tally(2);
  tally.OnMessage(0, Message(1, coupon::v1::WATCH_STATE_LIVE), kStart);
  EXPECT_EQ(tally.At(kStart + seconds(9)).gap_max, seconds(9));
  EXPECT_EQ(tally.At(kStart + seconds(9)).per_second_max, 0);
  tally.OnEnd(0, std::unexpected(CallError{.code = connect::Code::kUnavailable}),
              kStart + seconds(2));
  EXPECT_EQ(tally.At(kStart + seconds(9)).gap_max, seconds(2));
}

TEST(WatchTally, CountsEachOpenedStreamUnderOneEnding) {
  WatchTally tally(8);
  tally.OnMessage(0, Message(9, coupon::v1::WATCH_STATE_SOLD_OUT), kStart);
  tally.OnEnd(0, {}, kStart);
  tally.OnMessage(1, Message(8, coupon::v1::WATCH_STATE_DELETED), kStart);
  tally.OnEnd(1, {}, kStart);
  tally.OnMessage(2, Message(7, coupon::v1::WATCH_STATE_LIVE), kStart);
  tally.OnMessage(3, Message(7, coupon::v1::WATCH_STATE_LIVE), kStart);
  tally.OnEnd(3, std::unexpected(CallError{.code = connect::Code::kUnavailable}), kStart);
  tally.OnEnd(
      4,
      std::unexpected(CallError{.failure = rpc_client::Failure::kNoAnswer, .message = "refused"}),
      kStart);
  tally.OnMessage(6, Message(5, coupon::v1::WATCH_STATE_ENDED), kStart);
  tally.OnEnd(6, {}, kStart);
  tally.OnMessage(7, Message(9, coupon::v1::WATCH_STATE_SOLD_OUT), kStart);  // it follows
  const WatchFigures figures = tally.At(kStart);
  EXPECT_EQ(figures.opened, 6U);
  EXPECT_EQ(figures.sold_out, 1U);
  EXPECT_EQ(figures.over, 1U);
  EXPECT_EQ(figures.deleted, 1U);
  EXPECT_EQ(figures.live, 2U);
  EXPECT_EQ(figures.failed, 2U);
  EXPECT_EQ(figures.errors.at("unavailable"), 1U);
  EXPECT_EQ(figures.errors.at("refused"), 1U);
  // A stream that lags behind does not change the count.
  EXPECT_EQ(figures.issued_coupons, 9);
  ASSERT_TRUE(tally.first_error());
  EXPECT_EQ(tally.first_error()->code, connect::Code::kUnavailable);
}

/// Returns a stream of one message.
std::string SoldOutStream() {
  std::string stream;
  connect::AppendEnvelope(0, Message(10, coupon::v1::WATCH_STATE_SOLD_OUT).SerializeAsString(),
                          stream);
  connect::AppendEnvelope(connect::kConnectEndFlag, "{}", stream);
  return stream;
}

std::string NotFoundStream() {
  std::string stream;
  connect::AppendEnvelope(connect::kConnectEndFlag, R"({"error":{"code":"not_found"}})", stream);
  return stream;
}

FakeServer::Handler Always(const std::string& stream) {
  return [stream](auto, auto) {
    return FakeAnswer{.content_type = "application/connect+proto", .body = stream};
  };
}

class WatchWithManyStreamsTest : public testing::Test {
 protected:
  ExitCode Watch(std::size_t streams, FakeServer::Handler handler, bool json = false) {
    const FakeServer server(std::move(handler));
    ConnectClient client(server.address(), seconds(60));
    const WatchPlan plan{.server = server.address(),
                         .endpoints = rpc_client::FindServer(server.address()).value(),
                         .campaign_id = "some-id",
                         .streams = streams,
                         .answer_timeout = seconds(60)};
    return WatchWithManyStreams({.client = client, .json = json, .out = out_, .err = err_}, plan,
                                false);
  }

  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(WatchWithManyStreamsTest, CountsAllMessages) {
  EXPECT_EQ(Watch(300, Always(SoldOutStream()), true), ExitCode::kDone) << err_.str();
  const auto json = boost::json::parse(out_.str());
  EXPECT_EQ(json.at("streams"), 300);
  EXPECT_EQ(json.at("opened"), 300);
  EXPECT_EQ(json.at("messages"), 300);
  EXPECT_EQ(json.at("soldOut"), 300);
  EXPECT_EQ(json.at("failed"), 0);
  EXPECT_EQ(json.at("issuedCoupons"), 10);
}

TEST_F(WatchWithManyStreamsTest, OneStreamThatFailsIsReported) {
  const auto handler = [number = 0](auto, auto) mutable {
    if (number++ == 1) return FakeAnswer{.drop = true};
    return FakeAnswer{.content_type = "application/connect+proto", .body = SoldOutStream()};
  };
  EXPECT_EQ(Watch(3, handler), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("1 of 3 streams failed, the first with: no answer from"));
  EXPECT_THAT(out_.str(), HasSubstr("ended: sold out"));
}

TEST_F(WatchWithManyStreamsTest, AnUnknownCampaignIsRefused) {
  EXPECT_EQ(Watch(3, Always(NotFoundStream()), true), ExitCode::kRefused);
  EXPECT_EQ(boost::json::parse(out_.str()).at("errors").at("not_found"), 3);
}

}  // namespace
}  // namespace coupond::ctl
