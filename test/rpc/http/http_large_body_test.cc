// The response to a body over the limit: the handler may write it, and the connection is closed.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

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

/// Allows bodies of 1,000 bytes at /large, answers with their sizes, and holds those at
/// /large?hold. The answers at /large?long and, once the handler has returned, /large?long-later
/// are longer than what fits between it and a client that does not read.
class GrantingHandler final : public Handler {
 public:
  GrantingHandler(Notes& notes, Executor& executor) : notes_(notes), executor_(executor) {}

  void Handle(const Request& request, std::shared_ptr<Exchange> exchange) override {
    if (request.query == "hold") {
      notes_.Add("held");
      held_.push_back(std::move(exchange));
      return;
    }
    if (request.query == "long") return exchange->Respond(LongAnswer());
    if (request.query == "long-later") {
      return executor_.Post([later = std::move(exchange)] { later->Respond(LongAnswer()); });
    }
    held_.clear();
    exchange->Respond(Text(std::to_string(request.body.size())));
  }
  std::size_t BodyBytesMax(const Request& head, std::size_t usual_bytes_max) override {
    EXPECT_EQ(usual_bytes_max, 100U);
    EXPECT_EQ(head.method, "POST");
    EXPECT_EQ(head.Header("Host"), "x");
    EXPECT_EQ(head.body, "");
    notes_.Add("asked");
    if (head.path == "/throws") throw std::runtime_error("no limit");
    return head.path == "/large" ? 1000 : usual_bytes_max;
  }

 private:
  static Response LongAnswer() { return Text(std::string(std::size_t{16} << 20, 'a')); }

  Notes& notes_;
  Executor& executor_;
  std::vector<std::shared_ptr<Exchange>> held_;
};

class HttpGrantedBody : public testing::Test {
 protected:
  HttpGrantedBody() {
    const auto started = server_.Start();
    EXPECT_TRUE(started.has_value()) << started.error().message;
  }

  static std::string Head(const std::string& target, std::size_t bytes) {
    return "POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(bytes) +
           "\r\n\r\n";
  }
  static std::string Whole(const std::string& target, std::size_t bytes) {
    return Head(target, bytes) + std::string(bytes, 'c');
  }
  /// The body comes in two chunks.
  static std::string Chunked(const std::string& target, std::size_t bytes) {
    std::string request = "POST " + target + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked";
    request += "\r\n\r\n2\r\ncc\r\n";
    std::ostringstream size;
    size << std::hex << bytes - 2;
    return request + size.str() + "\r\n" + std::string(bytes - 2, 'c') + "\r\n0\r\n\r\n";
  }
  /// Sends a request on a connection of its own until no other one has the only place: the server
  /// frees a place after the client has its answer, or has left.
  WireReply Ask(const std::string& request) {
    WireReply reply;
    for (int tries = 0; tries < 100'000 && (tries == 0 || reply.status == 503); ++tries) {
      WireClient client(server_.port());
      reply = client.Ask(request);
    }
    return reply;
  }

  Notes log_;  // before the server, whose threads use it
  Notes handled_;
  Server server_{
      {.address = "127.0.0.1",
       .port = 0,
       .threads = 2,
       .limits =
           [] {
             Limits limits;
             limits.request_body_bytes_max = 100;
             limits.large_bodies_max = 1;
             return limits;
           }(),
       .log = [this](std::string line) { log_.Add(std::move(line)); }},
      [this](Executor& executor) { return std::make_unique<GrantingHandler>(handled_, executor); }};
};

