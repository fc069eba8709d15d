#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "rpc/http/running_server.h"
#include "rpc/http/wire_client.h"

namespace coupond::http {
namespace {

using Progress = BodySource::Progress;

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kGet10 = "GET / HTTP/1.0\r\n\r\n";

/// Calls a function for each piece, and reports its own destruction.
class FunctionSource final : public BodySource {
 public:
  using NextFunction = std::function<void(int number, Deliver deliver)>;
  FunctionSource(NextFunction next, Notes& notes) : next_(std::move(next)), notes_(notes) {}
  ~FunctionSource() override { notes_.Add("source destroyed"); }
  void Next(Deliver deliver) override { next_(number_++, std::move(deliver)); }

 private:
  NextFunction next_;
  Notes& notes_;
  int number_ = 0;
};

/// A server that answers every request in pieces from a FunctionSource, after a head of "[".
class PiecesServer {
 public:
  explicit PiecesServer(std::function<void(int, BodySource::Deliver, Executor&)> next,
                        Limits limits = {})
      : server_(
            [this, next = std::move(next)](const Request&, auto exchange, Executor& worker) {
              exchange->RespondInPieces(
                  Text("["), std::make_unique<FunctionSource>(
                                 [next, &worker](int number, BodySource::Deliver deliver) {
                                   next(number, std::move(deliver), worker);
                                 },
                                 notes_));
            },
            limits) {}

  [[nodiscard]] WireClient Connect() const { return WireClient(server_.port()); }
  [[nodiscard]] bool AwaitSourceDestroyed(std::size_t times = 1) {
    return notes_.Await("source destroyed", times);
  }
  [[nodiscard]] Notes& log() { return server_.log(); }

