#include "couponctl/watch/watch_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"
#include "rpc/client/envelope_reader.h"
#include "support/fake_server.h"
#include "support/scripted_server.h"

namespace coupond::ctl {
namespace {

using coupon::v1::WatchState;
using testing::HasSubstr;
using testing::Not;

// One message of a campaign of ten coupons, in its envelope.
std::string Message(int issued, WatchState state) {
  coupon::v1::WatchCampaignResponse message;
  message.mutable_campaign()->set_name("여름");
  message.mutable_campaign()->set_total_coupons(10);
  message.mutable_campaign()->set_issued_coupons(issued);
  message.mutable_campaign()->mutable_start_time()->set_seconds(1);
  message.set_state(state);
  message.set_sequence(static_cast<std::uint64_t>(issued) + 1);
  std::string envelope;
  AppendEnvelope(message.SerializeAsString(), envelope);
  return envelope;
}

std::string End(std::string_view json = "{}") {
  std::string envelope;
  AppendEnvelope(json, envelope);
  envelope[0] = static_cast<char>(kEndFlag);
  return envelope;
}

std::string SoldOut() {
  return Message(3, coupon::v1::WATCH_STATE_LIVE) + Message(10, coupon::v1::WATCH_STATE_SOLD_OUT) +
         End();
}

class WatchCommandTest : public testing::Test {
 protected:
  // Watches a server that answers each watch with this stream.
  ExitCode Watch(const std::string& stream, bool json = false,
                 std::optional<std::size_t> terminal_columns = std::nullopt) {
    const FakeServer server(Always(stream));
    ConnectClient client(server.address(), std::chrono::seconds(60));
    return WatchCampaign({.client = client, .json = json, .out = out_, .err = err_}, Plan(server),
                         terminal_columns);
  }
  ExitCode WatchWithMany(std::size_t streams, FakeServer::Handler handler, bool json = false) {
    const FakeServer server(std::move(handler));
    ConnectClient client(server.address(), std::chrono::seconds(60));
    WatchPlan plan = Plan(server);
    plan.streams = streams;
    return WatchWithManyStreams({.client = client, .json = json, .out = out_, .err = err_}, plan,
                                false);
  }
  // Watches a server that answers one connection after the other with these streams, and closes
  // them then.
  ExitCode WatchAndReconnect(const std::vector<std::string>& streams,
                             std::optional<std::chrono::milliseconds> duration = std::nullopt) {
    std::vector<Script> scripts;
    for (const std::string& stream : streams) {
      scripts.push_back({.pieces = {kStreamHeader + stream}});
    }
    return WatchScripts(std::move(scripts), false, duration);
  }
  ExitCode WatchScripts(std::vector<Script> scripts, bool json = false,
                        std::optional<std::chrono::milliseconds> duration = std::nullopt) {
    const ScriptedServer server(std::move(scripts));
    ConnectClient client(server.address(), std::chrono::seconds(60));
    const WatchPlan plan{.server = server.address(),
                         .endpoints = FindServer(server.address()).value(),
                         .campaign_id = "some-id",
                         .answer_timeout = std::chrono::seconds(60),
                         .silence_timeout = silence_timeout_,
                         .reconnect = true,
                         .duration = duration};
    return WatchCampaign({.client = client, .json = json, .out = out_, .err = err_}, plan,
                         std::nullopt);
  }
  static FakeServer::Handler Always(const std::string& stream) {
    return [stream](auto, auto) {
      return FakeAnswer{.content_type = "application/connect+proto", .body = stream};
    };
  }
  static WatchPlan Plan(const FakeServer& server) {
    return {.server = server.address(),
            .endpoints = FindServer(server.address()).value(),
            .campaign_id = "some-id",
            .answer_timeout = std::chrono::seconds(60)};
  }
  [[nodiscard]] std::vector<std::string> Lines() const {
    std::istringstream text(out_.str());
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  static inline const std::string kStreamHeader =
      "HTTP/1.1 200 OK\r\nContent-Type: application/connect+proto\r\n\r\n";

  std::chrono::nanoseconds silence_timeout_ = std::chrono::seconds(60);
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(WatchCommandTest, EachMessageIsALineAndTheLastOneSaysSoldOut) {
  EXPECT_EQ(Watch(SoldOut()), ExitCode::kDone) << err_.str();
  ASSERT_EQ(Lines().size(), 3U);
  EXPECT_THAT(Lines()[0], HasSubstr("여름: 3 of 10 issued, 30 %"));
  EXPECT_THAT(Lines()[1], HasSubstr("여름: 10 of 10 issued, 100 %"));
  EXPECT_EQ(Lines()[2], "sold out: all 10 coupons of 여름 are issued");
}

TEST_F(WatchCommandTest, JsonIsOneObjectALineAndNothingElse) {
  EXPECT_EQ(Watch(SoldOut(), true), ExitCode::kDone) << err_.str();
  ASSERT_EQ(Lines().size(), 2U);
  EXPECT_EQ(boost::json::parse(Lines()[0]).at("campaign").at("issuedCoupons"), 3);
  EXPECT_EQ(boost::json::parse(Lines()[1]).at("state"), "WATCH_STATE_SOLD_OUT");
}

TEST_F(WatchCommandTest, ATerminalGetsOneLineWrittenOverAndOver) {
  EXPECT_EQ(Watch(SoldOut(), false, 80), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("\r여름 [############"));
  EXPECT_THAT(out_.str(), HasSubstr("3 of 10   30 %  0/s\x1b[K\r여름"));
  EXPECT_THAT(out_.str(), HasSubstr("\x1b[K\nsold out: all 10 coupons of 여름 are issued\n"));
}

TEST_F(WatchCommandTest, ADeletedCampaignEndsItWell) {
  EXPECT_EQ(Watch(Message(3, coupon::v1::WATCH_STATE_DELETED) + End()), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("deleted: 여름 had issued 3 of 10 coupons\n"));
}

TEST_F(WatchCommandTest, AnErrorAtTheEndIsThatOfTheCommand) {
  EXPECT_EQ(Watch(End(R"({"error":{"code":"not_found","message":"no such campaign"}})"), true),
            ExitCode::kRefused);
  EXPECT_EQ(err_.str(),
            "couponctl: not_found: no such campaign; `couponctl list` shows the campaigns\n");
  EXPECT_EQ(boost::json::parse(out_.str()).at("code"), "not_found");
  EXPECT_EQ(Watch(Message(3, coupon::v1::WATCH_STATE_LIVE) +
                  End(R"({"error":{"code":"unavailable","message":"stopping"}})")),
            ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("unavailable: stopping"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("no longer watched")));
}

TEST_F(WatchCommandTest, AStreamThatIsCutOffIsAFailureNotAnEnd) {
  const std::string whole = SoldOut();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ASSERT_EQ(Watch(whole.substr(0, length)), ExitCode::kFailed) << length;
  }
  EXPECT_THAT(err_.str(), HasSubstr("to WatchCampaign: the stream was cut off"));
  EXPECT_THAT(err_.str(),
              HasSubstr("broke off its answer to WatchCampaign: the stream was cut off"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("sold out")));
}

TEST_F(WatchCommandTest, AGoodEndOfALiveCampaignIsAFailureToo) {
  EXPECT_EQ(Watch(Message(3, coupon::v1::WATCH_STATE_LIVE) + End()), ExitCode::kFailed);
  EXPECT_EQ(Watch(End()), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("the stream ended, but the campaign did not"));
}

TEST_F(WatchCommandTest, WhatIsNoMessageOrTooLargeIsAFailure) {
  std::string large;
  AppendEnvelope(std::string(100'000, 'x'), large);
  EXPECT_EQ(Watch(large), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("a message is too large"));
  std::string other;
  AppendEnvelope("\xff\xff\xff", other);
  EXPECT_EQ(Watch(other), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("a message cannot be read"));
}

TEST_F(WatchCommandTest, ALostConnectionIsMadeAgainAndThatIsSaid) {
  const std::string live = Message(3, coupon::v1::WATCH_STATE_LIVE);
  const ExitCode exit_code = WatchScripts({{.pieces = {kStreamHeader + live}},
                                           {.end = Script::End::kReset},
                                           {.pieces = {kStreamHeader + SoldOut()}}});
  EXPECT_EQ(exit_code, ExitCode::kDone) << err_.str();
  EXPECT_THAT(err_.str(), testing::MatchesRegex(
                              "couponctl: connection lost \\([^\n]+ broke off its answer to "
                              "WatchCampaign: the stream was cut off\\); reconnecting in [0-9]+ms\n"
                              "couponctl: still not connected \\([^\n]+\\); reconnecting in "
                              "[0-9.]+m?s\ncouponctl: reconnected after [0-9.]+m?s\n"));
  // What has not changed meanwhile is no new line.
  ASSERT_EQ(Lines().size(), 3U) << out_.str();
  EXPECT_EQ(Lines()[2], "sold out: all 10 coupons of 여름 are issued");
}

TEST_F(WatchCommandTest, ACampaignThatIsGoneAfterwardsWasDeleted) {
  const std::string gone = End(R"({"error":{"code":"not_found","message":"no such campaign"}})");
  const std::string live = Message(3, coupon::v1::WATCH_STATE_LIVE);
  EXPECT_EQ(WatchAndReconnect({live, gone}), ExitCode::kDone);
  EXPECT_THAT(err_.str(), HasSubstr("was deleted while the connection was lost"));
  EXPECT_EQ(Lines().back(), "deleted: 여름 had issued 3 of 10 coupons");
  out_.str("");
  EXPECT_EQ(
      WatchScripts({{.pieces = {kStreamHeader + live}}, {.pieces = {kStreamHeader + gone}}}, true),
      ExitCode::kDone);
  EXPECT_EQ(boost::json::parse(Lines().back()).at("state"), "WATCH_STATE_DELETED");
}

TEST_F(WatchCommandTest, WhatWillNotGoAwayIsNotTriedAgain) {
  for (const char* code : {"not_found", "invalid_argument", "unimplemented", "internal"}) {
    const std::string end = End(std::string(R"({"error":{"code":")") + code + R"("}})");
    EXPECT_NE(WatchAndReconnect({end}), ExitCode::kDone) << code;
  }
  EXPECT_EQ(WatchAndReconnect({""}), ExitCode::kFailed);
  EXPECT_EQ(WatchScripts({{.pieces = {"HTTP/1.1 502 Bad Gateway\r\n\r\n"}}}), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), Not(HasSubstr("connect")));
  // Not even after a first message.
  EXPECT_EQ(WatchAndReconnect({Message(3, coupon::v1::WATCH_STATE_LIVE) +
                               End(R"({"error":{"code":"permission_denied"}})")}),
            ExitCode::kRefused);
  EXPECT_THAT(err_.str(), Not(HasSubstr("connect")));
}

TEST_F(WatchCommandTest, AServerThatIsNotReadyYetIsTriedAgain) {
  const std::string starting = End(R"({"error":{"code":"unavailable","message":"starting"}})");
  EXPECT_EQ(WatchAndReconnect({starting, SoldOut()}), ExitCode::kDone);
  EXPECT_THAT(err_.str(), HasSubstr("not connected yet (unavailable: starting); trying again in "));
}

TEST_F(WatchCommandTest, SilenceIsALostConnectionAndRepetitionsBreakIt) {
  silence_timeout_ = std::chrono::milliseconds(300);
  const std::string live = Message(3, coupon::v1::WATCH_STATE_LIVE);
  const ExitCode exit_code =
      WatchScripts({{.pieces = {kStreamHeader + live, live, live, live, live},
                     .pause = std::chrono::milliseconds(100),
                     .end = Script::End::kStayOpen},
                    {.pieces = {kStreamHeader + SoldOut()}}});
  EXPECT_EQ(exit_code, ExitCode::kDone) << err_.str();
  EXPECT_EQ(Lines().size(), 3U) << out_.str();
  EXPECT_THAT(err_.str(), HasSubstr("WatchCampaign: nothing came for 300ms; does a proxy in "
                                    "between hold it back?); reconnecting in "));
}

TEST_F(WatchCommandTest, JsonShowsRepetitionsToo) {
  const std::string live = Message(3, coupon::v1::WATCH_STATE_LIVE);
  EXPECT_EQ(Watch(live + live + SoldOut(), true), ExitCode::kDone);
  EXPECT_EQ(Lines().size(), 4U);
}

TEST_F(WatchCommandTest, TimeThatIsUpWhileTheConnectionIsLostIsAFailure) {
  const auto duration = std::chrono::milliseconds(100);
  EXPECT_EQ(WatchAndReconnect({Message(3, coupon::v1::WATCH_STATE_LIVE)}, duration),
            ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("the time is up, and the connection is lost"));
}

TEST_F(WatchCommandTest, ManyStreamsAreCounted) {
  EXPECT_EQ(WatchWithMany(300, Always(SoldOut()), true), ExitCode::kDone) << err_.str();
  const auto json = boost::json::parse(out_.str());
  EXPECT_EQ(json.at("streams"), 300);
  EXPECT_EQ(json.at("opened"), 300);
  EXPECT_EQ(json.at("messages"), 600);
  EXPECT_EQ(json.at("soldOut"), 300);
  EXPECT_EQ(json.at("failed"), 0);
  EXPECT_EQ(json.at("issuedCoupons"), 10);
}

TEST_F(WatchCommandTest, OneOfManyThatFailsIsNotHidden) {
  const auto handler = [number = 0](auto, auto) mutable {
    if (number++ == 1) return FakeAnswer{.drop = true};
    return FakeAnswer{.content_type = "application/connect+proto", .body = SoldOut()};
  };
  EXPECT_EQ(WatchWithMany(3, handler), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("1 of 3 streams failed, the first with: no answer from"));
  EXPECT_THAT(out_.str(), HasSubstr("ended: sold out"));
}

TEST_F(WatchCommandTest, ManyStreamsOfAnUnknownCampaignAreRefused) {
  EXPECT_EQ(WatchWithMany(3, Always(End(R"({"error":{"code":"not_found"}})")), true),
            ExitCode::kRefused);
  EXPECT_EQ(boost::json::parse(out_.str()).at("errors").at("not_found"), 3);
}

}  // namespace
}  // namespace coupond::ctl
