#include "base/display_text.h"

#include <gtest/gtest.h>

namespace coupond {
namespace {

TEST(DisplayWidth, CountsTheColumnsOfATerminal) {
  EXPECT_EQ(DisplayWidth("가나다1"), 7U);
  EXPECT_EQ(DisplayWidth("abc"), 3U);
  EXPECT_EQ(DisplayWidth(""), 0U);
  EXPECT_EQ(DisplayWidth("\xff"
                         "a"),
            2U);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1U);       // é of two characters
  EXPECT_EQ(DisplayWidth("\u1100\u1161"), 2U);  // 가 of two letters
}

TEST(DisplayWidth, AJoinedEmojiIsTwoColumnsWide) {
  EXPECT_EQ(DisplayWidth("👍"), 2U);
  EXPECT_EQ(DisplayWidth("👍🏽"), 2U);
  EXPECT_EQ(DisplayWidth("👩‍👩‍👧‍👦"), 2U);
  EXPECT_EQ(DisplayWidth("❤️"), 2U);
  EXPECT_EQ(DisplayWidth("1️⃣"), 2U);
  EXPECT_EQ(DisplayWidth("🇰🇷"), 2U);
  EXPECT_EQ(DisplayWidth("🇰🇷🇯🇵"), 4U);
}

TEST(Printable, ReplacesControlCharacters) {
  EXPECT_EQ(Printable("a\x1b[2Jb\nc\xff"), "a?[2Jb?c?");
  EXPECT_EQ(Printable("\u202e여름\u200f\ufeff"), "?여름??");
}

TEST(Printable, KeepsJoinersAndSelectorsWhereTheyBelong) {
  for (const char* text :
       {"👩‍👩‍👧‍👦 가족", "❤️‍🔥", "क्‍ष", "می‌خواهم",
        "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F"}) {
    EXPECT_EQ(Printable(text), text);
  }
  EXPECT_EQ(Printable("\u200da"), "?a");
  EXPECT_EQ(Printable("a\u200d"), "a?");
  EXPECT_EQ(Printable("a\u200d\u200db"), "a??b");
  EXPECT_EQ(Printable("a \u200db"), "a ?b");
  EXPECT_EQ(Printable("a\U000E0067"), "a?");
}

TEST(Shortened, CutsBetweenVisibleCharacters) {
  EXPECT_EQ(Shortened("여름할인", 8), "여름할인");
  EXPECT_EQ(Shortened("여름할인", 7), "여름할…");
  EXPECT_EQ(Shortened("여름할인", 6), "여름…");
  EXPECT_EQ(Shortened("a👩‍👩‍👧‍👦b", 3), "a…");
  EXPECT_EQ(Shortened("a👩‍👩‍👧‍👦bc", 4), "a👩‍👩‍👧‍👦…");
  EXPECT_EQ(Shortened("abc", 0), "");
  EXPECT_EQ(Shortened("abc", 1), "…");
}

TEST(IsBlank, IsTrueForInvisibleText) {
  for (const char* text : {"", " ", "\t\n", "\u3000", "\u00a0 ", "\x01"})
    EXPECT_TRUE(IsBlank(text));
  for (const char* text : {"a", " a ", "\xff", "ㅤ."}) EXPECT_FALSE(IsBlank(text));
}

TEST(IsUtf8, IsFalseForAnythingElse) {
  EXPECT_TRUE(IsUtf8("봄 spring"));
  for (const char* text : {"\xff", "\xba\xbd", "a\xed\xa0\x80", "\xc0\x80", "\xea\xb0"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
}

TEST(DisplayText, ClippedCutsBetweenCharacters) {
  EXPECT_EQ(Clipped("한글", 6), "한글");
  EXPECT_EQ(Clipped("한글", 5), "한…");
  EXPECT_EQ(Clipped("한글", 3), "한…");
  EXPECT_EQ(Clipped("한글", 2), "…");
  EXPECT_EQ(Clipped("abc", 2), "ab…");
}

TEST(DisplayText, QuotedIsClipped) {
  EXPECT_EQ(Quoted("한글"), "\"한글\"");
  EXPECT_EQ(Quoted(std::string(kQuotedBytesMax + 1, 'x')),
            "\"" + std::string(kQuotedBytesMax, 'x') + "…\"");
}

}  // namespace
}  // namespace coupond
