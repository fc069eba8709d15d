#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "rpc/http/running_server.h"
#include "rpc/http/wire_client.h"

namespace coupond::http {
namespace {

TEST(HttpServer, ServesFiftyConnectionsOnTwoWorkers) {
  constexpr int kConnections = 50;
  constexpr int kRequests = 100;
  std::mutex mutex;
  std::set<std::thread::id> threads;
  RunningServer server(
      [&](const Request& request, std::shared_ptr<Exchange> exchange, Executor& worker) {
        {
          const std::lock_guard lock(mutex);
          threads.insert(std::this_thread::get_id());
        }
        // Half of the responses come later, from a task.
        if (request.query == "later") {
          worker.Post(
              [exchange, body = std::string(request.body)] { exchange->Respond(Text(body)); });
        } else {
          exchange->Respond(Text(std::string(request.body)));
        }
      },
      {}, 2);

  std::atomic<int> right = 0;
  std::vector<std::thread> clients;
  for (int connection = 0; connection < kConnections; ++connection) {
    clients.emplace_back([&, connection] {
      WireClient client(server.port());
      for (int i = 0; i < kRequests; ++i) {
        const std::string body = std::to_string(connection) + "/" + std::to_string(i);
        const WireReply reply =
            client.Ask(std::string("POST /?") + (i % 2 == 0 ? "later" : "now") +
                       " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
                       "\r\n\r\n" + body);
        if (reply.status == 200 && reply.body == body) ++right;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(right, kConnections * kRequests);
  EXPECT_EQ(threads.size(), 2U);
}

TEST(HttpServer, DestroysEachHandlerOnItsWorkersThread) {
  struct Noting final : Handler {
    explicit Noting(Notes& notes_to_use) : notes(notes_to_use) {}
    ~Noting() override {
      notes.Add(std::this_thread::get_id() == creator ? "on the wrong thread" : "destroyed");
    }
    void Handle(const Request&, std::shared_ptr<Exchange>) override {}
    Notes& notes;
    std::thread::id creator = std::this_thread::get_id();
  };
  Notes notes;
  std::set<Executor*> executors;
  {
    Server server({.address = "127.0.0.1", .port = 0, .threads = 3, .limits = {}, .log = {}},
                  [&](Executor& executor) {
                    executors.insert(&executor);
                    return std::make_unique<Noting>(notes);
                  });
    ASSERT_TRUE(server.Start().has_value());
  }
  EXPECT_EQ(executors.size(), 3U);
  EXPECT_TRUE(notes.Await("destroyed", 3));
}

}  // namespace
}  // namespace coupond::http
