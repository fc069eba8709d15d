#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "rpc/http/running_server.h"
#include "rpc/http/wire_client.h"

namespace coupond::http {
namespace {

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

std::chrono::steady_clock::time_point FarAway() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(60);
}

TEST(HttpStop, ClosesIdleConnections) {
  RunningServer server(Echo, {}, 2);
  WireClient used(server.port());
  EXPECT_EQ(used.Ask(kGet).status, 200);
  WireClient also_used(server.port());
  EXPECT_EQ(also_used.Ask(kGet).status, 200);
  server.server().BeginStop();
  EXPECT_EQ(used.AwaitEnd(), WireClient::End::kOrderly);
  EXPECT_EQ(also_used.AwaitEnd(), WireClient::End::kOrderly);
  server.server().Join(FarAway());
}

TEST(HttpStop, AnswersRequestsInFlight) {
  constexpr std::size_t kClients = 10;
  HeldExchanges held;
  RunningServer server(held.Holder(), {}, 2);
  std::vector<WireClient> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.emplace_back(server.port());
    clients.back().Send(kGet);
  }
  ASSERT_TRUE(held.Await(kClients));
  server.server().BeginStop();
  server.server().BeginStop();  // again does nothing
  held.AnswerAll("last words");
  for (WireClient& client : clients) {
    const WireReply reply = client.Receive();
    EXPECT_EQ(reply.body, "last words");
    EXPECT_TRUE(reply.Has("Connection: close\r\n"));
    EXPECT_EQ(client.AwaitEnd(), WireClient::End::kOrderly);
    client.HalfClose();
  }
  server.server().Join(FarAway());
}

TEST(HttpStop, LetsAHalfSentRequestFinish) {
  Notes handled;
  HeldExchanges held;
  RunningServer server(
      [&](const Request& request, std::shared_ptr<Exchange> exchange, Executor& worker) {
        if (request.path == "/hold") return held.Holder()(request, exchange, worker);
        Echo(request, exchange, worker);
      });
  WireClient witness(server.port());
  witness.Send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
  WireClient half(server.port());
  // The response proves that the half request after it has been read: both arrive together.
  half.Send(kGet + "POST /rest HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab");
  EXPECT_EQ(half.Receive().status, 200);
  ASSERT_TRUE(held.Await(1));
  server.server().BeginStop();
  held.AnswerAll("stopping");  // posted after the stop, so the stop has been seen
  EXPECT_EQ(witness.Receive().body, "stopping");
  half.Send("cd");
  const WireReply reply = half.Receive();
  EXPECT_EQ(reply.body, "POST /rest? abcd");
  EXPECT_TRUE(reply.Has("Connection: close\r\n"));
}

TEST(HttpStop, AcceptsNoMoreConnections) {
  RunningServer server;
  const std::uint16_t port = server.port();
  server.server().BeginStop();
  server.server().Join(FarAway());
  const auto is_free = [port] {
    Server again({.address = "127.0.0.1", .port = port, .limits = {}, .log = {}},
                 [](Executor&) -> std::unique_ptr<Handler> { return nullptr; });
    return again.Start().has_value();
  };
  // Another program may have it for a while.
  const auto end = FarAway();
  bool free = false;
  while (!(free = is_free()) && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_TRUE(free);
}

TEST(HttpStop, ClosesWhatIsLeftAtTheDeadline) {
  HeldExchanges held;
  RunningServer server(held.Holder(), {}, 2);
  WireClient never_answered(server.port());
  never_answered.Send(kGet);
  WireClient half(server.port());
  half.Send("GET / HT");
  ASSERT_TRUE(held.Await(1));
  server.server().BeginStop();
  server.server().Join(std::chrono::steady_clock::now());
  EXPECT_EQ(never_answered.Receive().head, "");
  EXPECT_EQ(half.Receive().head, "");
  held.AnswerAll("too late");  // goes nowhere, and harms nothing
}

TEST(HttpStop, ExchangesMayOutliveTheServer) {
  HeldExchanges held;
  {
    RunningServer server(held.Holder());
    WireClient client(server.port());
    client.Send(kGet);
    ASSERT_TRUE(held.Await(1));
  }
  held.DropAll();
}

TEST(HttpStop, TheDestructorStops) {
  WireClient client;
  client.OpenIpv4();
  {
    RunningServer server;
    client.Connect(server.port());
    EXPECT_EQ(client.Ask(kGet).status, 200);
  }
  EXPECT_EQ(client.Receive().head, "");
}

TEST(HttpHandlerBugs, ADroppedRequestIsAnswered500) {
  RunningServer server([](const Request&, auto, Executor&) {});
  WireClient client(server.port());
  const WireReply reply = client.Ask(kGet);
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.body, "the request was not answered\n");
  EXPECT_TRUE(server.log().Await("dropped a request"));
}

TEST(HttpHandlerBugs, ARequestDroppedOnAnotherThreadIsAnswered500) {
  HeldExchanges held;
  RunningServer server(held.Holder());
  WireClient client(server.port());
  client.Send(kGet);
  ASSERT_TRUE(held.Await(1));
  held.DropAll();
  EXPECT_EQ(client.Receive().status, 500);
}

TEST(HttpHandlerBugs, AnExceptionIsAnswered500AndLogged) {
  RunningServer server([](const Request& request, std::shared_ptr<Exchange> exchange, Executor&) {
    if (request.path == "/after") exchange->Respond(Text("answered"));
    throw std::runtime_error("broken handler");
  });
  WireClient client(server.port());
  EXPECT_EQ(client.Ask("GET /after HTTP/1.1\r\nHost: x\r\n\r\n").body, "answered");
  EXPECT_EQ(client.Ask(kGet).status, 500);
  EXPECT_TRUE(server.log().Await("broken handler", 2));
  EXPECT_EQ(server.log().size(), 2U);
}

TEST(HttpHandlerBugs, ASecondResponseIsIgnored) {
  RunningServer server([](const Request&, std::shared_ptr<Exchange> exchange, Executor& worker) {
    exchange->Respond(Text("one"));
    exchange->Respond(Text("two"));
    worker.Post([exchange] { exchange->Respond(Text("three")); });
  });
  WireClient client(server.port());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.Ask(kGet).body, "one");
}

TEST(HttpHandlerBugs, AResponseThatWouldSplitIsNotSent) {
  RunningServer server([](const Request&, auto exchange, Executor&) {
    Response response = Text("body");
    response.headers.emplace_back("X-Echo", "a\r\nSet-Cookie: b");
    exchange->Respond(std::move(response));
  });
  WireClient client(server.port());
  const WireReply reply = client.Ask(kGet);
  EXPECT_EQ(reply.status, 500);
  EXPECT_FALSE(reply.Has("Set-Cookie"));
  EXPECT_TRUE(server.log().Await("cannot be sent"));
}

}  // namespace
}  // namespace coupond::http
