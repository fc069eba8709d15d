#include "rpc/http/mailbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace coupond::http {
namespace {

/// A mailbox whose worker is the test itself, which counts how often it is woken.
class MailboxTest : public testing::Test {
 protected:
  MailboxTest() { mailbox_.OpenHere(); }

  int wakes_ = 0;
  std::vector<std::string> log_;
  Mailbox mailbox_{[this] { ++wakes_; }, [](TimerQueue::Clock::time_point) {},
                   [this](std::string line) { log_.push_back(line); }};
};

TEST_F(MailboxTest, RunsTasksInTheOrderPostedForOneWake) {
  std::vector<int> ran;
  for (int i = 0; i < 1000; ++i) mailbox_.Post([&ran, i] { ran.push_back(i); });
  EXPECT_EQ(wakes_, 1);
  EXPECT_TRUE(ran.empty());
  mailbox_.RunTasks();
  ASSERT_EQ(ran.size(), 1000U);
  EXPECT_TRUE(std::ranges::is_sorted(ran));
  mailbox_.Post([] {});
  EXPECT_EQ(wakes_, 2);
}

TEST_F(MailboxTest, ATaskMayPostAnother) {
  int ran = 0;
  mailbox_.Post([&] { mailbox_.Post([&ran] { ++ran; }); });
  mailbox_.RunTasks();
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(wakes_, 2);
  mailbox_.RunTasks();
  EXPECT_EQ(ran, 1);
}

TEST_F(MailboxTest, ATaskThatThrowsDoesNotStopTheOthers) {
  int ran = 0;
  mailbox_.Post([] { throw std::runtime_error("broken task"); });
  mailbox_.Post([&ran] { ++ran; });
  mailbox_.RunTasks();
  EXPECT_EQ(ran, 1);
  ASSERT_EQ(log_.size(), 1U);
  EXPECT_NE(log_[0].find("broken task"), std::string::npos);
}

TEST_F(MailboxTest, AfterCloseTasksAreDestroyedAndNotRun) {
  const auto token = std::make_shared<int>();
  int ran = 0;
  mailbox_.Post([&ran, token] { ++ran; });
  mailbox_.Close();
  EXPECT_EQ(token.use_count(), 1);
  mailbox_.Post([&ran, token] { ++ran; });
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(wakes_, 1);
  EXPECT_FALSE(mailbox_.IsHere());
}

TEST_F(MailboxTest, DestroyingADroppedTaskMayPost) {
  struct PostsWhenDestroyed {
    explicit PostsWhenDestroyed(Mailbox& to) : mailbox(to) {}
    ~PostsWhenDestroyed() {
      mailbox.Post([] {});
    }
    Mailbox& mailbox;
  };
  mailbox_.Post([held = std::make_unique<PostsWhenDestroyed>(mailbox_)] {});
  mailbox_.Close();
  mailbox_.Post([held = std::make_unique<PostsWhenDestroyed>(mailbox_)] {});
}

// The longest timeout of gRPC, eight digits of hours, is beyond the range of a clock in
// nanoseconds.
TEST_F(MailboxTest, ATimerBeyondTheClocksRangeNeverFires) {
  int ran = 0;
  const auto timer = mailbox_.StartTimer(std::chrono::hours(99'999'999), [&ran] { ++ran; });
  mailbox_.timers().RunDue(TimerQueue::Clock::now() + std::chrono::hours(24));
  EXPECT_EQ(ran, 0);
}

TEST_F(MailboxTest, KnowsItsThread) {
  EXPECT_TRUE(mailbox_.IsHere());
  std::thread([this] { EXPECT_FALSE(mailbox_.IsHere()); }).join();
}

TEST(Mailbox, LosesNothingThatManyThreadsPost) {
  constexpr int kThreads = 4;
  constexpr int kPosts = 20'000;
  std::atomic<int> wakes = 0;
  Mailbox mailbox([&wakes] { ++wakes; }, [](TimerQueue::Clock::time_point) {},
                  [](const std::string&) {});
  mailbox.OpenHere();
  std::vector<int> last(kThreads, -1);
  int ran = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&mailbox, &last, &ran, thread] {
      for (int i = 0; i < kPosts; ++i) {
        mailbox.Post([&last, &ran, thread, i] {
          EXPECT_EQ(last[static_cast<std::size_t>(thread)], i - 1);
          last[static_cast<std::size_t>(thread)] = i;
          ++ran;
        });
      }
    });
  }
  int woken = 0;
  while (ran < kThreads * kPosts) {
    if (wakes.load() == woken) {
      std::this_thread::yield();
      continue;
    }
    ++woken;
    mailbox.RunTasks();
  }
  for (std::thread& thread : threads) thread.join();
}

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

/// A queue whose alarms are only recorded, with timers that record their names when they fire.
class TimerQueueTest : public testing::Test {
 protected:
  static TimerQueue::Clock::time_point At(int ms) {
    return TimerQueue::Clock::time_point(milliseconds(ms));
  }
  std::unique_ptr<Timer> Start(int due_ms, std::string name) {
    return queue_->Start(At(due_ms), [this, name = std::move(name)] { fired_.push_back(name); });
  }
  void RunAt(int now_ms) { queue_->RunDue(At(now_ms)); }

