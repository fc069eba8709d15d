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
#include "system/program/coupon_client.h"
#include "system/program/event_stream.h"
#include "system/program/http_client.h"
#include "system/program/server_process.h"
#include "system/program/watch_stream.h"

namespace coupond::test {
namespace {

using testing::HasSubstr;

constexpr UnixNanoseconds kSecond = 1'000'000'000;
/// A message that comes within this time was sent for the moment that it tells of: the server
/// repeats itself, with the state of that time, after 12 s at the earliest.
constexpr UnixNanoseconds kSoon = 2 * kSecond;

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

  /// Reads the stream to its end, at which the campaign is over. Its last two messages tell of the
  /// start and of the end.
  static void ExpectTold(TimedWatch& watch, const std::vector<api::CampaignState>& expected,
                         UnixNanoseconds start, UnixNanoseconds end) {
    watch.ReadToEnd();
    std::vector<api::CampaignState> states;
    for (const auto& message : watch.messages()) {
      states.push_back(message.response.campaign().state());
    }
    ASSERT_EQ(states, expected);
    EXPECT_EQ(watch.messages().back().response.state(), api::WATCH_STATE_ENDED);
    EXPECT_EQ(watch.end(), "{}");
    ExpectSoonAfter("start", start, watch.messages()[states.size() - 2].came_at);
    ExpectSoonAfter("end", end, watch.messages().back().came_at);
  }
  /// Reports how long after its moment a message came. Only what must hold on every machine is
  /// checked.
  static void ExpectSoonAfter(const std::string& what, UnixNanoseconds moment,
                              UnixNanoseconds came_at) {
    const UnixNanoseconds skew = came_at - moment;
    RecordProperty(what + "_skew_us", std::to_string(skew / 1'000));
    std::printf("the message of the %s came %.3f ms after it\n", what.c_str(),
                static_cast<double>(skew) / 1e6);
    EXPECT_GE(skew, 0) << what;
    EXPECT_LT(skew, kSoon) << what;
  }

  ServerProcess server_;
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
  api::CreateCampaignRequest request;
  request.set_name("watched");
  request.set_total_coupons(3);
  const UnixNanoseconds start = Now() + kSecond;
  *request.mutable_start_time() = TimestampOf(start);
  *request.mutable_end_time() = TimestampOf(start + kSecond);
  const auto created = client_.Create(request);
  ASSERT_TRUE(created.ok()) << created.raw_body;
  TimedWatch watch(server_.port(), created.response.campaign().id());
  ExpectTold(watch,
             {api::CAMPAIGN_STATE_SCHEDULED, api::CAMPAIGN_STATE_OPEN, api::CAMPAIGN_STATE_ENDED},
             start, start + kSecond);
}

TEST_F(WatchTest, AStartAndAnEndThatWereMovedAreToldWhenTheyCome) {
  const auto created = client_.Create("watched", 3, Now() + 3'600 * kSecond);
  ASSERT_TRUE(created.ok()) << created.raw_body;
  TimedWatch watch(server_.port(), created.response.campaign().id());
  api::UpdateCampaignRequest request;
  request.mutable_campaign()->set_id(created.response.campaign().id());
  const UnixNanoseconds start = Now() + kSecond;
  *request.mutable_campaign()->mutable_start_time() = TimestampOf(start);
  *request.mutable_campaign()->mutable_end_time() = TimestampOf(start + kSecond / 2);
  const auto updated = client_.Update(request);
  ASSERT_TRUE(updated.ok()) << updated.raw_body;
  ExpectTold(watch,
             {api::CAMPAIGN_STATE_SCHEDULED, api::CAMPAIGN_STATE_SCHEDULED,
              api::CAMPAIGN_STATE_OPEN, api::CAMPAIGN_STATE_ENDED},
             start, start + kSecond / 2);
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
  HttpClient watcher = Watch(campaign, "Connect-Timeout-Ms: 50\r\n");
  const Watched watched = ReadToEnd(watcher);
  EXPECT_EQ(watched.messages.size(), 1U);
  EXPECT_THAT(watched.end, HasSubstr(R"({"error":{"code":"deadline_exceeded")"));
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
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (server_.OpenSockets() > before && std::chrono::steady_clock::now() < patience) {
    // Each query gives the server's only worker a turn.
    EXPECT_TRUE(client_.ListCampaigns(1, "").ok());
  }
  EXPECT_EQ(server_.OpenSockets(), before);
}

}  // namespace
}  // namespace coupond::test
