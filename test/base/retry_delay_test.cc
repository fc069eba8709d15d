#include "base/retry_delay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

namespace coupond {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kMany = 10'000;

/// Expects that the delays fill the whole range evenly.
void ExpectSpreadOut(const std::vector<milliseconds>& delays) {
  EXPECT_GE(std::ranges::min(delays), kRetryDelayMin);
  EXPECT_LE(std::ranges::max(delays), kRetryDelayMax);
  constexpr int kParts = 10;
  std::vector<int> parts(kParts);
  for (const milliseconds delay : delays) {
    const auto above = (delay - kRetryDelayMin).count();
    ++parts[static_cast<std::size_t>(std::min<long>(kParts - 1, above / 200))];
  }
  for (const int part : parts) EXPECT_NEAR(part * kParts, kMany, 150 * kParts);
}

TEST(RetryDelay, EachCallGivesAnotherWithinTheRange) {
  std::vector<milliseconds> delays;
  for (int i = 0; i < kMany; ++i) delays.push_back(RetryDelay());
  ExpectSpreadOut(delays);
  EXPECT_GT((std::set<milliseconds>(delays.begin(), delays.begin() + 1'000).size()), 700U)
      << "of the 787 that 1,000 random ones would be";
}

TEST(RetryDelay, ThreadsDoNotFollowEachOther) {
  const auto draw = [](std::vector<milliseconds>& delays) {
    for (int i = 0; i < 20; ++i) delays.push_back(RetryDelay());
  };
  std::vector<milliseconds> here;
  std::vector<milliseconds> there;
  std::thread([&] { draw(there); }).join();
  std::thread([&] { draw(here); }).join();
  EXPECT_NE(here, there);
}

TEST(RetryDelay, TheHeaderIsRoundedUp) {
  EXPECT_EQ(RetryAfter(milliseconds(1'000)), seconds(1));
  EXPECT_EQ(RetryAfter(milliseconds(1'001)), seconds(2));
  EXPECT_EQ(RetryAfter(milliseconds(3'000)), seconds(3));
}

}  // namespace
}  // namespace coupond
