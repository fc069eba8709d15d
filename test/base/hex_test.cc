#include "base/hex.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace coupond {
namespace {

TEST(Hex, WritesTwoDigitsForEachByte) {
  EXPECT_EQ(Hex(std::string_view("\x00\x0f\xa5\xff", 4)), "000fa5ff");
  EXPECT_EQ(Hex(std::array<std::uint8_t, 2>{0x7f, 0x80}), "7f80");
  EXPECT_EQ(Hex(std::string_view()), "");
}

TEST(Hex, ReadsDigitsInEitherCase) {
  for (int value = 0; value < 16; ++value) {
    const auto place = static_cast<std::size_t>(value);
    EXPECT_EQ(HexDigitValue(kHexDigits[place]), value);
    EXPECT_EQ(HexDigitValue(kUpperCaseHexDigits[place]), value);
  }
  for (const char c : {'/', ':', '@', 'G', '`', 'g', '\0', '\xff'}) {
    EXPECT_EQ(HexDigitValue(c), std::nullopt);
  }
}

}  // namespace
}  // namespace coupond
