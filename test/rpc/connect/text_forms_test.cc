// Timestamps, durations, field mask paths and base64: the texts inside JSON strings.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "rpc/json/base64.h"
#include "rpc/json/duration_text.h"
#include "rpc/json/field_mask_text.h"
#include "rpc/json/timestamp_text.h"

namespace coupond::connect {
namespace {

std::string Printed(TimestampParts moment) {
  std::string out;
  return AppendTimestamp(moment, out) ? out : "refused";
}

std::string Printed(DurationParts duration) {
  std::string out;
  return AppendDuration(duration, out) ? out : "refused";
}

/// What a text means, printed in the one form that printing has.
std::string Timestamp(std::string_view text) {
  const auto moment = ParseTimestamp(text);
  return moment ? Printed(*moment) : "refused";
}

std::string Duration(std::string_view text) {
  const auto duration = ParseDuration(text);
  return duration ? Printed(*duration) : "refused";
}

TEST(TimestampText, SecondsAreUnixSeconds) {
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:00Z"), (TimestampParts{0, 0}));
  EXPECT_EQ(ParseTimestamp("2026-12-01T10:00:00+09:00"), (TimestampParts{1'796'086'800, 0}));
  EXPECT_EQ(ParseTimestamp("1969-12-31T23:59:59.5Z"), (TimestampParts{-1, 500'000'000}));
  EXPECT_EQ(ParseTimestamp("2000-02-29T00:00:00Z"), (TimestampParts{951'782'400, 0}));
}

TEST(TimestampText, OffsetsAreTakenIntoAccount) {
  EXPECT_EQ(Timestamp("2026-12-01T10:00:00+09:00"), "2026-12-01T01:00:00Z");
  EXPECT_EQ(Timestamp("2026-12-31T23:30:00-01:45"), "2027-01-01T01:15:00Z");
  EXPECT_EQ(Timestamp("2026-12-01T10:00:00-00:00"), "2026-12-01T10:00:00Z");
  EXPECT_EQ(Timestamp("2026-12-01T10:00:00+23:59"), "2026-11-30T10:01:00Z");
  EXPECT_EQ(Timestamp("2026-12-01t10:00:00z"), "2026-12-01T10:00:00Z");
}

TEST(TimestampText, FractionsKeepNanosecondsAndPrintInThrees) {
  EXPECT_EQ(Timestamp("2026-12-01T10:00:00.5Z"), "2026-12-01T10:00:00.500Z");
  EXPECT_EQ(Timestamp("2026-12-01T10:00:00.0Z"), "2026-12-01T10:00:00Z");
  EXPECT_EQ(Timestamp("2026-12-01T10:00:00.0001Z"), "2026-12-01T10:00:00.000100Z");
  EXPECT_EQ(Timestamp("2026-12-01T10:00:00.000000001Z"), "2026-12-01T10:00:00.000000001Z");
  EXPECT_EQ(Timestamp("2026-12-01T10:00:00.123456789+09:00"), "2026-12-01T01:00:00.123456789Z");
}

TEST(TimestampText, RangeIsTheYears1To9999InUtc) {
  EXPECT_EQ(Timestamp("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00Z");
  EXPECT_EQ(Timestamp("9999-12-31T23:59:59.999999999Z"), "9999-12-31T23:59:59.999999999Z");
  EXPECT_EQ(Timestamp("0001-01-01T00:00:00+00:01"), "refused");
  EXPECT_EQ(Timestamp("9999-12-31T23:59:59-00:01"), "refused");
  EXPECT_EQ(Timestamp("0000-12-31T23:59:59Z"), "refused");
  EXPECT_EQ(Printed(TimestampParts{-62'135'596'801, 0}), "refused");
  EXPECT_EQ(Printed(TimestampParts{253'402'300'800, 0}), "refused");
  EXPECT_EQ(Printed(TimestampParts{0, -1}), "refused");
  EXPECT_EQ(Printed(TimestampParts{0, 1'000'000'000}), "refused");
}

TEST(TimestampText, WhatIsNotRfc3339IsRefused) {
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
    EXPECT_EQ(Timestamp(text), "refused") << text;
  }
}

TEST(TimestampText, EveryDayOfFourCenturiesReadsBack) {
  for (std::int64_t day = -200 * 366; day < 200 * 366; ++day) {
    const TimestampParts moment{day * 86'400 + 3'661, 1};
    ASSERT_EQ(ParseTimestamp(Printed(moment)), moment) << Printed(moment);
  }
}

TEST(DurationText, IsSecondsWithAnS) {
  EXPECT_EQ(ParseDuration("-1.5s"), (DurationParts{-1, -500'000'000}));
  EXPECT_EQ(ParseDuration("-0.5s"), (DurationParts{0, -500'000'000}));
  EXPECT_EQ(Duration("3s"), "3s");
  EXPECT_EQ(Duration("3.000001s"), "3.000001s");
  EXPECT_EQ(Duration("-0.000000001s"), "-0.000000001s");
  EXPECT_EQ(Duration("315576000000s"), "315576000000s");
  for (const char* text : {"", "s", "1", "1 s", "1.s", ".5s", "--1s", "+1s", "1.1234567890s", "1ss",
                           "315576000001s", "99999999999999999999s", "-s"}) {
    EXPECT_EQ(Duration(text), "refused") << text;
  }
  EXPECT_EQ(Printed(DurationParts{1, -1}), "refused");
  EXPECT_EQ(Printed(DurationParts{315'576'000'001, 0}), "refused");
}

TEST(FieldMaskText, ChangesTheCaseBothWays) {
  EXPECT_EQ(FieldMaskPathFromJson("user.displayName"), "user.display_name");
  EXPECT_EQ(FieldMaskPathToJson("user.display_name"), "user.displayName");
  EXPECT_EQ(FieldMaskPathFromJson("display_name"), std::nullopt);
  EXPECT_EQ(FieldMaskPathFromJson("user.DisplayName"), std::nullopt);
  EXPECT_EQ(FieldMaskPathFromJson("display-name"), std::nullopt);
  EXPECT_EQ(FieldMaskPathToJson("displayName"), std::nullopt);
  EXPECT_EQ(FieldMaskPathToJson("field_1"), std::nullopt);
  EXPECT_EQ(FieldMaskPathToJson("field_"), std::nullopt);
}

std::string Base64(std::string_view bytes, Base64Padding padding) {
  std::string out;
  AppendBase64(bytes, padding, out);
  return out;
}

TEST(Base64, IsRfc4648) {
  EXPECT_EQ(Base64("", Base64Padding::kPadded), "");
  EXPECT_EQ(Base64("f", Base64Padding::kPadded), "Zg==");
  EXPECT_EQ(Base64("fo", Base64Padding::kPadded), "Zm8=");
  EXPECT_EQ(Base64("foo", Base64Padding::kPadded), "Zm9v");
  EXPECT_EQ(Base64("foob", Base64Padding::kUnpadded), "Zm9vYg");
  EXPECT_EQ(Base64("\xfb\xff", Base64Padding::kPadded), "+/8=");
}

TEST(Base64, ReadsBothAlphabetsPaddedOrNot) {
  EXPECT_EQ(DecodeBase64(""), "");
  EXPECT_EQ(DecodeBase64("Zg=="), "f");
  EXPECT_EQ(DecodeBase64("Zg"), "f");
  EXPECT_EQ(DecodeBase64("Zm9v"), "foo");
  EXPECT_EQ(DecodeBase64("+/8="), "\xfb\xff");
  EXPECT_EQ(DecodeBase64("-_8"), "\xfb\xff");
}

TEST(Base64, EverythingElseIsRefused) {
  for (const char* text : {"Z", "Zg=", "Zg===", "=", "==", "Z===", "Zm9v=", "Zm=v",
                           "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "+_8=", "Zg==Zg==", "é"}) {
    EXPECT_EQ(DecodeBase64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace coupond::connect
