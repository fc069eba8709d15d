// Events from the real server: all of them in order and once, across deaths and under load, and
// what their readers cost.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/peak_memory.h"
#include "system/program/coupon_client.h"
#include "system/program/event_stream.h"
#include "system/program/http_client.h"
#include "system/program/killed_server.h"
#include "system/program/many_issues.h"
#include "system/program/server_process.h"

namespace coupond::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::size_t kMegabyte = 1'024 * 1'024;

using Events = std::vector<api::Event>;

api::ReadEventsRequest From(std::uint64_t sequence, bool follow = false) {
  api::ReadEventsRequest request;
  request.set_from_sequence(sequence);
  request.set_follow(follow);
  return request;
}

std::vector<std::string> Outline(const Events& events) {
  std::vector<std::string> outline;
  for (const auto& event : events) {
    outline.push_back(std::to_string(event.sequence()) + " " + event.type());
  }
  return outline;
}

bool Same(const Events& a, const Events& b) {
  return std::ranges::equal(a, b, [](const auto& left, const auto& right) {
    return google::protobuf::util::MessageDifferencer::Equals(left, right);
  });
}

/// Has one event of each type happen, beside others. Returns the id of the first campaign, which is
/// deleted.
std::string LiveThroughEverything(CouponClient& client) {
  const std::string id = client.CreateStarted("everything", 3);  // 2
  const auto first = client.IssueForUser(id, "kim");             // 3
  const std::string code = first.response.coupon().code();
  const auto redeemed = client.Redeem(code);                            // 4
  EXPECT_TRUE(client.Cancel(code, redeemed.response.sequence()).ok());  // 5
  EXPECT_TRUE(client.Void(code, /*return_to_pool=*/false).ok());        // 6
  EXPECT_TRUE(client.Void(code, /*return_to_pool=*/true).ok());         // 7
  EXPECT_TRUE(client.Pause(id, api::PAUSE_SCOPE_ISSUING).ok());         // 8
  EXPECT_TRUE(client.Resume(id, api::PAUSE_SCOPE_BOTH).ok());           // 9
  api::BatchIssueCouponsRequest batch;
  batch.set_campaign_id(id);
  batch.set_count(2);
  EXPECT_TRUE(client.BatchIssue(batch).ok());  // 10 is not shown; 11, 12
  api::UpdateCampaignRequest update;
  update.mutable_campaign()->set_id(id);
  update.mutable_campaign()->set_total_coupons(2);
  EXPECT_TRUE(client.Update(update).ok());                       // 13, sold out
  EXPECT_TRUE(client.Archive(id).ok());                          // 14
  EXPECT_TRUE(client.Unarchive(id).ok());                        // 15
  EXPECT_TRUE(client.Delete(id).ok());                           // 16
  const std::string other = client.CreateStarted("another", 1);  // 17
  EXPECT_TRUE(client.Issue(other).response.success());           // 18, sold out
  return id;
}

const std::vector<std::string> kEverything = {
    "2 campaign.created",   "3 coupon.issued",
    "4 coupon.redeemed",    "5 coupon.redemption_canceled",
    "6 coupon.voided",      "7 coupon.returned",
    "8 campaign.paused",    "9 campaign.resumed",
    "11 coupon.issued",     "12 coupon.issued",
    "13 campaign.updated",  "13 campaign.sold_out",
    "14 campaign.archived", "15 campaign.unarchived",
    "16 campaign.deleted",  "17 campaign.created",
    "18 coupon.issued",     "18 campaign.sold_out"};

class EventsProgramTest : public testing::Test {
 protected:
  [[nodiscard]] HttpReply Get(std::string_view query, std::string_view headers = "") const {
    const auto reply = HttpClient(server_.port()).Ask(GetEventsRequest(query, headers));
    EXPECT_TRUE(reply.has_value()) << "the answer broke off";
    return reply.value_or(HttpReply{});
  }
  [[nodiscard]] Events ReadAll(const api::ReadEventsRequest& request) const {
    return ReadAllEvents(server_.port(), request);
  }

  ServerProcess server_{{"--threads", "2", "--heartbeat", "200ms"}};
  CouponClient client_{server_.port(), Form::kConnectProto};
};

