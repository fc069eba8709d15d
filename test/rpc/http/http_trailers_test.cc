// Fields after a body, over a real socket: sent only to clients that accept them.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "rpc/http/running_server.h"
#include "rpc/http/wire_client.h"

namespace coupond::http {
namespace {

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n";
const std::string kAccepting = kGet + "TE: gzip;q=0.5, Trailers\r\n\r\n";

Response WithTrailers(std::string body) {
  Response response = Text(std::move(body));
  response.trailers = {{"X-Count", ""}, {"X-Sum", "abc"}};
  return response;
}

/// Delivers "ab", "c" and the end, then the trailers that the function sets.
class CountingSource final : public BodySource {
 public:
  using Finish = std::function<void(FieldList&)>;
  explicit CountingSource(Finish finish) : finish_(std::move(finish)) {}

  void Next(Deliver deliver) override {
    ++asked_;
    deliver(asked_ < 2 ? Progress::kMore : Progress::kEnd, asked_ == 1 ? "ab" : "c");
  }
  void FinishTrailers(FieldList& trailers) override { finish_(trailers); }

 private:
  const Finish finish_;
  int asked_ = 0;
};

void SetCount(FieldList& trailers) { trailers.front().second = "3"; }

HandleFunction AnswerInPieces(const CountingSource::Finish& finish) {
  return [finish](const Request&, const std::shared_ptr<Exchange>& exchange, Executor&) {
    exchange->RespondInPieces(WithTrailers(""), std::make_unique<CountingSource>(finish));
  };
}

void AnswerWhole(const Request& /*request*/, const std::shared_ptr<Exchange>& exchange,
                 Executor& /*worker*/) {
  exchange->Respond(WithTrailers("body"));
}

TEST(HttpTrailers, FollowTheBodyAndAreAnnounced) {
  RunningServer server(AnswerWhole);
  WireClient client(server.port());
  for (int i = 0; i < 2; ++i) {
    const WireReply reply = client.Ask(kAccepting);
    EXPECT_TRUE(reply.whole);
    EXPECT_TRUE(reply.Has("Trailer: X-Count, X-Sum\r\n")) << reply.head;
    EXPECT_TRUE(reply.Has("Transfer-Encoding: chunked\r\n"));
    EXPECT_FALSE(reply.Has("Content-Length"));
    EXPECT_EQ(reply.body, "body");
    EXPECT_EQ(reply.trailers, "X-Count: \r\nX-Sum: abc\r\n");
  }
}

TEST(HttpTrailers, AreSentOnlyIfAccepted) {
  RunningServer server(AnswerWhole);
  for (const char* te : {"", "TE: gzip\r\n", "TE: xtrailers\r\n", "X-TE: trailers\r\n"}) {
    WireClient client(server.port());
    const WireReply reply = client.Ask(kGet + te + "\r\n");
    EXPECT_TRUE(reply.Has("Content-Length: 4\r\n")) << te;
    EXPECT_FALSE(reply.Has("Trailer")) << te;
    EXPECT_EQ(reply.body, "body");
  }
  WireClient old(server.port());
  const WireReply reply = old.Ask("GET / HTTP/1.0\r\nTE: trailers\r\n\r\n");
  EXPECT_TRUE(reply.Has("Content-Length: 4\r\n"));
  EXPECT_FALSE(reply.Has("Trailer"));
}

TEST(HttpTrailers, OfAHeadAreOnlyAnnounced) {
  RunningServer server(AnswerWhole);
  WireClient client(server.port());
  client.Send("HEAD / HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n\r\n");
  EXPECT_TRUE(client.Receive(true).Has("Trailer: X-Count, X-Sum\r\n"));
  EXPECT_EQ(client.Ask(kGet + "\r\n").body, "body");
}

TEST(HttpTrailers, OfABodyInPiecesAreSetAtItsEnd) {
  RunningServer server(AnswerInPieces(SetCount));
  WireClient client(server.port());
  for (int i = 0; i < 2; ++i) {
    const WireReply reply = client.Ask(kAccepting);
    EXPECT_TRUE(reply.Has("Trailer: X-Count, X-Sum\r\n"));
    EXPECT_EQ(reply.body, "abc");
    EXPECT_EQ(reply.trailers, "X-Count: 3\r\nX-Sum: abc\r\n");
    EXPECT_EQ(client.Ask(kGet + "\r\n").trailers, "") << "not asked for";
  }
}

TEST(HttpTrailers, ThatCannotBeSentCutTheBody) {
  const CountingSource::Finish splits = [](FieldList& trailers) {
    trailers.front().second = "3\r\nSet-Cookie: a=b";
  };
  const CountingSource::Finish throws = [](FieldList&) { throw std::runtime_error("no count"); };
  for (const auto& [finish, logged] :
       {std::pair(splits, "cannot be sent"), std::pair(throws, "no count")}) {
    RunningServer server(AnswerInPieces(finish));
    WireClient client(server.port());
    EXPECT_FALSE(client.Ask(kAccepting).whole);
    EXPECT_TRUE(server.log().Await(logged));
  }
}

TEST(HttpTrailers, ThatMustPrecedeTheBodyAreRefused) {
  RunningServer server([](const Request&, const std::shared_ptr<Exchange>& exchange, Executor&) {
    Response response = Text("body");
    response.trailers = {{"Content-Type", "a/b"}};
    exchange->Respond(std::move(response));
  });
  WireClient client(server.port());
  EXPECT_EQ(client.Ask(kAccepting).status, 500);
  EXPECT_TRUE(server.log().Await("cannot be sent"));
}

}  // namespace
}  // namespace coupond::http
