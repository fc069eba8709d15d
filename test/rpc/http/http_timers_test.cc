// Timers on a real worker.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "rpc/http/running_server.h"
#include "rpc/http/wire_client.h"

namespace coupond::http {
namespace {

using std::chrono::milliseconds;

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(HttpTimers, FireOnTheWorkersThreadAndNotEarly) {
  constexpr milliseconds kDelay{20};
  std::thread::id worker_thread;
  std::unique_ptr<Timer> timer;
  RunningServer server([&](const Request&, std::shared_ptr<Exchange> exchange, Executor& worker) {
    worker_thread = std::this_thread::get_id();
    const auto started = std::chrono::steady_clock::now();
    timer = worker.StartTimer(kDelay, [&, exchange = std::move(exchange), started] {
      const bool here = std::this_thread::get_id() == worker_thread;
      const bool early = std::chrono::steady_clock::now() - started < kDelay;
      exchange->Respond(Text(!here ? "elsewhere" : early ? "early" : "on time"));
      timer.reset();
    });
  });
  WireClient client(server.port());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Ask(kGet).body, "on time");
}

TEST(HttpTimers, FireInOrderUnlessCancelled) {
  std::vector<std::unique_ptr<Timer>> timers;
  std::string went_off;
  RunningServer server([&](const Request&, std::shared_ptr<Exchange> exchange, Executor& worker) {
    const auto start = [&](int ms, char name) {
      timers.push_back(
          worker.StartTimer(milliseconds(ms), [&, name] { went_off.push_back(name); }));
    };
    // Far apart, so that the last is due first also if the machine stands still in between.
    start(300, 'c');
    start(200, 'b');
    start(10, 'a');
    timers.erase(timers.begin() + 1);
    timers.push_back(worker.StartTimer(milliseconds(301), [&, exchange = std::move(exchange)] {
      exchange->Respond(Text(std::exchange(went_off, {})));
      timers.clear();
    }));
  });
  WireClient client(server.port());
  EXPECT_EQ(client.Ask(kGet).body, "ac");
  EXPECT_EQ(client.Ask(kGet).body, "ac");
}

TEST(HttpTimers, DoNotKeepAWorkerRunning) {
  std::vector<std::unique_ptr<Timer>> timers;
  const auto held_by_task = std::make_shared<int>();
  {
    RunningServer server([&](const Request&, const auto& exchange, Executor& worker) {
      timers.push_back(worker.StartTimer(std::chrono::hours(1),
                                         [held_by_task] { ADD_FAILURE() << "went off"; }));
      exchange->Respond(Text("started"));
    });
    WireClient client(server.port());
    EXPECT_EQ(client.Ask(kGet).body, "started");
    server.server().BeginStop();
    const auto before = std::chrono::steady_clock::now();
    server.server().Join(before + std::chrono::minutes(4));
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::minutes(2));
    EXPECT_EQ(held_by_task.use_count(), 1) << "the task went with the worker";
  }
  timers.clear();
}

}  // namespace
}  // namespace coupond::http
