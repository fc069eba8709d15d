#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <utility>

#include "rpc/http/bound_port.h"
#include "rpc/http/running_server.h"
#include "rpc/http/wire_client.h"

namespace coupond::http {
namespace {

constexpr std::string_view kGet = "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n";

std::string Post(const std::string& path, const std::string& body) {
  return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

TEST(HttpServer, AnswersWithHeadAndBody) {
  RunningServer server;
  WireClient client(server.port());
  const WireReply reply = client.Ask(kGet);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "GET /a?b=c ");
  EXPECT_TRUE(reply.Has("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(reply.Has("Content-Type: text/plain\r\n"));
  EXPECT_TRUE(reply.Has("Date: "));
  EXPECT_TRUE(reply.Has("Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n"));
}

TEST(HttpServer, KeepsTheConnectionForManyRequests) {
  RunningServer server;
  WireClient client(server.port());
  for (int i = 0; i < 100; ++i) {
    const std::string body(static_cast<std::size_t>(i) * 100, 'b');
    ASSERT_EQ(client.Ask(Post("/p", body)).body, "POST /p? " + body);
  }
}

TEST(HttpServer, ClosesWhenTheClientAsksForIt) {
  RunningServer server;
  WireClient client(server.port());
  const WireReply reply = client.Ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.Has("Connection: close\r\n"));
  EXPECT_EQ(client.AwaitEnd(), WireClient::End::kOrderly);
}

TEST(HttpServer, ReadsARequestThatComesByteByByte) {
  RunningServer server;
  WireClient client(server.port());
  for (const char byte : Post("/slow", "body")) client.Send({&byte, 1});
  EXPECT_EQ(client.Receive().body, "POST /slow? body");
}

TEST(HttpServer, ReadsAChunkedBody) {
  RunningServer server;
  WireClient client(server.port());
  const std::string request =
      "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;name=value\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: ignored\r\n\r\n";
  EXPECT_EQ(client.Ask(request).body, "POST /c? hello world");
  for (const char byte : request) client.Send({&byte, 1});
  EXPECT_EQ(client.Receive().body, "POST /c? hello world");
}

TEST(HttpServer, AnswersHeadWithoutABody) {
  RunningServer server;
  WireClient client(server.port());
  client.Send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
  const WireReply head = client.Receive(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.Has("Content-Length: " + std::to_string(sizeof("HEAD /a? ") - 1) + "\r\n"));
  EXPECT_EQ(client.Ask(kGet).body, "GET /a?b=c ");  // nothing came in between
}

TEST(HttpServer, TellsAWaitingClientToContinue) {
  RunningServer server;
  WireClient client(server.port());
  const std::string head =
      "POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";
  EXPECT_EQ(client.Ask(head).status, 100);
  EXPECT_EQ(client.Ask("body").body, "POST /e? body");
  // The body is already there, so no "100 Continue" is needed.
  EXPECT_EQ(client.Ask(head + "more").body, "POST /e? more");
}

TEST(HttpServer, SpeaksHttp10) {
  RunningServer server;
  WireClient once(server.port());
  const WireReply closed = once.Ask("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(closed.body, "GET /? ");
  EXPECT_TRUE(closed.Has("Connection: close\r\n"));
  EXPECT_EQ(once.AwaitEnd(), WireClient::End::kOrderly);

  WireClient kept(server.port());
  for (int i = 0; i < 2; ++i) {
    const WireReply reply = kept.Ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(reply.body, "GET /? ");
    EXPECT_TRUE(reply.Has("Connection: keep-alive\r\n"));
  }
}

TEST(HttpServer, UnderstandsAnAbsoluteTarget) {
  RunningServer server;
  WireClient client(server.port());
  EXPECT_EQ(client.Ask("GET http://x:80/a/b?c HTTP/1.1\r\nHost: x\r\n\r\n").body, "GET /a/b?c ");
  EXPECT_EQ(client.Ask("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n").body, "GET /? ");
  EXPECT_EQ(client.Ask("GET HTTP://[::1]:80?c HTTP/1.1\r\nHost: x\r\n\r\n").body, "GET /?c ");
  EXPECT_EQ(client.Ask("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").body, "OPTIONS *? ");
}

TEST(HttpServer, PassesTheHeadersToTheHandler) {
  RunningServer server([](const Request& request, auto exchange, Executor&) {
    std::string text(request.Header("x-NAME").value_or("none"));
    text.append(",").append(request.Header("absent").value_or("none"));
    exchange->Respond(Text(text));
  });
  WireClient client(server.port());
  EXPECT_EQ(client.Ask("GET / HTTP/1.1\r\nHost: x\r\nX-Name:  v w \r\nX-Name: 2\r\n\r\n").body,
            "v w,none");
}

// The views of the request stay valid until Handle returns, even after a response that closes the
// connection, when the server begins to discard the bytes that follow.
TEST(HttpServer, KeepsTheRequestUntilHandleReturns) {
  Notes seen;
  RunningServer server([&seen](const Request& request, auto exchange, Executor&) {
    exchange->Respond(Text("done"));
    seen.Add(std::string(request.path) + " " + std::string(*request.Header("name")) + " " +
             std::string(request.body));
  });
  WireClient client(server.port());
  const std::string close =
      "POST /two HTTP/1.1\r\nHost: x\r\nName: b\r\nConnection: close\r\n"
      "Content-Length: 3\r\n\r\n222" +
      std::string(40'000, 'x');
  client.Send("POST /one HTTP/1.1\r\nHost: x\r\nName: a\r\nContent-Length: 3\r\n\r\n111" + close);
  EXPECT_TRUE(seen.Await("/one a 111"));
  EXPECT_TRUE(seen.Await("/two b 222"));
}

TEST(HttpServer, AcceptsResponsesThatComeLater) {
  RunningServer server(
      [](const Request& request, std::shared_ptr<Exchange> exchange, Executor& worker) {
        worker.Post([exchange = std::move(exchange), path = std::string(request.path)] {
          exchange->Respond(Text(path));
        });
      });
  WireClient client(server.port());
  EXPECT_EQ(client.Ask(kGet).body, "/a");
  EXPECT_EQ(client.Ask(kGet).body, "/a");
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  constexpr int kRequests = 1000;
  for (const bool later : {false, true}) {
    RunningServer server(
        [later](const Request& request, std::shared_ptr<Exchange> exchange, Executor& worker) {
          const std::string body(request.body);
          if (!later) return exchange->Respond(Text(body));
          worker.Post([exchange = std::move(exchange), body] { exchange->Respond(Text(body)); });
        });
    WireClient client(server.port());
    std::string requests;
    for (int i = 0; i < kRequests; ++i) requests += Post("/p", std::to_string(i));
    ASSERT_TRUE(client.Send(requests));
    for (int i = 0; i < kRequests; ++i) ASSERT_EQ(client.Receive().body, std::to_string(i));
  }
}

TEST(HttpServer, SendsAndReceivesLargeBodies) {
  RunningServer server([](const Request& request, auto exchange, Executor&) {
    exchange->Respond(Text(std::string(request.body) + std::string(8'000'000, 'z')));
  });
  WireClient client(server.port());
  const std::string body(kRequestBodyBytesMax, 'a');
  for (int i = 0; i < 2; ++i) {
    const WireReply reply = client.Ask(Post("/", body));
    EXPECT_TRUE(reply.whole);
    EXPECT_TRUE(reply.body == body + std::string(8'000'000, 'z'));
  }
}

TEST(HttpServer, AnswersAClientThatHasHalfClosed) {
  RunningServer server;
  WireClient client(server.port());
  client.Send(kGet);
  client.HalfClose();
  EXPECT_EQ(client.Receive().body, "GET /a?b=c ");
  EXPECT_EQ(client.AwaitEnd(), WireClient::End::kOrderly);
}

TEST(HttpServer, SendsNoLengthWithoutABody) {
  RunningServer server([](const Request&, auto exchange, Executor&) {
    Response none;
    none.status = 204;
    exchange->Respond(none);
  });
  WireClient client(server.port());
  for (int i = 0; i < 2; ++i) {
    const WireReply reply = client.Ask(kGet);
    EXPECT_EQ(reply.status, 204);
    EXPECT_FALSE(reply.Has("Content-Length"));
  }
}

TEST(HttpServer, ListensOnIpv6) {
  RunningServer server(Echo, {}, 1, "::1");
  WireClient client(server.port(), "::1");
  EXPECT_EQ(client.Ask(kGet).status, 200);
}

bool AcceptsConnections(std::uint16_t port) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket(io);
  boost::system::error_code refused;
  socket.connect({boost::asio::ip::address_v4::loopback(), port}, refused);
  return !refused;
}

class NeverAsked final : public Handler {
 public:
  void Handle(const Request& /*request*/, std::shared_ptr<Exchange> /*exchange*/) override {}
};

TEST(HttpServer, RefusesConnectionsWhileItsPortIsOnlyBound) {
  auto port = BoundPort::Bind("127.0.0.1", 0);
  ASSERT_TRUE(port) << port.error().message;
  const std::uint16_t number = port->endpoint().port();
  EXPECT_FALSE(AcceptsConnections(number));
  Server server({.address = "127.0.0.1", .port = 1, .limits = {}, .log = {}},
                [](Executor&) { return std::make_unique<NeverAsked>(); });
  ASSERT_TRUE(server.Start(std::move(*port)));
  EXPECT_EQ(server.port(), number);
  EXPECT_TRUE(AcceptsConnections(number));
}

TEST(HttpServer, ReportsWhyItCannotListen) {
  RunningServer first;
  const HandlerFactory never = [](Executor&) -> std::unique_ptr<Handler> {
    ADD_FAILURE() << "a server that cannot listen makes no handlers";
    return nullptr;
  };
  Server taken({.address = "127.0.0.1", .port = first.port(), .limits = {}, .log = {}}, never);
  const Status refused = taken.Start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCannotListen);
  EXPECT_EQ(refused.error().message,
            "cannot listen on 127.0.0.1:" + std::to_string(first.port()) +
                ": Address already in use (another program listens there)");
  Server unknown({.address = "no.such", .port = 1, .limits = {}, .log = {}}, never);
  EXPECT_EQ(unknown.Start().error().message, "cannot listen on no.such:1: not an IP address");
}

}  // namespace
}  // namespace coupond::http