TEST_F(EventsProgramTest, EachTypeIsShownInOrderAndOnce) {
  const std::string id = LiveThroughEverything(client_);
  const Events all = ReadAll(From(1));
  EXPECT_EQ(Outline(all), kEverything);
  EXPECT_EQ(all[1].user_id(), "kim");
  for (std::size_t i = 0; i < 15; ++i) EXPECT_EQ(all[i].campaign_id(), id) << "it was deleted";

  Events of_lines;
  const HttpReply lines = Get("from=1");
  EXPECT_EQ(lines.Header("content-type"), "application/x-ndjson");
  std::string_view rest = lines.body;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    ASSERT_TRUE(
        google::protobuf::util::JsonStringToMessage(std::string(line), &of_lines.emplace_back())
            .ok());
  }
  EXPECT_TRUE(Same(of_lines, all));

  api::ReadEventsRequest filtered = From(1);
  filtered.set_campaign_id(id);
  filtered.add_types("campaign.sold_out");
  filtered.add_types("campaign.deleted");
  EXPECT_THAT(Outline(ReadAll(filtered)),
              ElementsAre("13 campaign.sold_out", "16 campaign.deleted"));
}

TEST_F(EventsProgramTest, EverySequenceHasTheSameRestAfterADeath) {
  LiveThroughEverything(client_);
  const Events all = ReadAll(From(1));
  for (int death = 0; death < 2; ++death) {
    server_.Kill();
    if (death == 1) std::filesystem::remove_all(server_.data_directory() / "views");
    server_.Start();
    for (std::uint64_t from = 1; from <= all.back().sequence() + 1; ++from) {
      const auto first =
          std::ranges::find_if(all, [from](const auto& event) { return event.sequence() >= from; });
      EXPECT_TRUE(Same(ReadAll(From(from)), Events(first, all.end()))) << from;
    }
  }
}

TEST_F(EventsProgramTest, WhatCannotBeAnsweredIsRefused) {
  const auto status = [this](std::string_view query) { return Get(query).status; };
  EXPECT_EQ(status("from=2"), 200) << "the end of the log";
  EXPECT_THAT(Get("from=3").body, HasSubstr("out_of_range"));
  EXPECT_EQ(status("from=3"), 400);
  EXPECT_EQ(status("types=coupon.lost"), 400);
  EXPECT_EQ(status("campaign_id=x"), 404);
  EXPECT_EQ(status("campaign_id=123e4567-e89b-42d3-a456-426614174000"), 404);
  EXPECT_EQ(HttpClient(server_.port()).Ask(PostRequest("/events", "text/plain", ""))->status, 405);
}

TEST_F(EventsProgramTest, SilenceIsBroken) {
  EventStream stream(server_.port(), From(2, /*follow=*/true));
  const auto begun = steady_clock::now();
  for (int i = 0; i < 4; ++i) {
    const auto message = stream.Read();
    ASSERT_TRUE(message);
    EXPECT_THAT(message->events(), IsEmpty());
    EXPECT_EQ(message->next_sequence(), 2U);
  }
  // The first comes at once, the others at 120 to 160 ms after the one before.
  EXPECT_GT(steady_clock::now() - begun, milliseconds(300));
  ChunkStream sent(server_.port(), GetEventsRequest("from=2", "Accept: text/event-stream\r\n"));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(sent.ReadChunk().value_or(""), ":\nid: 1\n\n");
}

TEST_F(EventsProgramTest, ServerSentEventsGoOnAfterADeath) {
  const std::string id = client_.CreateStarted("one", 2);
  EXPECT_TRUE(client_.Issue(id).ok());
  const std::string accept = "Accept: text/event-stream\r\n";
  ChunkStream first(server_.port(), GetEventsRequest("", accept));
  EXPECT_EQ(first.status(), 200);
  EXPECT_THAT(first.head(), HasSubstr("text/event-stream"));
  EXPECT_THAT(first.ReadChunk().value_or(""), StartsWith("id: 2\nevent: campaign.created\n"));
  server_.Kill();
  server_.Start();
  CouponClient client(server_.port());
  EXPECT_TRUE(client.Issue(id).ok());
  ChunkStream second(server_.port(), GetEventsRequest("", accept + "Last-Event-ID: 3\r\n"));
  EXPECT_THAT(second.ReadChunk().value_or(""),
              testing::MatchesRegex("event: coupon.issued\ndata: [^\n]*\n\n"
                                    "id: 4\nevent: campaign.sold_out\ndata: [^\n]*\n\n"));
}

TEST_F(EventsProgramTest, StreamsEndProperlyWhenTheServerStops) {
  EventStream stream(server_.port(), From(2, /*follow=*/true));
  ASSERT_TRUE(stream.Read());
  ChunkStream lines(server_.port(), GetEventsRequest("from=2&follow=1"));
  ASSERT_TRUE(lines.ReadChunk());
  server_.BeginStop();
  while (stream.Read()) {
  }
  EXPECT_THAT(stream.end(), HasSubstr("SHUTTING_DOWN"));
  while (lines.ReadChunk()) {
  }
  EXPECT_TRUE(lines.complete());
  EXPECT_EQ(server_.Stop(std::chrono::minutes(1)), 0) << server_.output();
}

