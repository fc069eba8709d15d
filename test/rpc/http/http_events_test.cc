// Responses whose pieces come as things happen, over real sockets.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "rpc/http/running_server.h"
#include "rpc/http/wire_client.h"

namespace coupond::http {
namespace {

using Progress = BodySource::Progress;

const std::string kGetEvents = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kGetAfter = "GET /after HTTP/1.1\r\nHost: x\r\n\r\n";

std::chrono::steady_clock::time_point FarAway() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(60);
}

/// Delivers pieces when the test says so. Worker's thread only.
class EventSource final : public BodySource {
 public:
  EventSource(std::set<EventSource*>& all, Notes& notes) : all_(all), notes_(notes) {
    all_.insert(this);
  }
  ~EventSource() override {
    all_.erase(this);
    notes_.Add("source destroyed");
  }
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;

  void Next(Deliver deliver) override {
    deliver_ = std::move(deliver);
    notes_.Add("asked");
    if (stopping_) Say(Progress::kEnd, "bye");
  }
  [[nodiscard]] bool waits_for_events() const override { return true; }
  void OnServerStopping() override {
    notes_.Add("told to stop");
    stopping_ = true;
    Say(Progress::kEnd, "bye");
  }
  /// Does nothing if no piece was asked for.
  void Say(Progress progress, std::string piece) {
    if (auto deliver = std::exchange(deliver_, nullptr)) deliver(progress, std::move(piece));
  }

 private:
  std::set<EventSource*>& all_;
  Notes& notes_;
  Deliver deliver_;
  bool stopping_ = false;
};

/// A server with one worker. It answers /events from an EventSource after a head of "[", and echoes
/// every other request.
class HttpEventsTest : public testing::Test {
 protected:
  void SayToAll(Progress progress, const std::string& piece) {
    worker_.load()->Post([this, progress, piece] {
      const auto all = sources_;
      for (EventSource* source : all) source->Say(progress, piece);
    });
  }
  /// Returns a client whose source has been asked for its first piece.
  WireClient Listen() {
    WireClient client(server_.port());
    client.Send(kGetEvents);
    EXPECT_TRUE(notes_.Await("asked", ++listeners_));
    return client;
  }
  /// Returns when the worker has handled everything that has reached its sockets so far.
  void LetTheWorkerLook() {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(witness_.Ask(kGetAfter).status, 200);
  }
  [[nodiscard]] bool AwaitDestroyed(std::size_t times = 1) {
    return notes_.Await("source destroyed", times);
  }

