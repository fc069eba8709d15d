#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace coupond {
namespace {

TEST(Utf8, MalformedTextIsRefused) {
  for (const std::string bytes : {
           "\x80",              // continues nothing
           "\xc3",              // cut short
           "\xc3(",             // not continued
           "\xc0\x80",          // overlong NUL
           "\xc1\xbf",          // overlong
           "\xe0\x80\x80",      // overlong
           "\xe0\x9f\xbf",      // overlong
           "\xed\xa0\x80",      // surrogate
           "\xed\xbf\xbf",      // surrogate
           "\xe1\x80",          // cut short
           "\xf0\x80\x80\x80",  // overlong
           "\xf0\x8f\xbf\xbf",  // overlong
           "\xf4\x90\x80\x80",  // past U+10FFFF
           "\xf5\x80\x80\x80",  // past U+10FFFF
           "\xf1\x80\x80",      // cut short
           "\xff",
       }) {
    EXPECT_EQ(FirstUtf8Length(bytes), 0U);
    EXPECT_FALSE(IsUtf8(bytes));
    EXPECT_FALSE(IsUtf8("before" + bytes + "after"));
    EXPECT_EQ(ValidUtf8Length("before" + bytes + "after"), 6U);
  }
}

TEST(Utf8, FirstAndLastCharactersOfEachLengthAreAccepted) {
  for (const std::string character :
       {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(character));
    EXPECT_EQ(FirstUtf8Length(character + "x"), character.size());
  }
  EXPECT_TRUE(IsUtf8(""));
}

}  // namespace
}  // namespace coupond
