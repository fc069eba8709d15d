#include "rpc/http/event_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace coupond::http {
namespace {

using Clock = EventLoop::Clock;
using std::chrono::milliseconds;

/// A watched eventfd, which counts the reports about it.
class Flag final : public EventLoop::Watcher {
 public:
  explicit Flag(EventLoop& loop) : loop_(loop) { EXPECT_TRUE(loop_.Watch(file_.number(), *this)); }
  ~Flag() { loop_.Forget(*this); }
  Flag(const Flag&) = delete;
  Flag& operator=(const Flag&) = delete;

  void Raise() const {
    const std::uint64_t one = 1;
    EXPECT_EQ(::write(file_.number(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
  }
  void OnReady(EventLoop::Readiness ready) override {
    ++calls;
    readable += ready.readable;
    if (on_ready) on_ready();
  }

  int calls = 0;
  int readable = 0;
  std::function<void()> on_ready = {};

 private:
  EventLoop& loop_;
  const FileDescriptor file_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
};

class EventLoopTest : public testing::Test {
 protected:
  void TurnAtOnce() { loop_.Turn(Clock::now()); }

  EventLoop loop_;
};

TEST_F(EventLoopTest, EachChangeIsReportedOnce) {
  Flag flag(loop_);
  TurnAtOnce();
  EXPECT_EQ(flag.calls, 1) << "it is writable";
  TurnAtOnce();
  EXPECT_EQ(flag.calls, 1);
  flag.Raise();
  TurnAtOnce();
  TurnAtOnce();
  EXPECT_EQ(flag.calls, 2);
  EXPECT_EQ(flag.readable, 1);
  flag.Raise();
  TurnAtOnce();
  EXPECT_EQ(flag.readable, 2) << "a new change, though nothing was read";
}

TEST_F(EventLoopTest, TheNextTurnCallsAResumedWatcherAtOnce) {
  Flag flag(loop_);
  TurnAtOnce();
  flag.on_ready = [&] {
    if (flag.calls < 4) loop_.Resume(flag);
  };
  loop_.Resume(flag);
  for (int turn = 2; turn <= 4; ++turn) {
    loop_.Turn(Clock::time_point::max());  // would hang if it waited
    EXPECT_EQ(flag.calls, turn);
  }
  TurnAtOnce();
  EXPECT_EQ(flag.calls, 4);
}

TEST_F(EventLoopTest, AForgottenWatcherIsCalledNoMore) {
  Flag first(loop_);
  Flag second(loop_);
  TurnAtOnce();
  // Whichever is called first, the other must not be called after it.
  const auto forget_both = [&] {
    loop_.Forget(first);
    loop_.Forget(second);
  };
  first.on_ready = second.on_ready = forget_both;
  first.Raise();
  second.Raise();
  TurnAtOnce();
  EXPECT_EQ(first.calls + second.calls, 3);
  loop_.Resume(first);
  loop_.Forget(first);
  TurnAtOnce();
  EXPECT_EQ(first.calls + second.calls, 3);
}

TEST_F(EventLoopTest, CallsNoMoreWatchersInATurnThanAsked) {
  Flag first(loop_);
  Flag second(loop_);
  loop_.Turn(Clock::now(), 1);
  EXPECT_EQ(first.calls + second.calls, 1);
  loop_.Turn(Clock::now(), 1);
  EXPECT_EQ(first.calls + second.calls, 2) << "the other is not forgotten";
}

TEST_F(EventLoopTest, AnExceptionLeavesTheOthersForTheNextTurn) {
  Flag first(loop_);
  Flag second(loop_);
  TurnAtOnce();
  const auto fail = [] { throw std::runtime_error("broken watcher"); };
  first.on_ready = second.on_ready = fail;
  first.Raise();
  second.Raise();
  EXPECT_THROW(TurnAtOnce(), std::runtime_error);
  EXPECT_THROW(TurnAtOnce(), std::runtime_error);
  EXPECT_EQ(first.readable + second.readable, 2);
  TurnAtOnce();
}

TEST_F(EventLoopTest, WaitsUntilTheGivenTimeAndNoLess) {
  const auto until = Clock::now() + milliseconds(20);
  while (Clock::now() < until) loop_.Turn(until);
  const auto before = Clock::now();
  loop_.Turn(before + milliseconds(5));
  EXPECT_GE(Clock::now(), before + milliseconds(5));
}

TEST_F(EventLoopTest, AWakeBeforeTheTurnEndsIt) {
  loop_.Wake();
  loop_.Turn(Clock::time_point::max());  // would hang if the wake were lost
}

TEST_F(EventLoopTest, NoWakeIsLostWhereverItFalls) {
  constexpr int kWakes = 20'000;
  std::atomic<int> asked = 0;
  std::atomic<int> seen = 0;
  std::thread waker([&] {
    for (int i = 1; i <= kWakes; ++i) {
      asked = i;
      loop_.Wake();
      while (seen < i) std::this_thread::yield();
    }
  });
  while (seen < kWakes) {
    loop_.Turn(Clock::time_point::max());  // would hang if a wake were lost
    seen = asked.load();
  }
  waker.join();
}

TEST(BusyEventLoop, LosesNeitherAWakeNorAReport) {
  constexpr int kRounds = 5'000;
  EventLoop loop(std::chrono::microseconds(50));
  Flag flag(loop);
  loop.Turn(Clock::now());
  const int before = flag.readable;
  std::atomic<int> asked = 0;
  std::atomic<int> seen = 0;
  std::thread other([&] {
    for (int i = 1; i <= kRounds; ++i) {
      const bool is_wake = i % 2 == 0;
      if (is_wake) asked = i;
      is_wake ? loop.Wake() : flag.Raise();
      while (seen < i) std::this_thread::yield();
    }
  });
  for (int i = 1; i <= kRounds; ++i) {
    const auto is_over = [&] { return i % 2 == 0 ? asked == i : flag.readable > before + i / 2; };
    while (!is_over()) loop.Turn(Clock::time_point::max());  // would hang if one were lost
    seen = i;
  }
  other.join();
}

TEST(BusyEventLoop, WaitsNoLongerThanAskedFor) {
  EventLoop loop(std::chrono::hours(1));
  const auto until = Clock::now() + milliseconds(5);
  loop.Turn(until);
  EXPECT_GE(Clock::now(), until);
}

}  // namespace
}  // namespace coupond::http
