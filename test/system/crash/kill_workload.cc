#include "system/crash/kill_workload.h"

#include <string>

#include "support/builders.h"

namespace coupond::test {
namespace {

constexpr std::uint8_t kLarge = 100;  // ids of campaigns, plus the round
constexpr std::uint8_t kSmall = 150;
constexpr std::int64_t kLargeTotal = 100;
constexpr std::int64_t kSmallTotal = 4;

}  // namespace

Timestamp KillTime(std::uint8_t round) { return At(10 * round); }

std::vector<Command> KillWorkload(std::uint8_t round) {
  const auto large = static_cast<std::uint8_t>(kLarge + round);
  const auto small = static_cast<std::uint8_t>(kSmall + round);
  const std::string name = " campaign of round " + std::to_string(round);
  const Timestamp now = KillTime(round);
  std::vector<Command> commands{
      Create(large, "large" + name, kLargeTotal, now),
      Create(small, "small" + name, kSmallTotal, now),
  };
  for (std::uint8_t i = 0; i < 6; ++i) {
    commands.emplace_back(Issue(large));
    commands.emplace_back(Issue(small));  // two more than the total
    commands.emplace_back(IssueTo(large, i, "user " + std::to_string(i)));
  }
  commands.emplace_back(Delete(small));
  commands.emplace_back(Issue(small));
  for (std::uint8_t i = 0; i < 4; ++i) {
    commands.emplace_back(IssueTo(large, i, "user " + std::to_string(i)));  // has one
    commands.emplace_back(Issue(large));
    // From a campaign that survived a kill.
    if (round > 0) commands.emplace_back(IssueTo(static_cast<std::uint8_t>(large - 1), i));
  }
  return commands;
}

}  // namespace coupond::test
