#include "engine/clock/steered_clock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include "engine/clock/system_clock.h"
#include "support/builders.h"

namespace coupond {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using test::At;

constexpr std::chrono::hours kDay{24};

/// A steered clock between the clocks of a machine that the test sets.
class SteeredClockTest : public ::testing::Test {
 protected:
  /// Lets time pass on the machine, as both of its clocks see it.
  void Pass(nanoseconds time) {
    since_boot_.Set(since_boot_.Now().Plus(time));
    machine_.Set(machine_.Now().Plus(time));
    right_ = right_.Plus(time);
  }
  /// Sets the machine's clock, as somebody else may.
  void Step(nanoseconds by) { machine_.Set(machine_.Now().Plus(by)); }
  /// Returns how far the clock is from the time that it would show if nobody had set anything.
  nanoseconds Moved() { return clock_.Now().Since(right_); }

  Timestamp right_ = At(0);
  test::FakeClock since_boot_{Timestamp::FromUnixNanoseconds(12'345)};
  test::FakeClock machine_{At(0)};
  std::vector<Timestamp> implausible_;
  std::vector<ClockReading> disputes_;
  SteeredClock clock_{since_boot_,
                      machine_,
                      minutes(5),
                      {.on_implausible = [this](Timestamp t) { implausible_.push_back(t); },
                       .on_dispute = [this](const ClockReading& r) { disputes_.push_back(r); }}};
};

TEST_F(SteeredClockTest, GoesOnWithTheTimeSinceTheBoot) {
  EXPECT_EQ(clock_.Now(), At(0));
  Pass(seconds(10));
  EXPECT_EQ(clock_.Read(), ClockReading{At(10)});
  // A machine that sleeps: both of its clocks go on.
  Pass(std::chrono::hours(8));
  EXPECT_EQ(Moved(), seconds(0));
  EXPECT_TRUE(disputes_.empty());
}

TEST_F(SteeredClockTest, FollowsAStepForwardWithinASecond) {
  for (const nanoseconds step :
       {nanoseconds(milliseconds(2)), nanoseconds(seconds(1)), nanoseconds(minutes(5))}) {
    Step(step);
    EXPECT_EQ(clock_.Read().disputed, std::nullopt);
    Pass(seconds(1));
    EXPECT_EQ(clock_.Now(), machine_.Now());
  }
}

TEST_F(SteeredClockTest, GoesAtHalfSpeedAfterAStepBack) {
  Step(-seconds(10));
  Timestamp last = clock_.Now();
  EXPECT_EQ(Moved(), seconds(0));
  for (int second = 1; second <= 20; ++second) {
    Pass(seconds(1));
    EXPECT_EQ(clock_.Now().Since(last), milliseconds(500)) << second;
    last = clock_.Now();
  }
  EXPECT_EQ(clock_.Now(), machine_.Now());
  Pass(seconds(1));
  EXPECT_EQ(clock_.Now(), machine_.Now()) << "at full speed again";
}

TEST_F(SteeredClockTest, SlowsDownFromTheReadingThatFindsAStep) {
  Step(-minutes(4));
  Pass(kDay);  // nobody asks
  EXPECT_EQ(Moved(), seconds(0));
  Pass(minutes(2));
  EXPECT_EQ(Moved(), -minutes(1));
}

TEST_F(SteeredClockTest, DoesNotFollowAStepBeyondTheSlack) {
  for (const nanoseconds step : {nanoseconds(400 * kDay), nanoseconds(-400 * kDay),
                                 nanoseconds(minutes(5)) + milliseconds(1)}) {
    Step(step);
    for (int i = 0; i < 3; ++i) {
      Pass(seconds(100));
      EXPECT_EQ(clock_.Read(), (ClockReading{.now = right_, .disputed = machine_.Now()}));
    }
    Step(-step);
    EXPECT_EQ(clock_.Read(), ClockReading{right_}) << "they agree again";
  }
  ASSERT_EQ(disputes_.size(), 6U) << "told once, and once that it is over";
  EXPECT_TRUE(disputes_[0].disputed);
  EXPECT_FALSE(disputes_[1].disputed);
}

TEST_F(SteeredClockTest, ADisputeEndsBackWithinTheSlack) {
  Step(400 * kDay);
  EXPECT_TRUE(clock_.Read().disputed);
  Step(-400 * kDay + minutes(3));
  EXPECT_EQ(clock_.Read(), ClockReading{machine_.Now()});
  Step(-400 * kDay);
  EXPECT_TRUE(clock_.Read().disputed);
  Step(400 * kDay - minutes(3));
  EXPECT_FALSE(clock_.Read().disputed);
  Pass(minutes(6));
  EXPECT_EQ(clock_.Now(), machine_.Now());
}

TEST_F(SteeredClockTest, GoesOnFromWhatIsAccepted) {
  for (const nanoseconds step : {nanoseconds(400 * kDay), nanoseconds(-30 * kDay)}) {
    Step(step);
    clock_.Accept(*clock_.Read().disputed);
    EXPECT_EQ(clock_.Read(), ClockReading{machine_.Now()});
    Pass(seconds(3));
    EXPECT_EQ(clock_.Read(), ClockReading{machine_.Now()});
  }
  EXPECT_EQ(disputes_.size(), 4U);
}

TEST_F(SteeredClockTest, ImplausibleReadingsChangeAndDisputeNothing) {
  Pass(seconds(1));
  for (const Timestamp wrong :
       {kClockEnd, Timestamp(), kClockMin.Plus(nanoseconds(-1)),
        Timestamp::FromUnixNanoseconds(INT64_MAX), Timestamp::FromUnixNanoseconds(INT64_MIN)}) {
    const Timestamp before = machine_.Now();
    machine_.Set(wrong);
    EXPECT_EQ(clock_.Read(), ClockReading{right_});
    since_boot_.Set(since_boot_.Now().Plus(seconds(1)));
    right_ = right_.Plus(seconds(1));
    EXPECT_EQ(clock_.Read(), ClockReading{right_}) << "time goes on";
    machine_.Set(before.Plus(seconds(1)));
    EXPECT_EQ(clock_.Read(), ClockReading{right_});
  }
  EXPECT_EQ(implausible_.size(), 5U);
  EXPECT_TRUE(disputes_.empty());
}

TEST_F(SteeredClockTest, NeverGoesBackWhateverTheMachineDoes) {
  constexpr std::uint64_t kSeed = 20'261'130;
  std::mt19937_64 random(kSeed);  // NOLINT(cert-msc51-cpp): the same each time
  const auto below = [&](std::int64_t bound) {
    return nanoseconds(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound)));
  };
  Timestamp last = clock_.Now();
  for (int i = 0; i < 20'000; ++i) {
    switch (random() % 8) {
      case 0:
        Step(below(600'000'000'000) - minutes(5));
        break;
      case 1:
        Step(random() % 2 == 0 ? kDay : -kDay);
        break;
      default:
        Pass(below(2'000'000'000));
    }
    const Timestamp now = clock_.Now();
    ASSERT_GE(now, last) << "seed " << kSeed << ", step " << i;
    last = now;
  }
}

// With the machine's own clocks, which agree but for the time between two readings.
TEST(SteeredClock, AgreesWithAMachineThatIsLeftAloneOnEveryThread) {
  const BootClock since_boot;
  const SystemClock machine;
  std::atomic<int> disputes = 0;
  const SteeredClock clock(since_boot, machine, seconds(5),
                           {.on_dispute = [&](const ClockReading&) { ++disputes; }});
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&] {
      Timestamp last = clock.Now();
      for (int i = 0; i < 100'000; ++i) {
        const Timestamp now = clock.Now();
        ASSERT_GE(now, last);
        last = now;
      }
    });
  }
  threads.clear();
  EXPECT_LT(machine.Now().Since(clock.Now()), seconds(1));
  EXPECT_LT(clock.Now().Since(machine.Now()), seconds(1));
  EXPECT_EQ(disputes, 0);
}

}  // namespace
}  // namespace coupond
