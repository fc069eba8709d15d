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
  return {.elapsed = seconds(1), .times = {.on_processor = busy, .waited = waited}};
}

/// Returns latencies of which the 99th percentile is this one.
LatencyRecord Latency(milliseconds latency) {
  LatencyRecord record;
  record.Add(latency);
  return record;
}

TEST(GeneratorUse, AGeneratorThatIdlesIsNotTheLimit) {
  EXPECT_EQ(Use(milliseconds(900), milliseconds(40)).WhyLimit(Latency(milliseconds(1))),
            std::nullopt);
  EXPECT_EQ(GeneratorUse().WhyLimit(Latency(milliseconds(1))), std::nullopt);
}

TEST(GeneratorUse, AThreadThatIsAlwaysBusyIsTheLimit) {
  EXPECT_THAT(Use(milliseconds(960), milliseconds(0)).WhyLimit(Latency(milliseconds(1))),
              Optional(HasSubstr("busy 96 % of the time")));
}

TEST(GeneratorUse, AThreadThatWaitsForAProcessorIsTheLimit) {
  EXPECT_THAT(Use(milliseconds(600), milliseconds(370)).WhyLimit(Latency(milliseconds(1))),
              Optional(HasSubstr("busy 60 % of the time, and waited for a processor 37 %")));
}

TEST(GeneratorUse, ALatencyThatIsHalfItsOwnLatenessIsTheLimit) {
  GeneratorUse use = Use(milliseconds(100), milliseconds(0));
  for (int i = 0; i < 20; ++i) use.AddSent(milliseconds(7));
  for (int i = 0; i < 980; ++i) use.AddSent(microseconds(900));
  EXPECT_THAT(
      use.WhyLimit(Latency(milliseconds(13))),
      Optional(HasSubstr("2.0 % of the requests more than 1ms late although a connection was "
                         "free, so of the p99 of 13ms up to 7ms are its own")));
  EXPECT_EQ(use.WhyLimit(Latency(milliseconds(15))), std::nullopt);
}

TEST(GeneratorUse, FewOrShortDelaysAreNotTheLimit) {
  GeneratorUse use = Use(milliseconds(100), milliseconds(0));
  for (int i = 0; i < 9; ++i) use.AddSent(milliseconds(7));
  for (int i = 0; i < 991; ++i) use.AddSent(microseconds(900));
  EXPECT_EQ(use.WhyLimit(Latency(milliseconds(1))), std::nullopt);
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
