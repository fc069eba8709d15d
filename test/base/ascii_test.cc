#include "base/ascii.h"

#include <gtest/gtest.h>

namespace coupond {
namespace {

TEST(Ascii, ComparesWithoutCase) {
  EXPECT_TRUE(EqualsIgnoringCase("Content-Type", "content-TYPE"));
  EXPECT_FALSE(EqualsIgnoringCase("Content-Type", "Content-Typ"));
  EXPECT_FALSE(EqualsIgnoringCase("[", "{"));  // 32 apart, as letters of two cases are
}

TEST(Ascii, TakesTrimmedElementsOffAList) {
  std::string_view list = " gzip;q=1 ,\tidentity,";
  EXPECT_EQ(TakeUntil(',', list), "gzip;q=1");
  EXPECT_EQ(TakeUntil(',', list), "identity");
  EXPECT_EQ(list, "");
  EXPECT_EQ(TakeUntil(',', list), "");
}

}  // namespace
}  // namespace coupond
