#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <set>
#include <vector>

#include "system/crash/kill_plan.h"
#include "system/crash/operation_plan.h"

namespace coupond::test {
namespace {

constexpr std::size_t kSteps = 50'000;

std::vector<std::array<std::uint64_t, 3>> Operations(std::uint64_t seed, std::size_t client) {
  OperationPlan plan(seed, client);
  std::vector<std::array<std::uint64_t, 3>> operations;
  for (std::size_t i = 0; i < kSteps; ++i) {
    const Operation next = plan.Next();
    operations.push_back({static_cast<std::uint64_t>(next.kind), next.slot, next.draw});
  }
  return operations;
}

TEST(OperationPlan, ASeedDeterminesTheOperations) {
  EXPECT_EQ(Operations(7, 3), Operations(7, 3));
  EXPECT_NE(Operations(7, 3), Operations(8, 3));
  EXPECT_NE(Operations(7, 3), Operations(7, 4));
}

TEST(OperationPlan, HasEveryKindInEverySlot) {
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  for (const auto& operation : Operations(1, 0)) seen.emplace(operation[0], operation[1]);
  EXPECT_EQ(seen.size(), kOperationKinds * OperationPlan::kSlots);
}

TEST(KillPlan, ASeedDeterminesTheKills) {
  KillPlan one(5);
  KillPlan two(5);
  std::set<KillMoment> moments;
  for (std::size_t i = 0; i < kSteps; ++i) {
    const Kill kill = one.Next();
    const Kill same = two.Next();
    ASSERT_EQ(kill.moment, same.moment);
    ASSERT_EQ(kill.acknowledgements, same.acknowledgements);
    ASSERT_EQ(kill.fraction, same.fraction);
    if (i == 0) {
      EXPECT_EQ(kill.moment, KillMoment::kWhileStarting);
    }
    moments.insert(kill.moment);
  }
  EXPECT_EQ(moments.size(), 4U);
}

}  // namespace
}  // namespace coupond::test
