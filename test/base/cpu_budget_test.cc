#include "base/cpu_budget.h"

#include <gtest/gtest.h>

#include <chrono>

namespace coupond {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

const CpuBudget::Time kBegin{std::chrono::hours(1)};

TEST(CpuBudgetTest, WorkWaitsOnceTheBurstIsUsedUp) {
  CpuBudget budget(0.1, milliseconds(20), kBegin);
  EXPECT_EQ(budget.WaitAt(kBegin), nanoseconds(0));
  budget.Spend(milliseconds(15));
  EXPECT_EQ(budget.WaitAt(kBegin), nanoseconds(0));
  budget.Spend(milliseconds(15));
  const nanoseconds wait = budget.WaitAt(kBegin);
  EXPECT_GE(wait, milliseconds(100)) << "10 ms too much, of which 1 ms is earned in 10 ms";
  EXPECT_LT(wait, milliseconds(110));
  EXPECT_GT(budget.WaitAt(kBegin + milliseconds(50)), milliseconds(50));
  EXPECT_EQ(budget.WaitAt(kBegin + wait), nanoseconds(0));
}

TEST(CpuBudgetTest, InTheLongRunItIsTheShare) {
  CpuBudget budget(0.25, milliseconds(20), kBegin);
  constexpr nanoseconds kPieceOfWork = milliseconds(3);
  nanoseconds done{0};
  CpuBudget::Time now = kBegin;
  const CpuBudget::Time end = kBegin + std::chrono::seconds(10);
  while (now < end) {
    const nanoseconds wait = budget.WaitAt(now);
    if (wait > nanoseconds(0)) {
      now += wait;
      continue;
    }
    budget.Spend(kPieceOfWork);
    done += kPieceOfWork;
    now += kPieceOfWork;
  }
  EXPECT_GE(done, milliseconds(2'450));
  EXPECT_LE(done, milliseconds(2'550));
}

TEST(CpuBudgetTest, WhatIsNotUsedIsKeptUpToTheBurst) {
  CpuBudget budget(0.5, milliseconds(10), kBegin);
  const CpuBudget::Time later = kBegin + std::chrono::hours(1);
  EXPECT_EQ(budget.WaitAt(later), nanoseconds(0));
  budget.Spend(milliseconds(10));
  EXPECT_GT(budget.WaitAt(later), nanoseconds(0));
}

TEST(CpuBudgetTest, TimeThatNobodyWantsIsAddedUpToTheBurst) {
  CpuBudget budget(0.1, milliseconds(10), kBegin);
  budget.Spend(milliseconds(30));
  EXPECT_GT(budget.WaitAt(kBegin), nanoseconds(0));
  budget.Add(milliseconds(21));
  EXPECT_EQ(budget.WaitAt(kBegin), nanoseconds(0));
  budget.Add(std::chrono::hours(1));
  budget.Spend(milliseconds(10));
  EXPECT_GT(budget.WaitAt(kBegin), nanoseconds(0));
}

TEST(ThreadCpuTimeTest, GrowsWithWork) {
  const nanoseconds before = ThreadCpuTime();
  while (ThreadCpuTime() - before < milliseconds(1)) {
  }
  EXPECT_GE(ThreadCpuTime() - before, milliseconds(1));
}

}  // namespace
}  // namespace coupond
