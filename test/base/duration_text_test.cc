#include "base/duration_text.h"

#include <gtest/gtest.h>

#include <array>

namespace coupond {
namespace {

using std::chrono::nanoseconds;

TEST(DurationText, ReadsNumberAndUnit) {
  EXPECT_EQ(ParseDuration("500ms"), std::chrono::milliseconds(500));
  EXPECT_EQ(ParseDuration("30s"), std::chrono::seconds(30));
  EXPECT_EQ(ParseDuration("1.5s"), std::chrono::milliseconds(1500));
  EXPECT_EQ(ParseDuration("0.1s"), std::chrono::milliseconds(100));
  EXPECT_EQ(ParseDuration("5m"), std::chrono::minutes(5));
  EXPECT_EQ(ParseDuration("2h"), std::chrono::hours(2));
  EXPECT_EQ(ParseDuration("1d"), std::chrono::hours(24));
  EXPECT_EQ(ParseDuration("100000d"), std::chrono::hours(24 * 100'000));
  EXPECT_EQ(ParseDuration("0s"), nanoseconds(0));
}

TEST(DurationText, RefusesOtherTextsAndShowsAnExample) {
  constexpr std::array kWrong = {"",    "5",     "s",      "-5s",  "5 s", "5sec", "1.s",
                                 ".5s", "1..5s", "1.2.3s", "1e3s", "+1s", "5M",   "5s "};
  for (const char* text : kWrong) {
    const auto duration = ParseDuration(text);
    ASSERT_FALSE(duration.has_value()) << text;
    EXPECT_NE(duration.error().find("30s"), std::string::npos) << duration.error();
  }
}

TEST(DurationText, RefusesLeadingZeros) {
  for (const char* text : {"0100s", "00s", "01.5s"}) EXPECT_FALSE(ParseDuration(text)) << text;
}

TEST(DurationText, RefusesLongDurationsInsteadOfOverflowing) {
  EXPECT_FALSE(ParseDuration("100001d").has_value());
  EXPECT_FALSE(ParseDuration("106751d").has_value());
  EXPECT_FALSE(ParseDuration("213504d").has_value());
  EXPECT_FALSE(ParseDuration("99999999999999999999999999999d").has_value());
  EXPECT_FALSE(ParseDuration("9223372036854775807ns").has_value());
}

TEST(DurationText, WritesTheLargestUnits) {
  EXPECT_EQ(FormatDuration(nanoseconds(0)), "0s");
  EXPECT_EQ(FormatDuration(nanoseconds(999)), "999ns");
  EXPECT_EQ(FormatDuration(nanoseconds(1'234'567)), "1.2ms");
  EXPECT_EQ(FormatDuration(std::chrono::seconds(30)), "30s");
  EXPECT_EQ(FormatDuration(std::chrono::milliseconds(1500)), "1.5s");
  EXPECT_EQ(FormatDuration(std::chrono::seconds(303)), "5m 3s");
  EXPECT_EQ(FormatDuration(std::chrono::hours(26)), "1d 2h");
  EXPECT_EQ(FormatDuration(std::chrono::seconds(-30)), "-30s");
}

}  // namespace
}  // namespace coupond
