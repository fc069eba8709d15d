// WatchCampaign over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/connect/envelope.h"
#include "support/at_some_pace.h"
#include "system/program/coupon_client.h"
#include "system/program/event_stream.h"
#include "system/program/http_client.h"
#include "system/program/server_process.h"
#include "system/program/watch_stream.h"

namespace coupond::test {
namespace {

using testing::HasSubstr;

constexpr UnixNanoseconds kSecond = 1'000'000'000;
/// The server repeats itself, with the state of that time, after three minutes at the earliest.
constexpr const char* kHeartbeat = "5m";
constexpr UnixNanoseconds kLessThanARepetition = 120 * kSecond;

/// A watch whose messages are read as they come.
class TimedWatch {
 public:
  struct Message {
    api::WatchCampaignResponse response;
    UnixNanoseconds came_at = 0;
  };

  /// Waits for the first message, which says how the campaign is.
  TimedWatch(std::uint16_t port, const std::string& campaign)
      : chunks_(port, WatchRequest(campaign)) {
    Read();
  }
  void ReadToEnd() {
    while (end_.empty()) Read();
  }
  [[nodiscard]] const std::vector<Message>& messages() const { return messages_; }
  /// Returns the JSON of the last envelope.
  [[nodiscard]] const std::string& end() const { return end_; }

 private:
  void Read() {
    const auto chunk = chunks_.ReadChunk();
    const UnixNanoseconds came_at = Now();
    if (!chunk || chunk->size() < connect::kEnvelopeHeadBytes) {
      throw std::runtime_error("the stream broke off");
    }
    const std::string content = chunk->substr(connect::kEnvelopeHeadBytes);
    if (chunk->front() == connect::kConnectEndFlag) {
      end_ = content;
      return;
    }
    Message& message = messages_.emplace_back();
    message.came_at = came_at;
    if (!message.response.ParseFromString(content)) throw std::runtime_error("not a message");
  }

  ChunkStream chunks_;
  std::vector<Message> messages_;
  std::string end_;
};

class WatchTest : public testing::Test {
 protected:
  /// Returns a connection that watches the campaign and has received a message.
  HttpClient Watch(const std::string& campaign, std::string_view headers = "") {
    HttpClient watcher(server_.port());
    EXPECT_TRUE(watcher.Send(WatchRequest(campaign, headers)) && watcher.WaitUntilReadable());
    return watcher;
  }
  [[nodiscard]] Watched ReadToEnd(HttpClient& watcher) {
    const auto reply = watcher.Receive();
    if (!reply) throw std::runtime_error("the stream broke off");
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->Header("content-type"), "application/connect+proto");
    return ReadWatched(*reply);
  }