 private:
  Notes notes_;
  RunningServer server_;
};

TEST(HttpPieces, ArriveAsOneChunkedBody) {
  PiecesServer server([](int number, auto deliver, Executor&) {
    deliver(number < 3 ? Progress::kMore : Progress::kEnd, std::to_string(number) + ";");
  });
  WireClient client = server.Connect();
  for (int i = 0; i < 3; ++i) {
    const WireReply reply = client.Ask(kGet);
    EXPECT_TRUE(reply.Has("Transfer-Encoding: chunked\r\n"));
    EXPECT_FALSE(reply.Has("Content-Length"));
    EXPECT_TRUE(reply.whole);
    EXPECT_EQ(reply.body, "[0;1;2;3;");
  }
  EXPECT_TRUE(server.AwaitSourceDestroyed(3));
}

TEST(HttpPieces, MayComeLater) {
  PiecesServer server([](int number, auto deliver, Executor& worker) {
    worker.Post([number, deliver = std::move(deliver)]() mutable {
      deliver(number < 100 ? Progress::kMore : Progress::kEnd, "x");
    });
  });
  WireClient client = server.Connect();
  client.Send(kGet + kGet);
  EXPECT_EQ(client.Receive().body, "[" + std::string(101, 'x'));
  EXPECT_EQ(client.Receive().body, "[" + std::string(101, 'x'));
}

TEST(HttpPieces, MayBeEmptyWithoutEndingTheBody) {
  PiecesServer server([](int number, auto deliver, Executor&) {
    deliver(number < 1'000'000 ? Progress::kMore : Progress::kEnd, number == 7 ? "seven" : "");
  });
  WireClient client = server.Connect();
  const WireReply reply = client.Ask(kGet);
  EXPECT_TRUE(reply.whole);
  EXPECT_EQ(reply.body, "[seven");
}

// A client that reads nothing stalls the source: with 100 MB to send and a few MB of buffers, most
// pieces are never asked for. The write deadline ends the connection.
TEST(HttpPieces, AreRequestedAfterTheLastIsWritten) {
  std::atomic<int> asked = 0;
  Limits limits;
  limits.write_timeout = std::chrono::milliseconds(200);
  PiecesServer server(
      [&asked](int number, auto deliver, Executor&) {
        asked = number + 1;
        deliver(number < 99 ? Progress::kMore : Progress::kEnd, std::string(1'000'000, 'p'));
      },
      limits);
  WireClient client = server.Connect();
  client.Send(kGet);
  EXPECT_TRUE(server.AwaitSourceDestroyed());
  EXPECT_GE(asked, 1);
  EXPECT_LT(asked, 50);
  EXPECT_FALSE(client.Receive().whole);
}

TEST(HttpPieces, AreCompleteForAClientThatReads) {
  PiecesServer server([](int number, auto deliver, Executor&) {
    deliver(number < 99 ? Progress::kMore : Progress::kEnd,
            std::string(1'000'000, static_cast<char>('a' + number % 26)));
  });
  WireClient client = server.Connect();
  const WireReply reply = client.Ask(kGet);
  EXPECT_TRUE(reply.whole);
  ASSERT_EQ(reply.body.size(), 100'000'001U);
  EXPECT_EQ(reply.body[1], 'a');
  EXPECT_EQ(reply.body.back(), static_cast<char>('a' + 99 % 26));
}

TEST(HttpPieces, EndWithTheConnectionOnFailure) {
  PiecesServer server([](int number, auto deliver, Executor&) {
    deliver(number < 2 ? Progress::kMore : Progress::kFailed, "x");
  });
  WireClient client = server.Connect();
  const WireReply reply = client.Ask(kGet);
  EXPECT_EQ(reply.status, 200);
  EXPECT_FALSE(reply.whole);
  EXPECT_TRUE(server.AwaitSourceDestroyed());

  // Without chunks, only a reset tells the client that the body is incomplete.
  WireClient old = server.Connect();
  EXPECT_FALSE(old.Ask(kGet10).whole);
}

TEST(HttpPieces, FailWhenTheSourceThrowsOrDropsItsTurn) {
  PiecesServer throwing([](int, auto, Executor&) { throw std::runtime_error("no more"); });
  EXPECT_FALSE(throwing.Connect().Ask(kGet).whole);
  EXPECT_TRUE(throwing.AwaitSourceDestroyed());
  EXPECT_TRUE(throwing.log().Await("a body source threw: no more"));

  PiecesServer forgetful([](int, auto, Executor&) {});
  EXPECT_FALSE(forgetful.Connect().Ask(kGet).whole);
  EXPECT_TRUE(forgetful.AwaitSourceDestroyed());

  PiecesServer elsewhere(
      [](int, auto deliver, Executor&) { std::thread([dropped = std::move(deliver)] {}).join(); });
  EXPECT_FALSE(elsewhere.Connect().Ask(kGet).whole);
  EXPECT_TRUE(elsewhere.AwaitSourceDestroyed());
}

TEST(HttpPieces, StopWhenTheClientGoesAway) {
  PiecesServer server([](int, auto deliver, Executor&) {
    deliver(Progress::kMore, std::string(100'000, 'e'));  // without end
  });
  {
    WireClient closes = server.Connect();
    closes.Send(kGet);
  }
  EXPECT_TRUE(server.AwaitSourceDestroyed(1));
  WireClient aborts = server.Connect();
  aborts.Send(kGet);
  aborts.Abort();
  EXPECT_TRUE(server.AwaitSourceDestroyed(2));
}

TEST(HttpPieces, DeliveredAfterTheClientLeftAreIgnored) {
  std::mutex mutex;
  std::vector<BodySource::Deliver> held;
  Executor* executor = nullptr;
  Notes notes;
  PiecesServer server([&](int number, auto deliver, Executor& worker) {
    if (number == 0) return deliver(Progress::kMore, std::string(20'000'000, 'l'));
    const std::lock_guard lock(mutex);
    held.push_back(std::move(deliver));
    executor = &worker;
    notes.Add("asked again");
  });
  WireClient client = server.Connect();
  client.Send(kGet);
  std::thread reader([&client] {
    // Reads until the end, which comes when the client closes.
    EXPECT_FALSE(client.Receive().whole);
  });
  ASSERT_TRUE(notes.Await("asked again"));
  const std::lock_guard lock(mutex);
  executor->Post([&notes, deliver = std::move(held.front())]() mutable {
    deliver(Progress::kFailed, "");
    deliver(Progress::kMore, "again");  // and a second time: ignored
    notes.Add("delivered");
  });
  EXPECT_TRUE(notes.Await("delivered"));
  reader.join();
  EXPECT_TRUE(server.AwaitSourceDestroyed());
}

TEST(HttpPieces, EndWithTheConnectionForHttp10) {
  PiecesServer server([](int number, auto deliver, Executor&) {
    deliver(number < 3 ? Progress::kMore : Progress::kEnd, std::to_string(number));
  });
  WireClient client = server.Connect();
  const WireReply reply = client.Ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_FALSE(reply.Has("Transfer-Encoding"));
  EXPECT_TRUE(reply.Has("Connection: close\r\n"));
  EXPECT_TRUE(reply.whole);
  EXPECT_EQ(reply.body, "[0123");
}

TEST(HttpPieces, CutOffByATimeoutDoNotLookWholeInHttp10) {
  Limits limits;
  limits.write_timeout = std::chrono::milliseconds(50);
  PiecesServer server(
      [](int, auto deliver, Executor&) { deliver(Progress::kMore, std::string(64 * 1'024, 'x')); },
      limits);
  WireClient client = server.Connect();
  client.Send(kGet10);
  EXPECT_TRUE(server.AwaitSourceDestroyed());
  EXPECT_EQ(client.AwaitEnd(), WireClient::End::kReset);
}

TEST(HttpPieces, AreNotAskedForByHead) {
  PiecesServer server([](int, auto, Executor&) { ADD_FAILURE() << "asked for a piece"; });
  WireClient client = server.Connect();
  for (int i = 0; i < 2; ++i) {
    client.Send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(client.Receive(true).Has("Transfer-Encoding: chunked\r\n"));
  }
  EXPECT_TRUE(server.AwaitSourceDestroyed(2));
}

}  // namespace
}  // namespace coupond::http