  Notes notes_;
  std::set<EventSource*> sources_;
  std::atomic<Executor*> worker_ = nullptr;
  std::size_t listeners_ = 0;
  RunningServer server_{
      [this](const Request& request, const std::shared_ptr<Exchange>& exchange, Executor& worker) {
        worker_ = &worker;
        if (request.path != "/events") return Echo(request, exchange, worker);
        exchange->RespondInPieces(Text("["), std::make_unique<EventSource>(sources_, notes_));
      }};
  WireClient witness_{server_.port()};
};

TEST_F(HttpEventsTest, PiecesArriveAsTheyAreDelivered) {
  WireClient client = Listen();
  SayToAll(Progress::kMore, "one;");
  ASSERT_TRUE(notes_.Await("asked", 2));
  SayToAll(Progress::kMore, "two;");
  ASSERT_TRUE(notes_.Await("asked", 3));
  SayToAll(Progress::kEnd, "end");
  const WireReply reply = client.Receive();
  EXPECT_TRUE(reply.whole);
  EXPECT_EQ(reply.body, "[one;two;end");
  EXPECT_TRUE(AwaitDestroyed());
  EXPECT_EQ(client.Ask(kGetAfter).status, 200);
}

TEST_F(HttpEventsTest, AClosingClientIsNoticedWithoutAWrite) {
  {
    const WireClient closes = Listen();
  }
  EXPECT_TRUE(AwaitDestroyed(1));
  Listen().Abort();
  EXPECT_TRUE(AwaitDestroyed(2));
}

TEST_F(HttpEventsTest, AHalfCloseCountsAsLeaving) {
  WireClient client = Listen();
  client.HalfClose();
  EXPECT_TRUE(AwaitDestroyed());
  EXPECT_FALSE(client.Receive().whole);
}

TEST_F(HttpEventsTest, AnEarlyNextRequestIsServedAfterTheEnd) {
  WireClient client = Listen();
  client.Send(kGetAfter);
  LetTheWorkerLook();
  SayToAll(Progress::kMore, "one;");
  ASSERT_TRUE(notes_.Await("asked", 2)) << "the answer goes on";
  SayToAll(Progress::kEnd, "end");
  EXPECT_EQ(client.Receive().body, "[one;end");
  EXPECT_EQ(client.Receive().body, "GET /after? ");
}

TEST_F(HttpEventsTest, TheNextRequestMayArriveWithTheFirst) {
  WireClient client(server_.port());
  client.Send(kGetEvents + kGetEvents + kGetAfter);
  for (std::size_t i = 1; i <= 2; ++i) {
    ASSERT_TRUE(notes_.Await("asked", i));
    SayToAll(Progress::kEnd, "end");
    EXPECT_EQ(client.Receive().body, "[end");
  }
  EXPECT_EQ(client.Receive().body, "GET /after? ");
}

// The close follows bytes that are not read before the body's end, which may never come.
TEST_F(HttpEventsTest, LeavingAfterTheNextRequestIsNoticed) {
  {
    WireClient closes = Listen();
    closes.Send(kGetAfter);
    LetTheWorkerLook();
  }
  EXPECT_TRUE(AwaitDestroyed(1));
  {
    WireClient aborts = Listen();
    aborts.Send(kGetAfter);
    LetTheWorkerLook();
    aborts.Abort();
  }
  EXPECT_TRUE(AwaitDestroyed(2));
  WireClient half_closes = Listen();
  half_closes.Send(kGetAfter);
  LetTheWorkerLook();
  half_closes.HalfClose();
  EXPECT_TRUE(AwaitDestroyed(3));
}

TEST_F(HttpEventsTest, AConnectionIsWatchedForEachResponse) {
  WireClient client = Listen();
  for (int i = 0; i < 3; ++i) {
    SayToAll(Progress::kEnd, "end");
    EXPECT_EQ(client.Receive().body, "[end");
    EXPECT_EQ(client.Ask(kGetAfter).status, 200);
    client.Send(kGetEvents);
    ASSERT_TRUE(notes_.Await("asked", ++listeners_));
  }
  ASSERT_TRUE(AwaitDestroyed(3));
  client.HalfClose();
  EXPECT_TRUE(AwaitDestroyed(4));
}

TEST_F(HttpEventsTest, AStoppingServerAsksTheSourceToEnd) {
  WireClient client = Listen();
  server_.server().BeginStop();
  const WireReply reply = client.Receive();
  EXPECT_TRUE(reply.whole);
  EXPECT_EQ(reply.body, "[bye");
  EXPECT_EQ(client.AwaitEnd(), WireClient::End::kOrderly);
  client.HalfClose();
  server_.server().Join(FarAway());
  EXPECT_TRUE(AwaitDestroyed());
}

TEST_F(HttpEventsTest, AResponseBegunWhileStoppingIsAskedToEnd) {
  HeldExchanges held;
  RunningServer server(held.Holder());
  WireClient client(server.port());
  client.Send(kGetEvents);
  ASSERT_TRUE(held.Await(1));
  server.server().BeginStop();
  held.AnswerAllWith([this](Exchange& exchange) {
    exchange.RespondInPieces(Text("["), std::make_unique<EventSource>(sources_, notes_));
  });
  EXPECT_EQ(client.Receive().body, "[bye");
  client.HalfClose();
  server.server().Join(FarAway());
}

TEST_F(HttpEventsTest, APieceInFlightIsWrittenBeforeTheEnd) {
  const std::string large(20'000'000, 'p');
  WireClient client = Listen();
  SayToAll(Progress::kMore, large);
  LetTheWorkerLook();
  server_.server().BeginStop();
  ASSERT_TRUE(notes_.Await("told to stop"));
  const WireReply reply = client.Receive();
  EXPECT_TRUE(reply.whole);
  EXPECT_TRUE(reply.body == "[" + large + "bye") << reply.body.size();
}

TEST_F(HttpEventsTest, ASourceWaitsForASlowReader) {
  WireClient client = Listen();
  SayToAll(Progress::kMore, std::string(20'000'000, 's'));  // more than the buffers in between
  for (int i = 0; i < 10; ++i) LetTheWorkerLook();
  EXPECT_FALSE(notes_.Has("asked", 2));
  std::thread reader([&client] { EXPECT_EQ(client.Receive().body.size(), 20'000'004U); });
  EXPECT_TRUE(notes_.Await("asked", 2));
  SayToAll(Progress::kEnd, "end");
  reader.join();
}

/// Raises the limit of file descriptors to `count`. Returns false if the system does not allow it.
bool AllowDescriptors(rlim_t count) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= count) return true;
  if (limit.rlim_max < count) return false;
  limit.rlim_cur = count;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

TEST_F(HttpEventsTest, AThousandSourcesEndWhenTheirClientsLeave) {
  constexpr std::size_t kClients = 1'000;
  if (!AllowDescriptors(2 * kClients + 200)) GTEST_SKIP() << "too few file descriptors";
  {
    std::vector<WireClient> clients;
    clients.reserve(kClients);
    for (std::size_t i = 0; i < kClients; ++i) clients.push_back(Listen());
    // Some close in order, some reset, and some have sent another request.
    for (std::size_t i = 0; i < kClients; i += 3) clients[i].HalfClose();
    for (std::size_t i = 1; i < kClients; i += 3) clients[i].Send(kGetAfter);
  }
  EXPECT_TRUE(AwaitDestroyed(kClients));
  WireClient next = Listen();
  SayToAll(Progress::kEnd, "end");
  EXPECT_EQ(next.Receive().body, "[end");
}

}  // namespace
}  // namespace coupond::http
