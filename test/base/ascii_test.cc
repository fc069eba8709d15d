#include "base/ascii.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>

namespace coupond {
namespace {

TEST(Ascii, EqualsIgnoringCaseIgnoresOnlyTheCaseOfLetters) {
  EXPECT_TRUE(EqualsIgnoringCase("Content-Type", "content-TYPE"));
  EXPECT_FALSE(EqualsIgnoringCase("Content-Type", "Content-Typ"));
  EXPECT_FALSE(EqualsIgnoringCase("[", "{"));  // 32 apart, like the two cases of a letter
}

TEST(Ascii, TakeUntilTakesTrimmedElementsFromAList) {
  std::string_view list = " gzip;q=1 ,\tidentity,";
  EXPECT_EQ(TakeUntil(',', list), "gzip;q=1");
  EXPECT_EQ(TakeUntil(',', list), "identity");
  EXPECT_EQ(list, "");
  EXPECT_EQ(TakeUntil(',', list), "");
}

TEST(Ascii, OnlyAWeightOfZeroExcludes) {
  for (const char* parameters : {"", "q=1", "q=0.001", " charset=utf-8 ; Q=0.5", "level=0"}) {
    EXPECT_TRUE(HasWeight(parameters)) << parameters;
  }
  for (const char* parameters : {"q=0", "q=0.", " Q = 0.000 ", "charset=utf-8;q=0"}) {
    EXPECT_FALSE(HasWeight(parameters)) << parameters;
  }
}

TEST(Decimal, HasOnlyDigits) {
  EXPECT_EQ(ParseDecimal("0", 0, 9), 0U);
  EXPECT_EQ(ParseDecimal("100", 0, 100), 100U);
  EXPECT_EQ(ParseDecimal("18446744073709551615", 0, UINT64_MAX), UINT64_MAX);
  EXPECT_EQ(ParseDecimalAs<int>("7", 1, 7), 7);
  for (const char* text : {"", " ", " 5", "5 ", "+5", "-1", "-0", "0x10", "0b1", "0o7", "1e3",
                           "1_000", "1,000", "1.0", "five", "5k", "５", "nan", "true"}) {
    EXPECT_FALSE(ParseDecimal(text, 0, 1'000'000)) << text;
  }
}

TEST(Decimal, HasNoLeadingZero) {
  for (const char* text : {"0100", "00", "01", "08"}) {
    const auto number = ParseDecimal(text, 0, 1'000);
    ASSERT_FALSE(number) << text;
    EXPECT_THAT(number.error(), testing::HasSubstr("begins with a zero"));
  }
}

TEST(Decimal, MustBeInRange) {
  EXPECT_THAT(ParseDecimal("0", 1, 256).error(), testing::HasSubstr("is too small"));
  for (const char* text : {"257", "18446744073709551616", "99999999999999999999999999"}) {
    EXPECT_THAT(ParseDecimal(text, 1, 256).error(),
                testing::HasSubstr("is too large; write a whole number from 1 to 256"));
  }
}

}  // namespace
}  // namespace coupond
