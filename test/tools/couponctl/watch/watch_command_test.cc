#include "couponctl/watch/watch_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <sstream>
#include <string>
#include <vector>

#include "base/display_text.h"
#include "base/duration_text.h"
#include "coupon/v1/coupon_service.pb.h"
#include "rpc/connect/envelope.h"
#include "support/at_some_pace.h"
#include "support/fake_server.h"
#include "support/scripted_server.h"

namespace coupond::ctl {
namespace {

using coupon::v1::CampaignState;
using coupon::v1::WatchCampaignResponse;
using coupon::v1::WatchState;
using rpc_client::ConnectClient;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeAnswer;
using test::FakeServer;
using test::Script;
using test::ScriptedServer;
using testing::HasSubstr;
using testing::Not;

// Returns a message of a campaign of ten coupons in its envelope.
std::string Message(int issued, WatchState state,
                    CampaignState campaign_state = coupon::v1::CAMPAIGN_STATE_UNSPECIFIED) {
  coupon::v1::WatchCampaignResponse message;
  message.mutable_campaign()->set_name("여름");
  message.mutable_campaign()->set_total_coupons(10);
  message.mutable_campaign()->set_issued_coupons(issued);
  message.mutable_campaign()->mutable_start_time()->set_seconds(1);
  message.mutable_campaign()->set_state(campaign_state);
  message.set_state(state);
  message.set_sequence(static_cast<std::uint64_t>(issued) + 1);
  std::string envelope;
  connect::AppendEnvelope(0, message.SerializeAsString(), envelope);
  return envelope;
}

std::string End(std::string_view json = "{}") {
  std::string envelope;
  connect::AppendEnvelope(connect::kConnectEndFlag, json, envelope);
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
    WatchPlan plan = Plan(server);
    plan.follow = follow_;
    return WatchCampaign({.client = client, .json = json, .out = out_, .err = err_}, plan,
                         terminal_columns);
  }
  // Watches a server that answers one connection after the other with these streams, and then
  // closes it.
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
                         .endpoints = rpc_client::FindServer(server.address()).value(),
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
            .endpoints = rpc_client::FindServer(server.address()).value(),
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

