#include "rpc/http/mailbox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace coupond::http {
namespace {

/// A mailbox whose worker is the test itself; counts how often it was woken.
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

TEST_F(MailboxTest, WhatADroppedTaskHoldsMayPostAgain) {
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

// The longest timeout of gRPC: eight digits of hours, of which the clock in nanoseconds has seven.
TEST_F(MailboxTest, ATimerForLaterThanTheClockCanSayDoesNotGoOff) {
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

}  // namespace
}  // namespace coupond::http
