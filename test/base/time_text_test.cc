#include "base/time_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace coupond {
namespace {

using testing::HasSubstr;

std::string Printed(UtcTime time) {
  if (!IsWritable(time)) return "refused";
  return FormatTime(time);
}

/// Returns what a text means, printed in the one form that printing has.
std::string Time(std::string_view text) {
  const auto time = ParseTime(text);
  return time ? Printed(*time) : "refused";
}

TEST(TimeText, SecondsAreUnixSeconds) {
  EXPECT_EQ(ParseTime("1970-01-01T00:00:00Z"), (UtcTime{0, 0}));
  EXPECT_EQ(ParseTime("2026-12-01T10:00:00+09:00"), (UtcTime{1'796'086'800, 0}));
  EXPECT_EQ(ParseTime("1969-12-31T23:59:59.5Z"), (UtcTime{-1, 500'000'000}));
  EXPECT_EQ(ParseTime("2000-02-29T00:00:00Z"), (UtcTime{951'782'400, 0}));
}

TEST(TimeText, NanosecondsAreCountedForwardBefore1970) {
  EXPECT_EQ(FromUnixNanoseconds(-1), (UtcTime{-1, 999'999'999}));
  EXPECT_EQ(FromUnixNanoseconds(1'000'000'001), (UtcTime{1, 1}));
  for (const auto end :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_TRUE(IsWritable(FromUnixNanoseconds(end)));
  }
}

TEST(TimeText, OffsetsAreApplied) {
  EXPECT_EQ(Time("2026-12-01T10:00:00+09:00"), "2026-12-01T01:00:00Z");
  EXPECT_EQ(Time("2026-12-31T23:30:00-01:45"), "2027-01-01T01:15:00Z");
  EXPECT_EQ(Time("2026-12-01T10:00:00-00:00"), "2026-12-01T10:00:00Z");
  EXPECT_EQ(Time("2026-12-01T10:00:00+23:59"), "2026-11-30T10:01:00Z");
  EXPECT_EQ(Time("2026-12-01t10:00:00z"), "2026-12-01T10:00:00Z");
}

TEST(TimeText, FractionsKeepNanosecondsAndPrintInThrees) {
  EXPECT_EQ(Time("2026-12-01T10:00:00.5Z"), "2026-12-01T10:00:00.500Z");
  EXPECT_EQ(Time("2026-12-01T10:00:00.0Z"), "2026-12-01T10:00:00Z");
  EXPECT_EQ(Time("2026-12-01T10:00:00.0001Z"), "2026-12-01T10:00:00.000100Z");
  EXPECT_EQ(Time("2026-12-01T10:00:00.000000001Z"), "2026-12-01T10:00:00.000000001Z");
  EXPECT_EQ(Time("2026-12-01T10:00:00.123456789+09:00"), "2026-12-01T01:00:00.123456789Z");
}

TEST(TimeText, RangeIsTheYears1To9999InUtc) {
  EXPECT_EQ(Time("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00Z");
  EXPECT_EQ(Time("9999-12-31T23:59:59.999999999Z"), "9999-12-31T23:59:59.999999999Z");
  EXPECT_EQ(Time("0001-01-01T00:00:00+00:01"), "refused");
  EXPECT_EQ(Time("9999-12-31T23:59:59-00:01"), "refused");
  EXPECT_EQ(Time("0000-12-31T23:59:59Z"), "refused");
  EXPECT_EQ(Printed(UtcTime{-62'135'596'801, 0}), "refused");
  EXPECT_EQ(Printed(UtcTime{253'402'300'800, 0}), "refused");
  EXPECT_EQ(Printed(UtcTime{0, -1}), "refused");
  EXPECT_EQ(Printed(UtcTime{0, 1'000'000'000}), "refused");
}

TEST(TimeText, OtherFormsThanRfc3339AreRefused) {
  for (const char* text : {"",
                           "2026-12-01",
                           "2026-12-01T10:00:00",
                           "2026-12-01 10:00:00Z",
                           "2026-12-01T10:00Z",
                           "2026-13-01T10:00:00Z",
                           "2026-00-01T10:00:00Z",
                           "2026-02-29T10:00:00Z",
                           "2026-12-32T10:00:00Z",
                           "2026-12-01T24:00:00Z",
                           "2026-12-01T10:60:00Z",
                           "2026-12-01T10:00:60Z",
                           "2026-12-01T10:00:00.Z",
                           "2026-12-01T10:00:00.1234567890Z",
                           "2026-12-01T10:00:00+9:00",
                           "2026-12-01T10:00:00+0900",
                           "2026-12-01T10:00:00+24:00",
                           "2026-12-01T10:00:00+09:60",
                           "2026-12-01T10:00:00ZZ",
                           " 2026-12-01T10:00:00Z",
                           "+2026-12-01T10:00:00Z",
                           "12026-12-01T10:00:00Z",
                           "2026-1-01T10:00:00Z"}) {
    EXPECT_EQ(Time(text), "refused") << text;
  }
}

TEST(TimeText, EveryDayOfFourCenturiesReadsBack) {
  for (std::int64_t day = -200 * 366; day < 200 * 366; ++day) {
    const UtcTime moment{day * 86'400 + 3'661, 1};
    ASSERT_EQ(ParseTime(Printed(moment)), moment) << Printed(moment);
  }
}

TEST(TimeText, TheReasonForARefusalIsNamed) {
  const auto reason = [](std::string_view text) { return ParseTime(text).error(); };
  EXPECT_EQ(reason("tomorrow"),
            "\"tomorrow\" is not an RFC 3339 time such as 2026-12-01T10:00:00+09:00");
  EXPECT_THAT(reason("2026-02-29T10:00:00Z"), HasSubstr("calendar"));
  EXPECT_THAT(reason("2026-12-01T24:00:00Z"), HasSubstr("hour"));
  EXPECT_THAT(reason("2026-12-01T10:60:00Z"), HasSubstr("minute"));
  EXPECT_THAT(reason("2026-12-01T10:00:60Z"), HasSubstr("leap second"));
  EXPECT_THAT(reason("2026-12-01T10:00:61Z"), HasSubstr("second above 59"));
  EXPECT_THAT(reason("2026-12-01T10:00:00"), HasSubstr("offset"));
  EXPECT_THAT(reason("2026-12-01T10:00:00+24:00"), HasSubstr("offset"));
  EXPECT_THAT(reason("2026-12-01T10:00:00.1234567890Z"), HasSubstr("1 to 9 digits"));
  EXPECT_THAT(reason("0000-12-31T23:59:59Z"), HasSubstr("0001 to 9999"));
}

}  // namespace
}  // namespace coupond
