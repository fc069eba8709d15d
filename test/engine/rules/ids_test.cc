#include "engine/rules/ids.h"

#include <gtest/gtest.h>

namespace coupond {
namespace {

TEST(Uuid, ReadsBackWhatItWrites) {
  const auto uuid = ParseUuid("123E4567-e89b-42d3-a456-426614174000");
  ASSERT_TRUE(uuid);
  EXPECT_EQ(FormatUuid(*uuid), "123e4567-e89b-42d3-a456-426614174000");
}

TEST(Uuid, OtherTextsAreRefused) {
  for (const char* text :
       {"", "123e4567", "123e4567-e89b-42d3-a456-42661417400",
        "123e4567-e89b-42d3-a456-4266141740000", "123e4567xe89b-42d3-a456-426614174000",
        "g23e4567-e89b-42d3-a456-426614174000", "123e4567-e89b-42d3-a456-42661417400\xFF",
        "{23e4567-e89b-42d3-a456-42661417400}"}) {
    EXPECT_FALSE(ParseUuid(text)) << text;
  }
}

TEST(Uuid, ARandomOneHasItsVersionAndVariant) {
  const std::string text =
      FormatUuid(AsRandomUuid({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                               0xFF, 0xFF, 0xFF, 0xFF, 0xFF}));
  EXPECT_EQ(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

TEST(KeyId, IsShownAsItsCharacters) {
  EXPECT_EQ(FormatKeyId(KeyId(0x6b32'7039'7837'7164)), "k2p9x7qd");
  EXPECT_EQ(FormatKeyId(kNoKey), "");
}

TEST(KeyId, IsShownInHexIfTheyAreOthers) {
  EXPECT_EQ(FormatKeyId(KeyId(1)), "0000000000000001");
  EXPECT_EQ(FormatKeyId(KeyId(0x4b32'7039'7837'7164)), "4b32703978377164") << "upper case";
  EXPECT_EQ(FormatKeyId(KeyId(~0ULL)), "ffffffffffffffff");
}

}  // namespace
}  // namespace coupond
