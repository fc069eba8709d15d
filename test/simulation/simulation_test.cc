#include "simulation/simulation.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "simulation/random.h"
#include "simulation/report.h"
#include "simulation/trace.h"

namespace coupond::simulation {
namespace {

// Few enough for the sanitizers, and enough to raise every counter. coupond_simulate runs any
// number.
constexpr std::uint64_t kSeeds = 80;
constexpr std::uint64_t kCommands = 1'000;

TEST(Simulation, NoPromiseIsBrokenWhateverBreaks) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const SimulationResult run = Simulate({.seed = seed, .commands = kCommands});
    ASSERT_FALSE(run.violation) << RunInWords(run, kCommands);
    EXPECT_GE(run.commands, kCommands);
  }
}

TEST(Simulation, EverythingThatItIsThereForHappens) {
  Coverage coverage;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    coverage.Add(Simulate({.seed = seed, .commands = kCommands}).coverage);
  }
  for (std::size_t i = 0; i < kCounters; ++i) {
    EXPECT_GT(coverage.counts()[i], 0U) << kCounterNames[i];
  }
}

TEST(Simulation, TheSameSeedRunsTheSameWayTwice) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const SimulationResult first = Simulate({.seed = seed, .commands = kCommands});
    const SimulationResult second = Simulate({.seed = seed, .commands = kCommands});
    EXPECT_EQ(first.digest, second.digest) << "seed " << seed;
    EXPECT_EQ(first.commands, second.commands) << "seed " << seed;
    EXPECT_EQ(first.coverage.counts(), second.coverage.counts()) << "seed " << seed;
  }
}

TEST(Simulation, AnotherSeedRunsAnotherWay) {
  EXPECT_NE(Simulate({.seed = 1, .commands = kCommands}).digest,
            Simulate({.seed = 2, .commands = kCommands}).digest);
}

TEST(SimulationRandom, TheNumbersAreThoseOfThePaper) {
  Random random(0);
  EXPECT_EQ(random.Next(), 0xE220A8397B1DCDAFU);
  EXPECT_EQ(random.Next(), 0x6E789E6AA1B965F4U);
  EXPECT_EQ(random.Next(), 0x06C45D188009454FU);
}

TEST(SimulationRandom, BelowStaysBelowAndReachesBothEnds) {
  Random random(7);
  bool lowest = false;
  bool highest = false;
  for (int i = 0; i < 1'000; ++i) {
    const std::uint64_t drawn = random.Between(3, 9);
    ASSERT_GE(drawn, 3U);
    ASSERT_LE(drawn, 9U);
    lowest = lowest || drawn == 3;
    highest = highest || drawn == 9;
  }
  EXPECT_TRUE(lowest && highest);
}

TEST(SimulationTrace, DigestsEveryNumberAndKeepsTheLastSteps) {
  Trace one;
  Trace other;
  one.Add("group {} at {}", 1, 2);
  other.Add("group {} at {}", 1, 3);
  EXPECT_NE(one.digest(), other.digest());
  for (std::uint64_t i = 0; i < 1'000; ++i) one.Add("step {}", i);
  const auto last = one.Last(2);
  ASSERT_EQ(last.size(), 2U);
  EXPECT_EQ(last[0], "999: step 998");
  EXPECT_EQ(last[1], "1000: step 999");
}

TEST(SimulationReport, AFailureSaysHowToRunItAgain) {
  SimulationResult run{.seed = 17,
                       .commands = 40,
                       .digest = 1,
                       .coverage = {},
                       .violation = Violation{"durable before said", "ticket 3 \"was\" told"},
                       .last_steps = {"1: step"}};
  const std::string words = RunInWords(run, 2'000);
  EXPECT_NE(words.find("FAILED after 40 commands: durable before said"), std::string::npos);
  EXPECT_NE(words.find("coupond_simulate --seed 17 --commands 2000"), std::string::npos);
  const Report report{.commands_asked = 2'000, .runs = {run}, .seconds = 1};
  EXPECT_NE(SummaryInWords(report).find("\n0 passed, 1 failed\n"), std::string::npos);
  const std::string json = ReportInJson(report);
  EXPECT_NE(json.find(R"("failed":1)"), std::string::npos);
  EXPECT_NE(json.find(R"(ticket 3 \"was\" told)"), std::string::npos);
}

}  // namespace
}  // namespace coupond::simulation
