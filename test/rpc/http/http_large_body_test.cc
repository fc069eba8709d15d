// The response to a body over the limit: the handler may write it, and the connection is closed.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "rpc/http/running_server.h"
#include "rpc/http/server.h"
#include "rpc/http/wire_client.h"

namespace coupond::http {
namespace {

/// Answers as the path asks.
class WordyHandler final : public Handler {
 public:
  void Handle(const Request& /*request*/, std::shared_ptr<Exchange> exchange) override {
    exchange->Respond(Text("fits"));
  }
  Response BodyTooLarge(const Request& request, Response plain, std::string_view message) override {
    EXPECT_EQ(message, "more than 100 bytes in the request body");
    EXPECT_EQ(request.body, "") << "the request comes without it";
    if (request.path == "/plain") return plain;
    if (request.path == "/throws") throw std::runtime_error("no words");
    if (request.path == "/unsendable") return Text("a line\r\nbreak", -1);
    return Text(std::string(request.method) + " " +
                std::string(request.Header("Content-Type").value_or("")));
  }
};

class HttpLargeBody : public testing::Test {
 protected:
  HttpLargeBody() {
    const auto started = server_.Start();
    EXPECT_TRUE(started.has_value()) << started.error().message;
  }

  /// Sends a body of one byte too many and returns the reply.
  WireReply Ask(const std::string& target, bool chunked, const std::string& method = "POST") {
    constexpr std::size_t kBytes = 101;
    std::string request = method + " " + target + " HTTP/1.1\r\nHost: x\r\nContent-Type: a/b\r\n";
    if (chunked) {
      request += "Transfer-Encoding: chunked\r\n\r\n32\r\n" + std::string(50, 'c') + "\r\n33\r\n" +
                 std::string(51, 'c') + "\r\n0\r\n\r\n";
    } else {
      request += "Content-Length: 101\r\n\r\n" + std::string(kBytes, 'c');
    }
    WireClient client(server_.port());
    EXPECT_TRUE(client.Send(request));
    WireReply reply = client.Receive(method == "HEAD");
    EXPECT_TRUE(reply.Has("Connection: close\r\n"));
    EXPECT_EQ(client.AwaitEnd(), WireClient::End::kOrderly);
    return reply;
  }

  Notes log_;  // before the server, whose threads use it
  Server server_{
      {.address = "127.0.0.1",
       .port = 0,
       .threads = 1,
       .limits =
           [] {
             Limits limits;
             limits.request_body_bytes_max = 100;
             return limits;
           }(),
       .error_format =
           [](const ServerError& error) { return Text("refused: " + error.message, error.status); },
       .log = [this](std::string line) { log_.Add(std::move(line)); }},
      [](Executor&) { return std::make_unique<WordyHandler>(); }};
};

TEST_F(HttpLargeBody, IsAnsweredByTheHandler) {
  for (const bool chunked : {false, true}) {
    const WireReply reply = Ask("/words?and=more", chunked);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "POST a/b");
  }
  EXPECT_EQ(log_.size(), 0U);
}

TEST_F(HttpLargeBody, IsAnsweredByTheServerByDefault) {
  for (const bool chunked : {false, true}) {
    for (const char* target : {"/plain", "/throws", "/unsendable"}) {
      const WireReply reply = Ask(target, chunked);
      EXPECT_EQ(reply.status, 413) << target;
      EXPECT_EQ(reply.body, "refused: more than 100 bytes in the request body");
    }
  }
  EXPECT_TRUE(log_.Has("no words", 2));
  EXPECT_TRUE(log_.Has("cannot be sent", 2));
}

TEST_F(HttpLargeBody, AHeadIsAnsweredWithoutABody) {
  const WireReply reply = Ask("/plain", false, "HEAD");
  EXPECT_EQ(reply.status, 413);
}

}  // namespace
}  // namespace coupond::http
