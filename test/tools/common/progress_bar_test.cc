#include "common/progress_bar.h"

#include <gtest/gtest.h>

namespace coupond::tools {
namespace {

TEST(BarText, IsFullOnlyIfNothingIsMissing) {
  EXPECT_EQ(BarText(0, 10, 5), "[.....]");
  EXPECT_EQ(BarText(5, 10, 4), "[##..]");
  EXPECT_EQ(BarText(999'999, 1'000'000, 5), "[####.]");
  EXPECT_EQ(BarText(10, 10, 5), "[#####]");
  EXPECT_EQ(BarText(11, 10, 5), "[#####]");
}

}  // namespace
}  // namespace coupond::tools
