#include "api/dispatcher.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace coupond::service {
namespace {

TEST(TicketTable, GivesBackWhatWaitsWithTheTicket) {
  TicketTable<std::string> table;
  const auto one = table.Add("one");
  const auto two = table.Add("two");
  EXPECT_NE(one, two);
  EXPECT_EQ(table.Take(two), "two");
  EXPECT_EQ(table.Take(one), "one");
}

TEST(TicketTable, UsesATicketAgainOnlyAfterItWasTaken) {
  TicketTable<std::string> table;
  const auto one = table.Add("one");
  const auto two = table.Add("two");
  EXPECT_EQ(table.Take(one), "one");
  EXPECT_EQ(table.Add("three"), one);
  EXPECT_NE(table.Add("four"), two);
  EXPECT_EQ(table.Take(two), "two");
  EXPECT_EQ(table.Take(one), "three");
}

TEST(TicketTable, HoldsNoMoreThanEverWaitedAtOnce) {
  TicketTable<int> table;
  for (int round = 0; round < 1'000; ++round) {
    std::vector<std::uint64_t> tickets;
    for (int i = 0; i < 5; ++i) tickets.push_back(table.Add(i));
    for (int i = 0; i < 5; ++i) {
      EXPECT_LT(tickets[static_cast<std::size_t>(i)], 5U);
      EXPECT_EQ(table.Take(tickets[static_cast<std::size_t>(i)]), i);
    }
  }
}

TEST(TicketTable, WhatWasTakenIsNotKept) {
  TicketTable<std::shared_ptr<int>> table;
  const auto held = std::make_shared<int>(1);
  const auto ticket = table.Add(held);
  EXPECT_EQ(table.Take(ticket), held);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(TicketTable, AfterClearTicketsComeBackEmpty) {
  TicketTable<std::move_only_function<void()>> table;
  const auto held = std::make_shared<int>(1);
  const auto ticket = table.Add([held] {});
  table.Clear();
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(table.Take(ticket));
}

}  // namespace
}  // namespace coupond::service
