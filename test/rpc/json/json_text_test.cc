#include "rpc/json/json_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace coupond::connect {
namespace {

using namespace std::string_literals;

std::string Json(std::string_view text) {
  std::string out = "<";
  EXPECT_TRUE(AppendJsonString(text, out));
  return out;
}

TEST(JsonText, EscapesOnlyWhatJsonDemands) {
  EXPECT_EQ(Json("plain / <text> 한글 😀"), "<\"plain / <text> 한글 😀\"");
  EXPECT_EQ(Json("\"\\\b\f\n\r\t"), R"(<"\"\\\b\f\n\r\t")");
  EXPECT_EQ(Json("\0\x01\x1f\x7f"s), "<\"\\u0000\\u0001\\u001f\x7f\"");
  EXPECT_EQ(Json(""), "<\"\"");
  EXPECT_EQ(Json("a\nb"), "<\"a\\nb\"");
}

TEST(JsonText, TextThatIsNotUtf8IsRefused) {
  for (const std::string bytes : {"\xff", "\xc3", "\xed\xa0\x80"}) {
    std::string out = "kept";
    EXPECT_FALSE(AppendJsonString("a\"b" + bytes, out));
    EXPECT_EQ(out, "kept");
  }
}

TEST(JsonText, LossyTextReplacesOnlyTheInvalidBytes) {
  std::string out;
  AppendJsonStringLossy("한\xe1\x80글\xff", out);
  EXPECT_EQ(out, "\"한??글?\"");
}

using testing::HasSubstr;

/// Returns why the text is not such a number, or what it was read as.
template <typename T>
std::string RefusalOf(std::string_view text) {
  if constexpr (std::integral<T>) {
    const auto value = ParseJsonInteger<T>(text);
    return value ? "read as " + std::to_string(*value) : value.error();
  } else {
    const auto value = ParseJsonFloat<T>(text);
    return value ? "read as " + std::to_string(*value) : value.error();
  }
}

TEST(JsonNumber, WholeNumbersMayBeWrittenAsFractions) {
  EXPECT_EQ(ParseJsonInteger<std::int32_t>("1.0"), 1);
  EXPECT_EQ(ParseJsonInteger<std::int32_t>("1e2"), 100);
  EXPECT_EQ(ParseJsonInteger<std::int32_t>("-12.5e1"), -125);
  EXPECT_EQ(ParseJsonInteger<std::int32_t>("-0"), 0);
  EXPECT_EQ(ParseJsonInteger<std::int32_t>("-0.0"), 0);
  EXPECT_EQ(ParseJsonInteger<std::int64_t>("9007199254740992.0"), 9'007'199'254'740'992);
  EXPECT_EQ(ParseJsonInteger<std::int32_t>("1200e-2"), 12);
  EXPECT_EQ(ParseJsonInteger<std::int32_t>("0e99999999999"), 0);
  EXPECT_EQ(ParseJsonInteger<std::int32_t>("0.000e-5"), 0);
  EXPECT_EQ(ParseJsonInteger<std::int64_t>("-0.12e2"), -12);
  for (const char* text :
       {"1.5", "1e-1", "1e-99999999999", "3873553727719632.96", "0.00000000000000000000000001"}) {
    EXPECT_EQ(RefusalOf<std::int64_t>(text), std::string(text) + " is not a whole number");
  }
  for (const char* text : {"1e19", "1e400", "1e99", "1e99999999999", "-1.5e30"}) {
    EXPECT_EQ(RefusalOf<std::int64_t>(text), std::string(text) + " is out of range for int64");
  }
  EXPECT_EQ(RefusalOf<std::int64_t>("9007199254740994.0"),
            "9007199254740994.0 is too large to be exact in this form; write all its digits");
}

TEST(JsonNumber, ExponentsOfAnySizeAreExact) {
  const std::string zeros(29, '0');
  for (const std::string exponent :
       {"2147483648", "4294967296", "4294967297", "99999999999", "9223372036854775808",
        "18446744073709551617", "99999999999999999999999999"}) {
    for (const std::string sign : {"", "-"}) {
      // So many zeros after the point that a small exponent would make it whole.
      std::string text = sign;
      text.append("0.").append(zeros).append("1e").append(exponent);
      EXPECT_THAT(RefusalOf<std::int64_t>(text), HasSubstr("out of range")) << text;
      text = sign;
      text.append("1.").append(zeros).append("1E+").append(exponent);
      EXPECT_THAT(RefusalOf<std::int32_t>(text), HasSubstr("out of range")) << text;
      // So many before it that a small negative exponent would leave some.
      text = sign;
      text.append("1").append(zeros).append(zeros).append("e-").append(exponent);
      EXPECT_THAT(RefusalOf<std::int64_t>(text), HasSubstr("not a whole number")) << text;
      for (const std::string zero : {"0e", "0e-", "0.000e+", "0.0E-"}) {
        EXPECT_EQ(ParseJsonInteger<std::int64_t>(sign + zero + exponent), 0);
      }
    }
  }
  const std::string many(60'000, '0');
  EXPECT_EQ(ParseJsonInteger<std::int64_t>("0." + many + "12e60002"), 12);
  EXPECT_EQ(ParseJsonInteger<std::int64_t>("-12" + many + "e-60000"), -12);
  EXPECT_EQ(ParseJsonInteger<std::uint32_t>("1.5e" + many + "1"), 15U);
  EXPECT_EQ(ParseJsonInteger<std::uint32_t>("150e-" + many + "1"), 15U);
  EXPECT_FALSE(ParseJsonInteger<std::int64_t>("0." + many + "12e60001").has_value());
  EXPECT_FALSE(ParseJsonInteger<std::int64_t>("12" + many + "e-60002").has_value());
}

TEST(JsonNumber, RangesEndWhereTheTypesEnd) {
  EXPECT_EQ(ParseJsonInteger<std::int32_t>("2147483647"), INT32_MAX);
  EXPECT_EQ(ParseJsonInteger<std::int32_t>("-2147483648"), INT32_MIN);
  EXPECT_EQ(ParseJsonInteger<std::uint32_t>("4294967295"), UINT32_MAX);
  EXPECT_EQ(ParseJsonInteger<std::int64_t>("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(ParseJsonInteger<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(RefusalOf<std::int32_t>("99999999999"), "99999999999 is out of range for int32");
  EXPECT_FALSE(ParseJsonInteger<std::int32_t>("2147483648").has_value());
  EXPECT_FALSE(ParseJsonInteger<std::int32_t>("2147483648.0").has_value());
  for (const char* text : {"-1", "-0", "-0.0"}) {
    EXPECT_EQ(RefusalOf<std::uint32_t>(text), std::string(text) + " is out of range for uint32");
  }
  EXPECT_FALSE(ParseJsonInteger<std::int64_t>("9223372036854775808").has_value());
  EXPECT_FALSE(ParseJsonInteger<std::uint64_t>("18446744073709551616").has_value());
  EXPECT_EQ(ParseJsonFloat<float>("3.4028234663852886e38"), 3.4028234663852886e38F);
  EXPECT_FALSE(ParseJsonFloat<float>("3.5e38").has_value());
  EXPECT_FALSE(ParseJsonFloat<double>("1e309").has_value());
}

TEST(JsonNumber, RangesAreTheSameInEveryForm) {
  EXPECT_EQ(ParseJsonInteger<std::int32_t>("2147483647.0"), INT32_MAX);
  EXPECT_EQ(ParseJsonInteger<std::int32_t>("-2.147483648e9"), INT32_MIN);
  EXPECT_EQ(ParseJsonInteger<std::uint32_t>("42949672950e-1"), UINT32_MAX);
  for (const char* text : {"2.147483648e9", "-2147483649.0", "21474836480e-1", "1e10"}) {
    EXPECT_EQ(RefusalOf<std::int32_t>(text), std::string(text) + " is out of range for int32");
  }
  EXPECT_FALSE(ParseJsonInteger<std::uint32_t>("4.294967296e9").has_value());
  EXPECT_FALSE(ParseJsonInteger<std::int32_t>("-2147483649").has_value());
  EXPECT_FALSE(ParseJsonInteger<std::uint32_t>("4294967296").has_value());
  EXPECT_EQ(ParseJsonInteger<std::int64_t>("-9223372036854775808"), INT64_MIN);
  EXPECT_FALSE(ParseJsonInteger<std::int64_t>("-9223372036854775809").has_value());
  // Written as a fraction, all digits are still beyond what a double holds exactly.
  EXPECT_FALSE(ParseJsonInteger<std::int64_t>("9223372036854775807.0").has_value());
  EXPECT_FALSE(ParseJsonInteger<std::uint64_t>("1.8446744073709551616e19").has_value());
}

TEST(JsonNumber, NoNumberBecomesAnInfinityOrAZero) {
  const std::string zeros(400, '0');
  EXPECT_EQ(ParseJsonFloat<double>("1.7976931348623157e308"), 1.7976931348623157e308);
  EXPECT_EQ(ParseJsonFloat<double>("1" + zeros + "e-400"), 1.0);
  EXPECT_EQ(ParseJsonFloat<double>("0." + zeros + "1e401"), 1.0);
  EXPECT_EQ(ParseJsonFloat<double>("4.9e-324"), 4.9e-324);
  EXPECT_EQ(ParseJsonFloat<float>("1.4e-45"), 1.4e-45F);
  EXPECT_EQ(ParseJsonFloat<double>("0e99999999999"), 0.0);
  EXPECT_TRUE(std::signbit(ParseJsonFloat<double>("-0").value()));
  for (const char* text : {"1e99999999999", "-1e400", "1e-400", "1e-99999999999", "2e308"}) {
    EXPECT_EQ(RefusalOf<double>(text), std::string(text) + " is out of range for double");
  }
  for (const char* text : {"3.5e38", "-1e39", "1e-50", "1e99999999999"}) {
    EXPECT_EQ(RefusalOf<float>(text), std::string(text) + " is out of range for float");
  }
}

TEST(JsonNumber, OnlyJsonsGrammarIsANumber) {
  for (const char* text : {"", "-", "+1", "01", ".5", "1.", "1e", "1e+", "0x10", " 1", "1 ", "1,0",
                           "--1", "inf", "nan", "NaN", "1_000", "٣"}) {
    EXPECT_FALSE(ParseJsonInteger<std::int32_t>(text).has_value()) << text;
    EXPECT_FALSE(ParseJsonFloat<double>(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace coupond::connect
