#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

#include "rpc/http/running_server.h"
#include "rpc/http/wire_client.h"
#include "support/at_some_pace.h"

namespace coupond::http {
namespace {

using std::chrono::milliseconds;

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(HttpTimeout, IdleConnectionsAreClosedWithoutAResponse) {
  EXPECT_TRUE(test::AtSomePace([](int pace) {
    Limits limits;
    limits.idle_timeout = milliseconds(30 * pace);
    RunningServer server(Echo, limits);
    WireClient fresh(server.port());
    EXPECT_EQ(fresh.Receive().head, "");
    WireClient used(server.port());
    if (used.Ask(kGet).status != 200) return false;
    EXPECT_EQ(used.Receive().head, "");
    EXPECT_EQ(used.AwaitEnd(), WireClient::End::kOrderly);
    return true;
  })) << "no request came in time";
}

TEST(HttpTimeout, AHalfSentHeaderBlockIsAnswered408) {
  Limits limits;
  limits.header_timeout = milliseconds(30);
  RunningServer server(Echo, limits);
  WireClient client(server.port());
  EXPECT_EQ(client.Ask(kGet).status, 200);
  const WireReply reply = client.Ask("GET / HTTP/1.1\r\nHo");
  EXPECT_EQ(reply.status, 408);
  EXPECT_TRUE(reply.Has("Connection: close\r\n"));
  EXPECT_NE(reply.body.find("did not arrive within"), std::string::npos);
  EXPECT_EQ(client.AwaitEnd(), WireClient::End::kOrderly);
}

// The deadline is for the whole header block, so bytes that arrive in time do not extend it.
TEST(HttpTimeout, TricklingBytesDoNotPostponeIt) {
  Limits limits;
  limits.header_timeout = milliseconds(50);
  RunningServer server(Echo, limits);
  WireClient client(server.port());
  client.Send("GET / HTTP/1.1\r\nA: ");
  while (!client.IsReadableWithin(milliseconds(2))) client.Send("a");
  EXPECT_EQ(client.Receive().status, 408);
}

TEST(HttpTimeout, AHalfSentBodyIsAnswered408) {
  Limits limits;
  limits.body_timeout = milliseconds(30);
  RunningServer server(Echo, limits);
  for (const std::string rest :
       {"Content-Length: 5\r\n\r\nab", "Transfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    WireClient client(server.port());
    const WireReply reply = client.Ask("POST / HTTP/1.1\r\nHost: x\r\n" + rest);
    EXPECT_EQ(reply.status, 408);
    EXPECT_NE(reply.body.find("body"), std::string::npos) << reply.body;
    EXPECT_EQ(client.AwaitEnd(), WireClient::End::kOrderly);
  }
}

TEST(HttpTimeout, AClientThatDoesNotReadIsClosed) {
  Limits limits;
  limits.write_timeout = milliseconds(50);
  HeldExchanges held;
  RunningServer server(held.Holder(), limits);
  WireClient client(server.port());
  client.Send(kGet);
  ASSERT_TRUE(held.Await(1));
  held.AnswerAll(std::string(50'000'000, 'w'));
  // The thread ends only after the connection: long before the deadline given here.
  server.server().BeginStop();
  server.server().Join(std::chrono::steady_clock::now() + std::chrono::seconds(60));
  EXPECT_FALSE(client.Receive().whole);
}

// The handler may take any time; no other deadline runs meanwhile.
TEST(HttpTimeout, DoesNotRunWhileTheHandlerWorks) {
  EXPECT_TRUE(test::AtSomePace([](int pace) {
    Limits limits;
    limits.idle_timeout = limits.header_timeout = limits.body_timeout = limits.write_timeout =
        milliseconds(20 * pace);
    HeldExchanges held;
    RunningServer server(held.Holder(), limits);
    WireClient slow(server.port());
    slow.Send(kGet);
    // Several idle timeouts pass, measured on other connections of the same worker.
    for (int i = 0; i < 3; ++i) {
      WireClient idle(server.port());
      EXPECT_EQ(idle.Receive().head, "");
    }
    if (held.count() == 0) return false;
    held.AnswerAll("at last");
    EXPECT_EQ(slow.Receive().body, "at last");
    return true;
  })) << "no request came in time";
}

TEST(HttpTimeout, LingeringEnds) {
  Limits limits;
  limits.linger_timeout = milliseconds(30);
  limits.linger_bytes_max = 1'000'000;
  RunningServer server(Echo, limits);
  WireClient bad(server.port());
  EXPECT_EQ(bad.Ask("nonsense\r\n\r\n").status, 400);
  while (bad.Send("x")) {  // until the server has closed
  }
  WireClient flood(server.port());
  EXPECT_EQ(flood.Ask("nonsense\r\n\r\n").status, 400);
  while (flood.Send(std::string(100'000, 'x'))) {
  }
}

TEST(HttpConnections, OverTheLimitAreAnswered503) {
  Limits limits;
  limits.connections_max = 2;
  RunningServer server(Echo, limits, 2);
  WireClient first(server.port());
  WireClient second(server.port());
  EXPECT_EQ(first.Ask(kGet).status, 200);
  EXPECT_EQ(second.Ask(kGet).status, 200);
  WireClient third(server.port());
  const WireReply reply = third.Ask(kGet);
  EXPECT_EQ(reply.status, 503);
  EXPECT_TRUE(reply.Has("Connection: close\r\n"));
  EXPECT_TRUE(reply.Has("Retry-After: "));
  EXPECT_NE(reply.body.find("more than 2 connections"), std::string::npos);
  EXPECT_EQ(third.AwaitEnd(), WireClient::End::kOrderly);
  EXPECT_EQ(first.Ask(kGet).status, 200);

  // A place is free again as soon as the server has seen the close.
  second.Abort();
  for (int status = 503; status != 200;) {
    WireClient next(server.port());
    status = next.Ask(kGet).status;
    ASSERT_TRUE(status == 200 || status == 503) << status;
  }
}

/// Uses up all file descriptors that the process can still open.
class DescriptorFamine {
 public:
  DescriptorFamine() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit low = before_;
    low.rlim_cur = 256;
    setrlimit(RLIMIT_NOFILE, &low);
    for (int fd = dup(0); fd >= 0; fd = dup(0)) taken_.push_back(fd);
  }
  ~DescriptorFamine() {
    for (const int fd : taken_) close(fd);
    setrlimit(RLIMIT_NOFILE, &before_);
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

TEST(HttpConnections, AcceptingResumesAfterDescriptorsRanOut) {
#ifdef COUPOND_SANITIZED_ADDRESSES
  GTEST_SKIP()
      << "UndefinedBehaviorSanitizer, built in with AddressSanitizer, needs descriptors of "
         "its own to look at an object, and calls every object broken without";
#endif
  RunningServer server;
  WireClient client;
  client.OpenIpv4();
  {
    const DescriptorFamine famine;
    client.Connect(server.port());  // by the kernel; the server cannot accept it
    client.Send(kGet);
    ASSERT_TRUE(server.log().Await("cannot accept connections"));
  }
  EXPECT_EQ(client.Receive().status, 200);
  EXPECT_EQ(server.log().size(), 1U);  // said once, however often it was tried
}

}  // namespace
}  // namespace coupond::http
