#include "rpc/json/well_known_types.h"

#include <gtest/gtest.h>

#include <string>

namespace coupond::connect {
namespace {

/// Returns what a text means, printed in the one form that printing has.
std::string Duration(std::string_view text) {
  const auto duration = ParseDurationJson(text);
  return duration ? DurationJson(*duration).value_or("refused") : "refused";
}

TEST(DurationJson, IsSecondsWithAnS) {
  EXPECT_EQ(ParseDurationJson("-1.5s"), (DurationParts{-1, -500'000'000}));
  EXPECT_EQ(ParseDurationJson("-0.5s"), (DurationParts{0, -500'000'000}));
  EXPECT_EQ(Duration("3s"), "3s");
  EXPECT_EQ(Duration("3.000001s"), "3.000001s");
  EXPECT_EQ(Duration("-0.000000001s"), "-0.000000001s");
  EXPECT_EQ(Duration("315576000000s"), "315576000000s");
  for (const char* text : {"", "s", "1", "1 s", "1.s", ".5s", "--1s", "+1s", "1.1234567890s", "1ss",
                           "315576000001s", "99999999999999999999s", "-s"}) {
    EXPECT_EQ(Duration(text), "refused") << text;
  }
  EXPECT_EQ(DurationJson(DurationParts{1, -1}), std::nullopt);
  EXPECT_EQ(DurationJson(DurationParts{315'576'000'001, 0}), std::nullopt);
}

TEST(FieldMaskPath, ConvertsTheCaseBothWays) {
  EXPECT_EQ(FieldMaskPathFromJson("user.displayName"), "user.display_name");
  EXPECT_EQ(FieldMaskPathToJson("user.display_name"), "user.displayName");
  EXPECT_EQ(FieldMaskPathFromJson("display_name"), std::nullopt);
  EXPECT_EQ(FieldMaskPathFromJson("user.DisplayName"), std::nullopt);
  EXPECT_EQ(FieldMaskPathFromJson("display-name"), std::nullopt);
  EXPECT_EQ(FieldMaskPathToJson("displayName"), std::nullopt);
  EXPECT_EQ(FieldMaskPathToJson("field_1"), std::nullopt);
  EXPECT_EQ(FieldMaskPathToJson("field_"), std::nullopt);
}

}  // namespace
}  // namespace coupond::connect
