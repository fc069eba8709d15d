#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "rpc/http/running_server.h"
#include "rpc/http/wire_client.h"

// Clients that are slow or take more than their share: only they pay for it.
namespace coupond::http {
namespace {

using std::chrono::milliseconds;

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kPostHead = "POST / HTTP/1.1\r\nHost: x\r\n";

/// Sends the same bytes again and again until the server responds, for a limited time.
void Drip(WireClient& client, const std::string& bytes) {
  constexpr int kDripsMax = 30'000;
  for (int drips = 0; !client.IsReadableWithin(milliseconds(2)); ++drips) {
    ASSERT_LT(drips, kDripsMax) << "the deadline never comes";
    client.Send(bytes);
  }
}

/// Reports whether a new client is served, at the latest after the server has seen others leave.
bool GetsAPlace(const RunningServer& server) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (std::chrono::steady_clock::now() < end) {
    WireClient newcomer(server.port());
    const int status = newcomer.Ask(kGet).status;
    if (status == 200) return true;
    // One that asks late may have been closed as idle.
    EXPECT_TRUE(status == 503 || status == 0) << status;
  }
  return false;
}

TEST(HttpSlowClients, AHeaderThatComesByteByByteIsAnswered408) {
  Limits limits;
  limits.header_timeout = milliseconds(50);
  RunningServer server(Echo, limits);
  for (const std::string begin : {"GET / HTTP/1.1\r\nA: ", "GET /", "G"}) {
    WireClient client(server.port());
    client.Send(begin);
    Drip(client, "A");
    const WireReply reply = client.Receive();
    EXPECT_EQ(reply.status, 408) << begin << " -> " << reply.body;
    EXPECT_EQ(client.AwaitEnd(), WireClient::End::kOrderly);
  }
}

TEST(HttpSlowClients, EmptyLinesDoNotPostponeTheDeadline) {
  Limits limits;
  limits.header_timeout = limits.idle_timeout = milliseconds(50);
  RunningServer server(Echo, limits);
  WireClient client(server.port());
  Drip(client, "\r\n");
  const int status = client.Receive().status;
  EXPECT_TRUE(status == 408 || status == 400) << status;
}

TEST(HttpSlowClients, ABodyThatComesByteByByteIsAnswered408) {
  Limits limits;
  limits.body_timeout = milliseconds(50);
  RunningServer server(Echo, limits);
  WireClient client(server.port());
  client.Send(kPostHead + "Content-Length: 60000\r\n\r\n");
  Drip(client, "b");
  EXPECT_EQ(client.Receive().status, 408);
  WireClient chunked(server.port());
  chunked.Send(kPostHead + "Transfer-Encoding: chunked\r\n\r\n");
  Drip(chunked, "1\r\nb\r\n");
  EXPECT_EQ(chunked.Receive().status, 408);
  WireClient waiting(server.port());
  waiting.Send(kPostHead + "Expect: 100-continue\r\nContent-Length: 60000\r\n\r\n");
  EXPECT_EQ(waiting.Receive().status, 100);
  Drip(waiting, "b");
  EXPECT_EQ(waiting.Receive().status, 408);
}

TEST(HttpSlowClients, EveryRequestHasTheSameDeadlines) {
  Limits limits;
  limits.header_timeout = limits.body_timeout = milliseconds(50);
  RunningServer server(Echo, limits);
  WireClient slow_header(server.port());
  ASSERT_EQ(slow_header.Ask(kGet).status, 200);
  Drip(slow_header, "A");
  EXPECT_EQ(slow_header.Receive().status, 408);
  WireClient slow_body(server.port());
  ASSERT_EQ(slow_body.Ask(kPostHead + "Content-Length: 1\r\n\r\nb").status, 200);
  slow_body.Send(kPostHead + "Content-Length: 60000\r\n\r\n");
  Drip(slow_body, "b");
  EXPECT_EQ(slow_body.Receive().status, 408);
}

TEST(HttpSlowClients, OneRequestOfAConnectionIsHandledAtATime) {
  constexpr std::size_t kPipelined = 3;
  HeldExchanges held;
  RunningServer server(held.Holder());
  WireClient greedy(server.port());
  std::string requests;
  for (std::size_t i = 0; i < kPipelined; ++i) requests += kGet;
  ASSERT_TRUE(greedy.Send(requests));
  ASSERT_TRUE(held.Await(1));
  // The only worker has seen everything that was sent before this.
  WireClient modest(server.port());
  modest.Send(kGet);
  ASSERT_TRUE(held.Await(2));
  EXPECT_EQ(held.count(), 2U) << "a second request was handled before the first was answered";
  held.AnswerAll("first");
  EXPECT_EQ(modest.Receive().body, "first");
  for (std::size_t i = 1; i < kPipelined; ++i) {
    EXPECT_EQ(greedy.Receive().body, "first");
    ASSERT_TRUE(held.Await(1));
    EXPECT_EQ(held.count(), 1U);
    held.AnswerAll("first");
  }
  EXPECT_EQ(greedy.Receive().body, "first");
}

TEST(HttpSlowClients, AClientThatNeverReadsIsClosed) {
  constexpr std::size_t kReplyBytes = 1'000'000;
  Limits limits;
  limits.write_timeout = milliseconds(50);
  limits.connections_max = 1;
  std::atomic<std::size_t> handled = 0;
  RunningServer server(
      [&handled](const Request&, const std::shared_ptr<Exchange>& exchange, Executor&) {
        ++handled;
        exchange->Respond(Text(std::string(kReplyBytes, 'w')));
      },
      limits);
  WireClient greedy(server.port());
  std::size_t asked = 0;
  while (greedy.Send(kGet)) ++asked;  // until the server has closed
  // Only as much as the kernel's buffers hold, however much was requested.
  EXPECT_LT(handled * kReplyBytes, 30'000'000U) << asked << " requests were sent";
  EXPECT_TRUE(GetsAPlace(server));
}

TEST(HttpSlowClients, APlaceIsFreeAgainAfterATimeout) {
  Limits limits;
  limits.connections_max = 3;
  limits.header_timeout = limits.body_timeout = limits.idle_timeout = milliseconds(50);
  RunningServer server(Echo, limits, 2);
  for (int round = 0; round < 3; ++round) {
    std::vector<WireClient> slow;
    for (const std::string& bytes :
         {std::string(), std::string("GET / HT"), kPostHead + "Content-Length: 9\r\n\r\nb"}) {
      slow.emplace_back(server.port());
      slow.back().Send(bytes);
    }
    for (WireClient& client : slow) client.AwaitEnd();
    // The server lingers until it has seen these close as well.
    slow.clear();
    ASSERT_TRUE(GetsAPlace(server));
  }
}

TEST(HttpSlowClients, RefusalsAreLimitedToo) {
  Limits limits;
  limits.connections_max = 1;
  limits.linger_timeout = std::chrono::minutes(5);
  RunningServer server(Echo, limits, 2);
  WireClient within(server.port());
  ASSERT_EQ(within.Ask(kGet).status, 200);
  std::vector<WireClient> told;
  std::size_t spread[] = {0, 0, 0};
  for (std::size_t i = 0; i < kRefusalsAtOnceMax; ++i) {
    told.emplace_back(server.port());
    const WireReply reply = told.back().Receive();
    ASSERT_EQ(reply.status, 503);
    for (std::size_t seconds = 1; seconds <= 3; ++seconds) {
      if (reply.Has("Retry-After: " + std::to_string(seconds) + "\r\n")) ++spread[seconds - 1];
    }
  }
  EXPECT_EQ(spread[0] + spread[1] + spread[2], kRefusalsAtOnceMax) << "all are told when";
  EXPECT_LT(std::ranges::max(spread), kRefusalsAtOnceMax) << "to come back, not all at once";
  // None of them closes, so each keeps its place among those being refused.
  WireClient untold(server.port());
  EXPECT_EQ(untold.Receive().head, "");
  EXPECT_EQ(within.Ask(kGet).status, 200) << "those within go on";
}

}  // namespace
}  // namespace coupond::http