  std::vector<std::string> fired_;
  std::vector<int> alarms_ms_;
  std::vector<std::string> log_;
  std::shared_ptr<TimerQueue> queue_ = std::make_shared<TimerQueue>(
      [this](TimerQueue::Clock::time_point due) {
        alarms_ms_.push_back(
            static_cast<int>(std::chrono::floor<milliseconds>(due.time_since_epoch()).count()));
      },
      [this](std::string line) { log_.push_back(std::move(line)); });
};

TEST_F(TimerQueueTest, TimersFireOnceInOrderOfTheirTimes) {
  const auto late = Start(30, "late");
  const auto early = Start(10, "early");
  const auto middle = Start(20, "middle");
  RunAt(9);
  EXPECT_THAT(fired_, IsEmpty());
  RunAt(20);
  EXPECT_THAT(fired_, ElementsAre("early", "middle"));
  RunAt(100);
  RunAt(200);
  EXPECT_THAT(fired_, ElementsAre("early", "middle", "late"));
}

TEST_F(TimerQueueTest, TimersDueTogetherFireInOrderOfStart) {
  std::vector<std::unique_ptr<Timer>> timers;
  for (const char* name : {"a", "b", "c", "d"}) timers.push_back(Start(10, name));
  timers.erase(timers.begin() + 1);
  RunAt(10);
  EXPECT_THAT(fired_, ElementsAre("a", "c", "d"));
}

TEST_F(TimerQueueTest, CancellingDestroysTheTaskAtOnce) {
  const auto held = std::make_shared<int>();
  auto timer = queue_->Start(At(10), [this, held] { fired_.emplace_back("cancelled"); });
  EXPECT_EQ(held.use_count(), 2);
  timer.reset();
  EXPECT_EQ(held.use_count(), 1);
  RunAt(10);
  EXPECT_THAT(fired_, IsEmpty());
}