  bool follow_ = false;
  std::chrono::nanoseconds silence_timeout_ = std::chrono::seconds(60);
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(WatchCommandTest, PrintsALinePerMessageAndSoldOut) {
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

TEST_F(WatchCommandTest, OnATerminalOneLineIsRedrawn) {
  EXPECT_EQ(Watch(SoldOut(), false, 80), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("\r여름 [############"));
  EXPECT_THAT(out_.str(), HasSubstr("3 of 10   30 %  0/s\x1b[K\r여름"));
  EXPECT_THAT(out_.str(), HasSubstr("\x1b[K\nsold out: all 10 coupons of 여름 are issued\n"));
}

TEST_F(WatchCommandTest, ADeletedCampaignEndsTheWatch) {
  EXPECT_EQ(Watch(Message(3, coupon::v1::WATCH_STATE_DELETED) + End()), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("deleted: 여름 had issued 3 of 10 coupons\n"));
}

TEST_F(WatchCommandTest, ACampaignThatIsOverEndsTheWatch) {
  EXPECT_EQ(
      Watch(Message(3, coupon::v1::WATCH_STATE_ENDED, coupon::v1::CAMPAIGN_STATE_ENDED) + End()),
      ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("3 of 10 issued, 30 %, ended\n"));
  EXPECT_EQ(Lines().back(), "ended: 여름 has issued 3 of 10 coupons");
  EXPECT_EQ(
      Watch(Message(3, coupon::v1::WATCH_STATE_ENDED, coupon::v1::CAMPAIGN_STATE_ARCHIVED) + End()),
      ExitCode::kDone);
  EXPECT_EQ(Lines().back(), "archived: 여름 has issued 3 of 10 coupons");
}

TEST_F(WatchCommandTest, FollowingPrintsEachStateUntilTheDeletion) {
  follow_ = true;
  const std::string live =
      Message(3, coupon::v1::WATCH_STATE_LIVE, coupon::v1::CAMPAIGN_STATE_OPEN);
  EXPECT_EQ(
      Watch(live + live +
            Message(3, coupon::v1::WATCH_STATE_LIVE, coupon::v1::CAMPAIGN_STATE_PAUSED) +
            Message(10, coupon::v1::WATCH_STATE_SOLD_OUT, coupon::v1::CAMPAIGN_STATE_SOLD_OUT) +
            Message(10, coupon::v1::WATCH_STATE_ENDED, coupon::v1::CAMPAIGN_STATE_ENDED) +
            Message(10, coupon::v1::WATCH_STATE_DELETED, coupon::v1::CAMPAIGN_STATE_ENDED) + End()),
      ExitCode::kDone)
      << err_.str();
  ASSERT_EQ(Lines().size(), 6U) << out_.str();
  EXPECT_THAT(Lines()[0], HasSubstr("3 of 10 issued, 30 %, 0/s"));
  EXPECT_THAT(Lines()[1], HasSubstr("3 of 10 issued, 30 %, paused"));
  EXPECT_THAT(Lines()[2], HasSubstr("10 of 10 issued, 100 %, sold out"));
  EXPECT_THAT(Lines()[3], HasSubstr("10 of 10 issued, 100 %, ended"));
  EXPECT_EQ(Lines()[5], "deleted: 여름 had issued 10 of 10 coupons");
}

TEST_F(WatchCommandTest, AnEndWithoutADeletionIsAFailure) {
  follow_ = true;
  EXPECT_EQ(Watch(SoldOut()), ExitCode::kFailed);
  EXPECT_EQ(Watch(Message(3, coupon::v1::WATCH_STATE_ENDED) + End()), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("the stream ended, but the campaign did not"));
}

TEST_F(WatchCommandTest, AnErrorAtTheEndFailsTheCommand) {
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

TEST_F(WatchCommandTest, ATruncatedStreamIsAFailure) {
  const std::string whole = SoldOut();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ASSERT_EQ(Watch(whole.substr(0, length)), ExitCode::kFailed) << length;
  }
  EXPECT_THAT(err_.str(), HasSubstr("to WatchCampaign: the stream was cut off"));
  EXPECT_THAT(err_.str(),
              HasSubstr("broke off its answer to WatchCampaign: the stream was cut off"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("sold out")));
}

TEST_F(WatchCommandTest, ASuccessfulEndOfALiveCampaignIsAFailure) {
  EXPECT_EQ(Watch(Message(3, coupon::v1::WATCH_STATE_LIVE) + End()), ExitCode::kFailed);
  EXPECT_EQ(Watch(End()), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("the stream ended, but the campaign did not"));
}

TEST_F(WatchCommandTest, AMalformedOrTooLargeMessageIsAFailure) {
  std::string large;
  connect::AppendEnvelope(0, std::string(100'000, 'x'), large);
  EXPECT_EQ(Watch(large), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("a message is too large"));
  std::string other;
  connect::AppendEnvelope(0, "\xff\xff\xff", other);
  EXPECT_EQ(Watch(other), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("a message cannot be read"));
}

TEST_F(WatchCommandTest, ReconnectsAndReportsIt) {
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
  // An unchanged state is not printed again.
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

TEST_F(WatchCommandTest, APermanentErrorIsNotRetried) {
  for (const char* code : {"not_found", "invalid_argument", "unimplemented", "internal"}) {
    const std::string end = End(std::string(R"({"error":{"code":")") + code + R"("}})");
    EXPECT_NE(WatchAndReconnect({end}), ExitCode::kDone) << code;
  }
  EXPECT_EQ(WatchAndReconnect({""}), ExitCode::kFailed);
  EXPECT_EQ(WatchScripts({{.pieces = {"HTTP/1.1 502 Bad Gateway\r\n\r\n"}}}), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), Not(HasSubstr("connect")));
  // It is not retried after a first message either.
  EXPECT_EQ(WatchAndReconnect({Message(3, coupon::v1::WATCH_STATE_LIVE) +
                               End(R"({"error":{"code":"permission_denied"}})")}),
            ExitCode::kRefused);
  EXPECT_THAT(err_.str(), Not(HasSubstr("connect")));
}

TEST_F(WatchCommandTest, AServerThatIsStartingIsRetried) {
  const std::string starting = End(R"({"error":{"code":"unavailable","message":"starting"}})");
  EXPECT_EQ(WatchAndReconnect({starting, SoldOut()}), ExitCode::kDone);
  EXPECT_THAT(err_.str(), HasSubstr("not connected yet (unavailable: starting); trying again in "));
}

TEST_F(WatchCommandTest, SilenceIsALostConnection) {
  const std::string live = Message(3, coupon::v1::WATCH_STATE_LIVE);
  EXPECT_TRUE(test::AtSomePace([&](int pace) {
    out_.str("");
    err_.str("");
    silence_timeout_ = std::chrono::milliseconds(300 * pace);
    const ExitCode exit_code =
        WatchScripts({{.pieces = {kStreamHeader + live, live, live, live, live},
                       .pause = std::chrono::milliseconds(100 * pace),
                       .end = Script::End::kStayOpen},
                      {.pieces = {kStreamHeader + SoldOut()}}});
    EXPECT_EQ(exit_code, ExitCode::kDone) << err_.str();
    const std::string lost = "WatchCampaign: nothing came for " + FormatDuration(silence_timeout_) +
                             "; does a proxy in between hold it back?); reconnecting in ";
    return Lines().size() == 3 && err_.str().find(lost) != std::string::npos;
  })) << out_.str()
      << err_.str();
}

TEST_F(WatchCommandTest, JsonShowsRepetitionsToo) {
  const std::string live = Message(3, coupon::v1::WATCH_STATE_LIVE);
  EXPECT_EQ(Watch(live + live + SoldOut(), true), ExitCode::kDone);
  EXPECT_EQ(Lines().size(), 4U);
}

TEST_F(WatchCommandTest, TimeUpWithoutConnectionIsAFailure) {
  EXPECT_TRUE(test::AtSomePace([this](int pace) {
    const std::chrono::milliseconds duration(100 * pace);
    const ExitCode exit_code =
        WatchAndReconnect({Message(3, coupon::v1::WATCH_STATE_LIVE)}, duration);
    return exit_code == ExitCode::kFailed &&
           err_.str().find("the time is up, and the connection is lost") != std::string::npos;
  })) << err_.str();
}

constexpr Timestamp kNow = Timestamp::FromUnixNanoseconds(2'000'000'000);

WatchCampaignResponse Campaign(const std::string& name, int issued, int total) {
  WatchCampaignResponse message;
  message.mutable_campaign()->set_name(name);
  message.mutable_campaign()->set_issued_coupons(issued);
  message.mutable_campaign()->set_total_coupons(total);
  message.mutable_campaign()->mutable_start_time()->set_seconds(1);
  message.set_state(coupon::v1::WATCH_STATE_LIVE);
  return message;
}

TEST(WatchText, TheBarShowsProgressAndRate) {
  EXPECT_EQ(WatchBar(Campaign("여름", 250, 1000), 99.6, kNow, 50),
            "여름 [####............] 250 of 1000   25 %  100/s");
  EXPECT_EQ(WatchBar(Campaign("x", 0, 10), 0, Timestamp::FromUnixNanoseconds(0), 70),
            "x [.....................] 0 of 10    0 %  starts 1970-01-01T00:00:01Z");
}

TEST(WatchText, TheBarFitsTheTerminalWhateverTheName) {
  for (const std::string& name :
       {std::string("x"), std::string(200, 'n'), std::string("여름여름여름여름여름여름여름여름")}) {
    for (std::size_t columns = 1; columns < 150; ++columns) {
      const std::string bar = WatchBar(Campaign(name, 50'000'000, 100'000'000), 1e6, kNow, columns);
      ASSERT_LT(DisplayWidth(bar), std::max<std::size_t>(columns, 2)) << columns << ": " << bar;
    }
  }
}

TEST(WatchText, ToleratesAnythingThatAServerSends) {
  EXPECT_EQ(WatchBar(Campaign("a\x1b[2J", -5, 0), 0, kNow, 25), "a?[2J 0 of 1    0 %  0/s");
}

TEST(WatchText, ALineHasTimeAndCounts) {
  EXPECT_EQ(WatchLine(Campaign("sale", 1, 3), 12, kNow),
            "1970-01-01T00:00:02Z  sale: 1 of 3 issued, 33 %, 12/s");
}

TEST(WatchText, TheLastLineSaysWhatBecameOfTheCampaign) {
  WatchCampaignResponse message = Campaign("sale", 3, 3);
  message.set_state(coupon::v1::WATCH_STATE_SOLD_OUT);
  EXPECT_EQ(WatchLastLine(message), "sold out: all 3 coupons of sale are issued");
  message = Campaign("sale", 2, 3);
  message.set_state(coupon::v1::WATCH_STATE_DELETED);
  EXPECT_EQ(WatchLastLine(message), "deleted: sale had issued 2 of 3 coupons");
  message.set_state(coupon::v1::WATCH_STATE_LIVE);
  EXPECT_EQ(WatchLastLine(message), "no longer watched: sale has issued 2 of 3 coupons");
}

TEST(IssueRate, CoversTheLastSecond) {
  const IssueRate::Time start{};
  IssueRate rate;
  EXPECT_EQ(rate.PerSecond(start), 0);
  // The first count says nothing about the time before it.
  rate.Add(start, 1'000'000);
  EXPECT_EQ(rate.PerSecond(start), 0);
  rate.Add(start + milliseconds(500), 1'000'100);
  EXPECT_DOUBLE_EQ(rate.PerSecond(start + milliseconds(500)), 200);
  // The rate falls while nothing arrives, and in the end it is 0.
  EXPECT_DOUBLE_EQ(rate.PerSecond(start + milliseconds(1000)), 100);
  EXPECT_EQ(rate.PerSecond(start + seconds(60)), 0);
  rate.Add(start + seconds(61), 1'000'110);
  rate.Add(start + seconds(62), 1'000'130);
  EXPECT_DOUBLE_EQ(rate.PerSecond(start + seconds(62)), 20);
}

}  // namespace
}  // namespace coupond::ctl