/// Clients who issue, and what they got.
class Issuers {
 public:
  Issuers(std::uint16_t port, const std::string& campaign, int issues_each) {
    for (std::thread& thread : threads_) {
      thread = std::thread([this, port, campaign, issues_each] {
        CouponClient client(port, Form::kConnectProto);
        for (int i = 0; i < issues_each; ++i) {
          const auto issued = client.Issue(campaign);
          ASSERT_TRUE(issued.response.success());
          const std::lock_guard lock(mutex_);
          codes_.insert(issued.response.coupon().code());
        }
      });
    }
  }
  ~Issuers() { Join(); }
  /// Returns the codes of all.
  const std::set<std::string>& Join() {
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
    return codes_;
  }

 private:
  std::mutex mutex_;
  std::set<std::string> codes_;
  std::array<std::thread, 4> threads_;
};

/// Reads until it has seen that many coupons, and leaves the stream now and then.
Events Follow(std::uint16_t port, std::size_t coupons, int messages_at_most) {
  Events events;
  std::uint64_t next = 1;
  std::size_t seen = 0;
  while (seen < coupons) {
    EventStream stream(port, From(next, /*follow=*/true));
    for (int i = 0; i < messages_at_most && seen < coupons; ++i) {
      const auto message = stream.Read();
      if (!message) return events;
      EXPECT_GE(message->head_sequence() + 1, message->next_sequence());
      next = message->next_sequence();
      for (const auto& event : message->events()) {
        if (event.type() == "coupon.issued") ++seen;
        events.push_back(event);
      }
    }
  }
  return events;
}

TEST_F(EventsProgramTest, FollowersUnderLoadLoseAndDoubleNothing) {
  constexpr int kIssuesEach = 1'000;
  constexpr std::size_t kIssues = 4 * kIssuesEach;
  const std::string id = client_.CreateStarted("followed", static_cast<std::int32_t>(kIssues));
  std::array<Events, 6> followed;
  std::vector<std::thread> followers;
  {
    Issuers issuers(server_.port(), id, kIssuesEach);
    for (std::size_t i = 0; i < followed.size(); ++i) {
      // Half of them come back after every few messages.
      const int messages = i % 2 == 0 ? 1'000'000 : static_cast<int>(i);
      followers.emplace_back(
          [&, i, messages] { followed[i] = Follow(server_.port(), kIssues, messages); });
    }
    const std::set<std::string>& codes = issuers.Join();
    for (std::thread& follower : followers) follower.join();
    ASSERT_EQ(codes.size(), kIssues);
    std::set<std::string> shown;
    std::uint64_t sequence = 2;
    for (const auto& event : followed[0]) {
      if (event.type() != "coupon.issued") continue;
      EXPECT_EQ(event.sequence(), ++sequence) << "without a gap";
      shown.insert(event.code());
    }
    EXPECT_EQ(shown, codes);
  }
  const Events all = ReadAll(From(1));
  EXPECT_EQ(all.back().type(), "campaign.sold_out");
  for (const Events& events : followed) EXPECT_TRUE(Same(events, all));
}

TEST_F(EventsProgramTest, ReadersWhoDoNotReadHoldUpNobody) {
  constexpr int kSilent = 200;
  constexpr int kCoupons = 20'000;
  const std::string id = client_.CreateStarted("long", 1'000'000);
  IssueMany(server_.port(), id, kCoupons);
  ASSERT_EQ(ReadAll(From(1)).size(), kCoupons + 1U);  // what reading itself takes is there
  const PeakMemory memory(server_.pid());
  std::vector<HttpClient> silent;
  constexpr std::size_t kSmallReceiveBuffer = 4 * 1'024;
  for (int i = 0; i < kSilent; ++i) {
    HttpClient& reader = silent.emplace_back(server_.port(), kSmallReceiveBuffer);
    ASSERT_TRUE(reader.Send(EventsRequest(From(1, /*follow=*/true))));
    ASSERT_TRUE(reader.WaitUntilReadable());
  }
  EXPECT_EQ(ReadAll(From(1)).size(), kCoupons + 1U);
  EventStream live(server_.port(), From(kCoupons + 3, /*follow=*/true));
  ASSERT_TRUE(live.Read());
  EXPECT_TRUE(client_.Issue(id).response.success());
  std::size_t seen = 0;
  while (seen == 0) {
    const auto message = live.Read();
    ASSERT_TRUE(message);
    seen = static_cast<std::size_t>(message->events_size());
  }
  std::printf("%d readers who do not read: the server's peak grew by %zu kB\n", kSilent,
              memory.GrowthBytes() / 1'024);
  // Each holds at most the message that it does not read.
  EXPECT_LT(memory.GrowthBytes(), 32 * kMegabyte);
}

}  // namespace
}  // namespace coupond::test