TEST_F(TimerQueueTest, ATimerMayBeCancelledInsideItsOwnTask) {
  std::unique_ptr<Timer> timer;
  const auto held = std::make_shared<std::string>("still whole");
  timer = queue_->Start(At(10), [this, &timer, held] {
    timer.reset();
    fired_.push_back(*held);
  });
  const auto other = Start(10, "other");
  RunAt(10);
  EXPECT_THAT(fired_, ElementsAre("still whole", "other"));
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(TimerQueueTest, ATaskMayCancelAnotherDueTogether) {
  std::unique_ptr<Timer> victim;
  const auto killer = queue_->Start(At(10), [&] { victim.reset(); });
  victim = Start(10, "victim");
  const auto bystander = Start(10, "bystander");
  RunAt(10);
  EXPECT_THAT(fired_, ElementsAre("bystander"));
}

TEST_F(TimerQueueTest, ATaskMayStartOthers) {
  std::unique_ptr<Timer> soon;
  std::unique_ptr<Timer> later;
  const auto first = queue_->Start(At(10), [&] {
    soon = Start(15, "soon");
    later = Start(50, "later");
  });
  RunAt(20);
  EXPECT_THAT(fired_, ElementsAre("soon"));
  RunAt(20);  // the alarm of the one that has gone off already
  EXPECT_EQ(alarms_ms_.back(), 50);
  RunAt(50);
  EXPECT_THAT(fired_, ElementsAre("soon", "later"));
}

TEST_F(TimerQueueTest, ATaskThatThrowsDoesNotStopTheOthers) {
  const auto bad = queue_->Start(At(10), [] { throw std::runtime_error("broken task"); });
  const auto worse = queue_->Start(At(10), [] { throw 7; });
  const auto good = Start(10, "good");
  RunAt(10);
  EXPECT_THAT(fired_, ElementsAre("good"));
  EXPECT_THAT(log_,
              ElementsAre(testing::HasSubstr("broken task"), testing::HasSubstr("unknown kind")));
}

TEST_F(TimerQueueTest, TheAlarmIsSetForTheEarliestOnly) {
  const auto first = Start(100, "first");
  const auto later = Start(200, "later");
  const auto same = Start(100, "same");
  auto earlier = Start(50, "earlier");
  EXPECT_THAT(alarms_ms_, ElementsAre(100, 50));
  earlier.reset();  // the alarm stays, and finds nothing
  EXPECT_THAT(alarms_ms_, ElementsAre(100, 50));
  RunAt(50);
  EXPECT_THAT(fired_, IsEmpty());
  EXPECT_THAT(alarms_ms_, ElementsAre(100, 50, 100));
  RunAt(100);
  EXPECT_THAT(alarms_ms_, ElementsAre(100, 50, 100, 200));
  RunAt(200);
  EXPECT_THAT(alarms_ms_, ElementsAre(100, 50, 100, 200)) << "nothing is left to wait for";
}

// A task may own other timers, as a call owns its deadline.
TEST_F(TimerQueueTest, ACancelledTaskMayOwnTheOnlyOtherTimers) {
  for (const std::size_t owned_count : {1U, 2U, 5U}) {
    std::vector<std::unique_ptr<Timer>> owned;
    owned.reserve(owned_count);
    for (std::size_t i = 0; i < owned_count; ++i) owned.push_back(Start(50, "owned"));
    auto owner = queue_->Start(At(10), [owned = std::move(owned)] {});
    owner.reset();
    RunAt(100);
    EXPECT_THAT(fired_, IsEmpty());
    const auto next = Start(100, "next");
    RunAt(100);
    EXPECT_THAT(std::exchange(fired_, {}), ElementsAre("next"));
  }
}

TEST_F(TimerQueueTest, ATaskThatHasRunMayOwnTheOnlyOtherTimer) {
  auto owned = Start(50, "owned");
  const auto owner = queue_->Start(At(10), [owned = std::move(owned)] {});
  RunAt(10);
  RunAt(50);
  EXPECT_THAT(fired_, IsEmpty());
}

TEST_F(TimerQueueTest, CloseDropsAllPresentAndLaterTasks) {
  const auto held = std::make_shared<int>();
  auto owned = Start(20, "owned");
  const auto owner = queue_->Start(At(10), [held, owned = std::move(owned)] {});
  const auto other = Start(30, "other");
  queue_->Close();
  EXPECT_EQ(held.use_count(), 1);
  alarms_ms_.clear();
  const auto late = queue_->Start(At(5), [this, held] { fired_.emplace_back("late"); });
  EXPECT_EQ(held.use_count(), 1);
  RunAt(100);
  EXPECT_THAT(fired_, IsEmpty());
  EXPECT_THAT(alarms_ms_, IsEmpty());
}

TEST_F(TimerQueueTest, DestroyingADroppedTaskMayStartAnother) {
  struct StartsWhenDestroyed {
    StartsWhenDestroyed(TimerQueue& to, std::unique_ptr<Timer>& slot) : queue(to), timer(slot) {}
    ~StartsWhenDestroyed() {
      timer = queue.Start({}, [] { ADD_FAILURE() << "ran after Close"; });
    }
    TimerQueue& queue;
    std::unique_ptr<Timer>& timer;
  };
  std::unique_ptr<Timer> started;
  const auto timer =
      queue_->Start(At(10), [held = std::make_unique<StartsWhenDestroyed>(*queue_, started)] {});
  queue_->Close();
  EXPECT_NE(started, nullptr);
  RunAt(100);
}

TEST_F(TimerQueueTest, TimersMayOutliveTheQueue) {
  auto waiting = Start(10, "waiting");
  auto done = Start(5, "done");
  RunAt(5);
  queue_.reset();
  waiting.reset();
  done.reset();
  EXPECT_THAT(fired_, ElementsAre("done"));
}

TEST(MailboxTimers, ADelayOfAnyLengthIsInTheFuture) {
  std::vector<TimerQueue::Clock::time_point> alarms;
  Mailbox mailbox([] {}, [&alarms](auto due) { alarms.push_back(due); }, [](const std::string&) {});
  int fired = 0;
  // The longest timeouts of gRPC and Connect, and one beyond the range of every clock.
  for (const milliseconds delay :
       {milliseconds(std::chrono::hours(99'999'999)), milliseconds(9'999'999'999),
        milliseconds::max(), milliseconds(std::numeric_limits<std::int64_t>::max() / 1'000'000)}) {
    const auto timer = mailbox.StartTimer(delay, [&fired] { ++fired; });
    mailbox.timers().RunDue(TimerQueue::Clock::now());
    EXPECT_EQ(fired, 0) << delay.count();
  }
  for (const auto due : alarms) EXPECT_GT(due, TimerQueue::Clock::now());
}

TEST(MailboxTimers, ATimerIsNeverEarly) {
  std::vector<TimerQueue::Clock::time_point> alarms;
  Mailbox mailbox([] {}, [&alarms](auto due) { alarms.push_back(due); }, [](const std::string&) {});
  int fired = 0;
  const auto before = TimerQueue::Clock::now();
  const auto timer = mailbox.StartTimer(milliseconds(50), [&fired] { ++fired; });
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_GE(alarms[0], before + milliseconds(50));
  EXPECT_LE(alarms[0], TimerQueue::Clock::now() + milliseconds(50));
  mailbox.timers().RunDue(alarms[0] - std::chrono::nanoseconds(1));
  EXPECT_EQ(fired, 0);
  mailbox.timers().RunDue(alarms[0]);
  EXPECT_EQ(fired, 1);
  const auto at_once = mailbox.StartTimer(milliseconds(0), [&fired] { ++fired; });
  mailbox.timers().RunDue(TimerQueue::Clock::now());
  EXPECT_EQ(fired, 2);
}

}  // namespace
}  // namespace coupond::http
