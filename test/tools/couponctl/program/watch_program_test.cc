#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <sstream>
#include <string>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

// The built couponctl watches the real server.
namespace coupond::test {
namespace {

using testing::HasSubstr;

/// Long, because the machine may be busy.
constexpr std::chrono::seconds kPatience{60};

class WatchProgramTest : public testing::Test {
 protected:
  [[nodiscard]] Process Watch(const std::string& id, const std::vector<std::string>& more = {}) {
    std::vector<std::string> command{COUPONCTL_PATH, "--server",
                                     "http://127.0.0.1:" + std::to_string(server_.port()), "watch",
                                     id};
    command.insert(command.end(), more.begin(), more.end());
    return Process(command);
  }
  void IssueAll(const std::string& id, int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(client_.Issue(id).response.success());
  }

  void SetEnd(const std::string& id, UnixNanoseconds end) {
    api::UpdateCampaignRequest request;
    request.mutable_campaign()->set_id(id);
    *request.mutable_campaign()->mutable_end_time() = TimestampOf(end);
    const auto answer = client_.Update(request);
    ASSERT_TRUE(answer.ok()) << answer.raw_body;
  }

  ServerProcess server_;
  CouponClient client_{server_.port()};
};

TEST_F(WatchProgramTest, ExitsWith0WhenSoldOut) {
  const std::string id = client_.CreateStarted("여름", 20);
  Process watch = Watch(id);
  ASSERT_TRUE(watch.WaitForLine("여름: ", kPatience)) << watch.output();
  IssueAll(id, 20);
  EXPECT_EQ(watch.WaitForExit(kPatience), 0);
  EXPECT_THAT(watch.output(), HasSubstr("여름: 20 of 20 issued, 100 %"));
  EXPECT_THAT(watch.output(), HasSubstr("\nsold out: all 20 coupons of 여름 are issued\n"));
}

TEST_F(WatchProgramTest, ExitsWith0AtTheEnd) {
  const std::string id = client_.CreateStarted("summer", 20);
  Process watch = Watch(id);
  ASSERT_TRUE(watch.WaitForLine("summer: 0 of 20 issued, 0 %, 0/s", kPatience)) << watch.output();
  SetEnd(id, Now() + 1'000'000'000);
  EXPECT_EQ(watch.WaitForExit(kPatience), 0);
  EXPECT_THAT(watch.output(), HasSubstr("summer: 0 of 20 issued, 0 %, ended\nended: summer has "
                                        "issued 0 of 20 coupons\n"));
}

TEST_F(WatchProgramTest, FollowsAcrossTheEndUntilTheDeletion) {
  const std::string id = client_.CreateStarted("summer", 2);
  Process watch = Watch(id, {"--follow"});
  ASSERT_TRUE(watch.WaitForLine("summer: 0 of 2 issued", kPatience)) << watch.output();
  IssueAll(id, 2);
  ASSERT_TRUE(watch.WaitForLine("2 of 2 issued, 100 %, sold out", kPatience)) << watch.output();
  SetEnd(id, Now() + 300'000'000);
  ASSERT_TRUE(watch.WaitForLine("2 of 2 issued, 100 %, ended", kPatience)) << watch.output();
  ASSERT_TRUE(client_.Archive(id).ok());
  ASSERT_TRUE(watch.WaitForLine("2 of 2 issued, 100 %, archived", kPatience)) << watch.output();
  ASSERT_TRUE(client_.Delete(id).response.success());
  EXPECT_EQ(watch.WaitForExit(kPatience), 0);
  EXPECT_THAT(watch.output(), HasSubstr("\ndeleted: summer had issued 2 of 2 coupons\n"));
}

TEST_F(WatchProgramTest, JsonIsOneMessageALine) {
  const std::string id = client_.CreateStarted("winter", 20);
  Process watch = Watch(id, {"--json"});
  ASSERT_TRUE(watch.WaitForLine("WATCH_STATE_LIVE", kPatience)) << watch.output();
  IssueAll(id, 5);
  ASSERT_TRUE(client_.Delete(id).response.success());
  EXPECT_EQ(watch.WaitForExit(kPatience), 0);
  std::istringstream lines(watch.output());
  std::string state;
  std::int64_t issued = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto json = boost::json::parse(line);
    EXPECT_EQ(json.at("campaign").at("id").as_string(), id);
    EXPECT_GE(json.at("campaign").at("issuedCoupons").as_int64(), issued);
    issued = json.at("campaign").at("issuedCoupons").as_int64();
    state = json.at("state").as_string();
  }
  EXPECT_EQ(state, "WATCH_STATE_DELETED");
  EXPECT_EQ(issued, 5);
}

TEST_F(WatchProgramTest, AnUnknownCampaignExitsWith1) {
  Process watch = Watch("no-such-id");
  EXPECT_EQ(watch.WaitForExit(kPatience), 1);
  EXPECT_THAT(watch.output(), HasSubstr("not_found"));
}

TEST_F(WatchProgramTest, ASignalEndsItWith130) {
  const std::string id = client_.CreateStarted("spring", 20);
  for (const int signal : {SIGINT, SIGTERM}) {
    Process watch = Watch(id);
    ASSERT_TRUE(watch.WaitForLine("spring: ", kPatience)) << watch.output();
    watch.Signal(signal);
    EXPECT_EQ(watch.WaitForExit(kPatience), 130) << signal;
    EXPECT_THAT(watch.output(), HasSubstr("no longer watched: spring"));
  }
}

TEST_F(WatchProgramTest, ExitsWith0WhenTheTimeIsUp) {
  Process watch = Watch(client_.CreateStarted("spring", 20), {"--duration", "1ms"});
  EXPECT_EQ(watch.WaitForExit(kPatience), 0);
}

TEST_F(WatchProgramTest, ContinuesAcrossRestartsOfTheServer) {
  const std::string id = client_.CreateStarted("spring", 20);
  Process watch = Watch(id);
  ASSERT_TRUE(watch.WaitForLine("spring: 0 of 20", kPatience)) << watch.output();
  const std::uint16_t port = server_.port();
  EXPECT_EQ(server_.Stop(kPatience), 0);
  ASSERT_TRUE(watch.WaitForLine("connection lost (unavailable", kPatience)) << watch.output();
  server_.Start(port);
  ASSERT_TRUE(watch.WaitForLine("reconnected after", kPatience)) << watch.output();
  server_.Kill();
  ASSERT_TRUE(watch.WaitForLine("still not connected (cannot reach", kPatience)) << watch.output();
  server_.Start(port);
  client_ = CouponClient(port);
  IssueAll(id, 20);
  EXPECT_EQ(watch.WaitForExit(kPatience), 0);
  EXPECT_THAT(watch.output(), HasSubstr("\nsold out: all 20 coupons of spring are issued\n"));
}

TEST_F(WatchProgramTest, SigintEndsItWhileTheServerIsDown) {
  Process watch = Watch(client_.CreateStarted("spring", 20));
  ASSERT_TRUE(watch.WaitForLine("spring: ", kPatience)) << watch.output();
  server_.Kill();
  ASSERT_TRUE(watch.WaitForLine("reconnecting in", kPatience)) << watch.output();
  watch.Signal(SIGINT);
  EXPECT_EQ(watch.WaitForExit(kPatience), 130);
}

TEST_F(WatchProgramTest, WithoutReconnectAStoppedServerExitsWith3) {
  const std::string id = client_.CreateStarted("spring", 20);
  Process watch = Watch(id, {"--no-reconnect"});
  Process many = Watch(id, {"--streams", "3"});
  ASSERT_TRUE(watch.WaitForLine("spring: ", kPatience)) << watch.output();
  ASSERT_TRUE(many.WaitForLine("all 3 streams are open", kPatience)) << many.output();
  EXPECT_EQ(server_.Stop(kPatience), 0);
  EXPECT_EQ(watch.WaitForExit(kPatience), 3);
  EXPECT_THAT(watch.output(), HasSubstr("unavailable"));
  EXPECT_EQ(many.WaitForExit(kPatience), 3);
  EXPECT_THAT(many.output(), HasSubstr("3 of 3 streams failed"));
}

TEST_F(WatchProgramTest, ManyStreamsAllSeeTheEnd) {
  const std::string id = client_.CreateStarted("autumn", 30);
  Process watch = Watch(id, {"--streams", "50", "--json"});
  ASSERT_TRUE(watch.WaitForLine("all 50 streams are open", kPatience)) << watch.output();
  IssueAll(id, 30);
  EXPECT_EQ(watch.WaitForExit(kPatience), 0);
  const std::string output = watch.output();
  const auto json = boost::json::parse(output.substr(output.find('{')));
  EXPECT_EQ(json.at("opened"), 50);
  EXPECT_EQ(json.at("soldOut"), 50);
  EXPECT_EQ(json.at("failed"), 0);
  EXPECT_EQ(json.at("issuedCoupons"), 30);
  EXPECT_GE(json.at("messages").as_int64(), 100);
}

TEST_F(WatchProgramTest, ManyStreamsReportWhenInterrupted) {
  const std::string id = client_.CreateStarted("monsoon", 30);
  Process watch = Watch(id, {"--streams", "50"});
  ASSERT_TRUE(watch.WaitForLine("all 50 streams are open", kPatience)) << watch.output();
  watch.Signal(SIGINT);
  EXPECT_EQ(watch.WaitForExit(kPatience), 0);
  EXPECT_THAT(watch.output(), HasSubstr("(interrupted)"));
  EXPECT_THAT(watch.output(), testing::ContainsRegex("still live +50\n"));
}

}  // namespace
}  // namespace coupond::test