  /// Reads the stream to its end, at which the campaign is over, and reports whether these states
  /// were told. The last two messages tell of the start and of the end.
  static bool Tells(TimedWatch& watch, const std::vector<api::CampaignState>& expected,
                    UnixNanoseconds start, UnixNanoseconds end) {
    watch.ReadToEnd();
    std::vector<api::CampaignState> states;
    for (const auto& message : watch.messages()) {
      states.push_back(message.response.campaign().state());
    }
    EXPECT_EQ(watch.messages().back().response.state(), api::WATCH_STATE_ENDED);
    EXPECT_EQ(watch.end(), "{}");
    ExpectAfter("end", end, watch.messages().back().came_at);
    if (states != expected) return false;
    ExpectAfter("start", start, watch.messages()[states.size() - 2].came_at);
    return true;
  }
  /// Reports how long after its moment a message came. Only what must hold on every machine is
  /// checked.
  static void ExpectAfter(const std::string& what, UnixNanoseconds moment,
                          UnixNanoseconds came_at) {
    const UnixNanoseconds skew = came_at - moment;
    RecordProperty(what + "_skew_us", std::to_string(skew / 1'000));
    std::printf("the message of the %s came %.3f ms after it\n", what.c_str(),
                static_cast<double>(skew) / 1e6);
    EXPECT_GE(skew, 0) << what;
    EXPECT_LT(skew, kLessThanARepetition) << what;
  }

  ServerProcess server_{{"--heartbeat", kHeartbeat}};
  CouponClient client_{server_.port()};
};

TEST_F(WatchTest, EndsAfterSoldOut) {
  const std::string campaign = client_.CreateStarted("watched", 3);
  HttpClient watcher = Watch(campaign);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client_.Issue(campaign).response.success());
  const Watched watched = ReadToEnd(watcher);
  ASSERT_GE(watched.messages.size(), 2U);
  EXPECT_EQ(watched.messages.front().campaign().issued_coupons(), 0);
  EXPECT_EQ(watched.messages.front().state(), api::WATCH_STATE_LIVE);
  EXPECT_EQ(watched.messages.back().campaign().issued_coupons(), 3);
  EXPECT_EQ(watched.messages.back().state(), api::WATCH_STATE_SOLD_OUT);
  EXPECT_EQ(watched.end, "{}");
  for (std::size_t i = 1; i < watched.messages.size(); ++i) {
    EXPECT_GT(watched.messages[i].sequence(), watched.messages[i - 1].sequence());
  }
  // The connection still works.
  const auto again = watcher.Ask(WatchRequest(campaign));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(ReadWatched(*again).messages.size(), 1U);
}

TEST_F(WatchTest, EndsAfterDeleted) {
  const std::string campaign = client_.CreateStarted("watched", 10);
  HttpClient watcher = Watch(campaign);
  EXPECT_TRUE(client_.Issue(campaign).response.success());
  EXPECT_TRUE(client_.Delete(campaign).response.success());
  const Watched watched = ReadToEnd(watcher);
  EXPECT_EQ(watched.messages.back().state(), api::WATCH_STATE_DELETED);
  EXPECT_EQ(watched.messages.back().campaign().issued_coupons(), 1);
  EXPECT_EQ(watched.end, "{}");
}

TEST_F(WatchTest, TheStartAndTheEndAreToldWhenTheyCome) {
  EXPECT_TRUE(AtSomePace([&](int pace) {
    const UnixNanoseconds time = pace * kSecond / 5;
    api::CreateCampaignRequest request;
    request.set_name("watched " + std::to_string(pace));
    request.set_total_coupons(3);
    const UnixNanoseconds start = Now() + time;
    *request.mutable_start_time() = TimestampOf(start);
    *request.mutable_end_time() = TimestampOf(start + time);
    const auto created = client_.Create(request);
    if (!created.ok() && created.message.starts_with("start_time:")) return false;
    EXPECT_TRUE(created.ok()) << created.raw_body;
    TimedWatch watch(server_.port(), created.response.campaign().id());
    return Tells(
        watch, {api::CAMPAIGN_STATE_SCHEDULED, api::CAMPAIGN_STATE_OPEN, api::CAMPAIGN_STATE_ENDED},
        start, start + time);
  }));
}

TEST_F(WatchTest, AStartAndAnEndThatWereMovedAreToldWhenTheyCome) {
  EXPECT_TRUE(AtSomePace([&](int pace) {
    const UnixNanoseconds time = pace * kSecond / 5;
    const auto created =
        client_.Create("watched " + std::to_string(pace), 3, Now() + 3'600 * kSecond);
    EXPECT_TRUE(created.ok()) << created.raw_body;
    TimedWatch watch(server_.port(), created.response.campaign().id());
    api::UpdateCampaignRequest request;
    request.mutable_campaign()->set_id(created.response.campaign().id());
    const UnixNanoseconds start = Now() + 2 * time;
    *request.mutable_campaign()->mutable_start_time() = TimestampOf(start);
    *request.mutable_campaign()->mutable_end_time() = TimestampOf(start + time);
    const auto updated = client_.Update(request);
    if (!updated.ok() && updated.message.starts_with("start_time:")) return false;
    EXPECT_TRUE(updated.ok()) << updated.raw_body;
    return Tells(watch,
                 {api::CAMPAIGN_STATE_SCHEDULED, api::CAMPAIGN_STATE_SCHEDULED,
                  api::CAMPAIGN_STATE_OPEN, api::CAMPAIGN_STATE_ENDED},
                 start, start + time);
  }));
}

TEST_F(WatchTest, AFollowerIsToldUntilTheDeletion) {
  const std::string campaign = client_.CreateStarted("watched", 1);
  EXPECT_TRUE(client_.Issue(campaign).response.success());
  api::WatchCampaignRequest request;
  request.set_campaign_id(campaign);
  request.set_follow(true);
  HttpClient watcher(server_.port());
  ASSERT_TRUE(watcher.Send(WatchRequest(request)) && watcher.WaitUntilReadable());
  EXPECT_TRUE(client_.Delete(campaign).response.success());
  const Watched watched = ReadToEnd(watcher);
  ASSERT_EQ(watched.messages.size(), 2U);
  EXPECT_EQ(watched.messages.front().state(), api::WATCH_STATE_SOLD_OUT);
  EXPECT_EQ(watched.messages.back().state(), api::WATCH_STATE_DELETED);
  EXPECT_EQ(watched.end, "{}");
}

TEST_F(WatchTest, AnUnknownCampaignIsNotFound) {
  HttpClient watcher(server_.port());
  const auto reply = watcher.Ask(WatchRequest("nothing"));
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 200);
  EXPECT_THAT(ReadWatched(*reply).end, HasSubstr(R"({"error":{"code":"not_found")"));
}

TEST_F(WatchTest, EndsAtTheClientsDeadline) {
  const std::string campaign = client_.CreateStarted("watched", 10);
  EXPECT_TRUE(AtSomePace([&](int pace) {
    HttpClient watcher =
        Watch(campaign, "Connect-Timeout-Ms: " + std::to_string(50 * pace) + "\r\n");
    const Watched watched = ReadToEnd(watcher);
    EXPECT_THAT(watched.end, HasSubstr(R"({"error":{"code":"deadline_exceeded")"));
    EXPECT_LE(watched.messages.size(), 1U);
    return watched.messages.size() == 1;
  })) << "nothing was told before the deadline";
}

TEST_F(WatchTest, AStoppingServerEndsTheStreamAtOnce) {
  const std::string campaign = client_.CreateStarted("watched", 10);
  std::vector<HttpClient> watchers;
  for (int i = 0; i < 20; ++i) watchers.push_back(Watch(campaign));
  server_.BeginStop();
  for (HttpClient& watcher : watchers) {
    EXPECT_THAT(ReadToEnd(watcher).end, HasSubstr(R"({"error":{"code":"unavailable")"));
  }
  EXPECT_EQ(server_.Stop(), 0);
}

TEST_F(WatchTest, ClientsThatLeaveAreNoticedWithoutAnyMessage) {
  const std::string campaign = client_.CreateStarted("watched", 10);
  const std::size_t before = server_.OpenSockets();
  {
    std::vector<HttpClient> watchers;
    for (int i = 0; i < 100; ++i) watchers.push_back(Watch(campaign));
    EXPECT_GE(server_.OpenSockets(), before + 100);
  }
  const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (server_.OpenSockets() > before && std::chrono::steady_clock::now() < patience) {
    // Each query gives the server's only worker a turn.
    EXPECT_TRUE(client_.ListCampaigns(1, "").ok());
  }
  EXPECT_EQ(server_.OpenSockets(), before);
}

}  // namespace
}  // namespace coupond::test
