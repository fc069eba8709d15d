#include "couponctl/load/generator_use.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coupond::ctl {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Optional;

GeneratorUse Use(milliseconds busy, milliseconds waited) {
  return {.elapsed = seconds(1), .times = {.on_processor = busy, .waited = waited}, .sent = 1000};
}

TEST(GeneratorUse, AGeneratorThatIdlesIsNotTheLimit) {
  EXPECT_EQ(Use(milliseconds(900), milliseconds(40)).WhyLimit(), std::nullopt);
  EXPECT_EQ(GeneratorUse().WhyLimit(), std::nullopt);
}

TEST(GeneratorUse, AThreadThatIsAlwaysBusyIsTheLimit) {
  EXPECT_THAT(Use(milliseconds(960), milliseconds(0)).WhyLimit(),
              Optional(HasSubstr("busy 96 % of the time")));
}

TEST(GeneratorUse, AThreadThatWaitsForAProcessorIsTheLimit) {
  EXPECT_THAT(Use(milliseconds(600), milliseconds(370)).WhyLimit(),
              Optional(HasSubstr("busy 60 % of the time, and waited for a processor 37 %")));
}

TEST(GeneratorUse, LateRequestsAreALimitOfTheGenerator) {
  GeneratorUse use = Use(milliseconds(100), milliseconds(0));
  for (int i = 0; i < 9; ++i) use.AddSent(milliseconds(3));
  for (int i = 0; i < 900; ++i) use.AddSent(microseconds(900));
  EXPECT_EQ(use.WhyLimit(), std::nullopt);
  use.AddSent(milliseconds(7));
  EXPECT_THAT(use.WhyLimit(), Optional(HasSubstr("1.0 % of the requests more than 1ms late, up to "
                                                 "7ms, although a connection was free")));
}

TEST(GeneratorUse, TheTimesOfAThreadGrowWhileItWorks) {
  const ThreadTimes before = ThreadTimes::OfThisThread();
  volatile std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < 10'000'000; ++i) sum = sum + i;
  const ThreadTimes after = ThreadTimes::OfThisThread();
  EXPECT_GE(after.on_processor - before.on_processor, milliseconds(1));
  EXPECT_GE(after.waited, before.waited);
}

}  // namespace
}  // namespace coupond::ctl