TEST_F(HttpGrantedBody, IsTakenWhereTheHandlerAllowsIt) {
  EXPECT_EQ(Ask(Whole("/large", 1000)).body, "1000");
  EXPECT_EQ(Ask(Chunked("/large", 1000)).body, "1000");
  for (const std::string& request : {Whole("/large", 1001), Chunked("/large", 1001)}) {
    const WireReply reply = Ask(request);
    EXPECT_EQ(reply.status, 413);
    EXPECT_EQ(reply.body, "more than 1,000 bytes in the request body\n");
  }
  for (const std::string& request : {Whole("/small", 101), Chunked("/small", 101)}) {
    const WireReply reply = Ask(request);
    EXPECT_EQ(reply.status, 413);
    EXPECT_EQ(reply.body, "more than 100 bytes in the request body\n");
  }
  EXPECT_EQ(log_.size(), 0U);
}

TEST_F(HttpGrantedBody, TheHandlerIsAskedOnlyIfTheBodyMayBeLarge) {
  EXPECT_EQ(Ask(Whole("/large", 100)).body, "100");
  EXPECT_EQ(Ask("POST /large HTTP/1.1\r\nHost: x\r\n\r\n").body, "0");
  EXPECT_EQ(handled_.size(), 0U);
  EXPECT_EQ(Ask(Chunked("/small", 100)).body, "100");
  EXPECT_EQ(Ask(Whole("/small", 101)).status, 413);
  EXPECT_EQ(handled_.size(), 2U);
}

TEST_F(HttpGrantedBody, AHandlerThatThrowsAllowsTheUsual) {
  EXPECT_EQ(Ask(Chunked("/throws", 100)).body, "100");
  EXPECT_EQ(Ask(Chunked("/throws", 101)).status, 413);
  EXPECT_TRUE(log_.Has("no limit", 2));
}

TEST_F(HttpGrantedBody, OnlyAFewAreTakenAtATime) {
  WireClient first(server_.port());
  EXPECT_TRUE(first.Send(Whole("/large?hold", 500)));
  ASSERT_TRUE(handled_.Await("held"));
  WireClient small(server_.port());
  EXPECT_TRUE(small.Send(Chunked("/large?hold", 100)));
  ASSERT_TRUE(handled_.Await("held", 2)) << "small ones need no place";
  for (const std::string& request : {Head("/large", 500), Chunked("/large", 101)}) {
    WireClient second(server_.port());
    const WireReply refused = second.Ask(request);
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.body, "more than 1 large requests at a time; try again later\n");
    EXPECT_TRUE(refused.Has("Retry-After: "));
    EXPECT_TRUE(refused.Has("Connection: close\r\n"));
    EXPECT_EQ(second.AwaitEnd(), WireClient::End::kOrderly);
  }
  EXPECT_EQ(Ask(Whole("/large", 100)).body, "100") << "small ones need no place";
}

TEST_F(HttpGrantedBody, ASlowReaderOfTheAnswerKeepsNoPlace) {
  for (const std::string target : {"/large?long", "/large?long-later"}) {
    WireClient slow(server_.port());
    EXPECT_TRUE(slow.Send(Whole(target, 500)));
    ASSERT_TRUE(slow.IsReadableWithin(std::chrono::minutes(1))) << "it is being answered";
    EXPECT_EQ(Ask(Whole("/large", 500)).body, "500");
  }
}

TEST_F(HttpGrantedBody, ThePlaceIsFreeAgainAfterwards) {
  WireClient keeps(server_.port());
  EXPECT_EQ(keeps.Ask(Whole("/large", 500)).body, "500");
  EXPECT_EQ(keeps.Ask(Whole("/small", 10)).body, "10");
  EXPECT_EQ(Ask(Whole("/large", 500)).body, "500") << "after the answer";
  EXPECT_EQ(Ask(Whole("/large", 1001)).status, 413);
  EXPECT_EQ(Ask(Whole("/large", 500)).body, "500") << "after a refusal";
  WireClient leaves(server_.port());
  const std::size_t asked = handled_.size();
  EXPECT_TRUE(leaves.Send(Head("/large", 500) + "cc"));
  ASSERT_TRUE(handled_.Await("asked", asked + 1));
  leaves.Abort();
  EXPECT_EQ(Ask(Whole("/large", 500)).body, "500") << "after a client that left";
}

}  // namespace
}  // namespace coupond::http
