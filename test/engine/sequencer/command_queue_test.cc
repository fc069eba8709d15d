#include "engine/sequencer/command_queue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "support/builders.h"
#include "support/recording_channel.h"

namespace coupond {
namespace {

using test::Issue;

TEST(CommandQueue, IsBounded) {
  test::RecordingChannel channel;
  CommandQueue queue(2);
  EXPECT_EQ(queue.TryPush({Issue(1), &channel, 1}), CommandQueue::Push::kAccepted);
  EXPECT_EQ(queue.TryPush({Issue(1), &channel, 2}), CommandQueue::Push::kAccepted);
  EXPECT_EQ(queue.TryPush({Issue(1), &channel, 3}), CommandQueue::Push::kFull);
  // Commands that were taken but not yet handed out still count.
  ASSERT_EQ(queue.Take(1).size(), 1U);
  EXPECT_EQ(queue.TryPush({Issue(1), &channel, 4}), CommandQueue::Push::kAccepted);
  EXPECT_EQ(queue.TryPush({Issue(1), &channel, 5}), CommandQueue::Push::kFull);
  EXPECT_EQ(queue.size(), 2U);
}

TEST(CommandQueue, TakesOfManyCommandsTheFirstThatFit) {
  test::RecordingChannel channel;
  CommandQueue queue(3);
  std::vector<QueuedCommand> commands;
  for (std::uint64_t ticket = 1; ticket <= 4; ++ticket) {
    commands.push_back({Issue(1), &channel, ticket});
  }
  const auto first_two = queue.TryPushAll(std::span(commands).first(2));
  EXPECT_EQ(first_two.accepted, 2U);
  EXPECT_EQ(first_two.last, CommandQueue::Push::kAccepted);
  const auto rest = queue.TryPushAll(std::span(commands).subspan(2));
  EXPECT_EQ(rest.accepted, 1U);
  EXPECT_EQ(rest.last, CommandQueue::Push::kFull);
  EXPECT_EQ(queue.TryPushAll({}).last, CommandQueue::Push::kAccepted);
  const auto taken = queue.Take(10);
  ASSERT_EQ(taken.size(), 3U);
  for (std::size_t i = 0; i < taken.size(); ++i) EXPECT_EQ(taken[i].ticket, i + 1);
  queue.Close();
  const auto closed = queue.TryPushAll(std::span(commands).last(1));
  EXPECT_EQ(closed.accepted, 0U);
  EXPECT_EQ(closed.last, CommandQueue::Push::kClosed);
}

TEST(CommandQueue, TakesOneCommandHoweverLargeItsEventIs) {
  test::RecordingChannel channel;
  CommandQueue queue;
  for (std::uint64_t ticket = 1; ticket <= 3; ++ticket) {
    ASSERT_EQ(queue.TryPush({Issue(1), &channel, ticket}), CommandQueue::Push::kAccepted);
  }
  EXPECT_EQ(queue.Take(10, 1).size(), 1U);
  EXPECT_EQ(queue.Take(10, 2 * EventBytesMax(Issue(1))).size(), 2U);
  EXPECT_TRUE(queue.Take(10, 1).empty());
}

TEST(CommandQueue, WhatAcceptsTheClockIsTakenAlone) {
  test::RecordingChannel channel;
  CommandQueue queue;
  for (std::uint64_t ticket = 1; ticket <= 5; ++ticket) {
    QueuedCommand command{Issue(1), &channel, ticket};
    if (ticket == 3 || ticket == 4) command.accepts_clock = Timestamp();
    ASSERT_EQ(queue.TryPush(std::move(command)), CommandQueue::Push::kAccepted);
  }
  for (const std::size_t size : {2U, 1U, 1U, 1U}) EXPECT_EQ(queue.Take(10).size(), size);
  EXPECT_TRUE(queue.Take(10).empty());
}

TEST(CommandQueue, WhoStaysAwakeMissesNoCommandAndNoEnd) {
  test::RecordingChannel channel;
  CommandQueue queue(2, /*measures=*/false, std::chrono::microseconds(20));
  constexpr std::uint64_t kCommands = 20'000;
  std::thread producer([&] {
    for (std::uint64_t ticket = 1; ticket <= kCommands;) {
      if (queue.TryPush({Issue(1), &channel, ticket}) == CommandQueue::Push::kAccepted) ++ticket;
    }
    queue.Close();
  });
  std::uint64_t taken = 0;
  while (queue.Wait()) taken += queue.Take(1).size();
  producer.join();
  EXPECT_EQ(taken, kCommands);
}

TEST(CommandQueue, IsFirstInFirstOutAcrossThreads) {
  constexpr std::uint64_t kCommandsPerThread = 20'000;
  test::RecordingChannel channel;
  CommandQueue queue;
  std::vector<std::thread> producers;
  for (std::uint64_t producer = 0; producer < 3; ++producer) {
    producers.emplace_back([&queue, &channel, producer] {
      for (std::uint64_t i = 0; i < kCommandsPerThread;) {
        const QueuedCommand command{Issue(1), &channel, producer << 32 | i};
        if (queue.TryPush(QueuedCommand(command)) == CommandQueue::Push::kAccepted) ++i;
      }
    });
  }
  std::vector<std::uint64_t> next(3);
  for (std::uint64_t taken = 0; taken < 3 * kCommandsPerThread;) {
    ASSERT_TRUE(queue.Wait());
    for (const QueuedCommand& command : queue.Take(100)) {
      ASSERT_EQ(command.ticket & 0xFFFFFFFF, next[command.ticket >> 32]++);
      ++taken;
    }
  }
  for (std::thread& producer : producers) producer.join();
  queue.Close();
  EXPECT_FALSE(queue.Wait());
}

}  // namespace
}  // namespace coupond
