#include "rpc/json/json_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

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

const std::vector<std::string> kNotUtf8 = {
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
};

TEST(JsonText, WhatIsNotUtf8IsRefusedWhole) {
  for (const std::string& bytes : kNotUtf8) {
    EXPECT_FALSE(IsValidUtf8(bytes));
    EXPECT_FALSE(IsValidUtf8("before" + bytes + "after"));
    std::string out = "kept";
    EXPECT_FALSE(AppendJsonString("a\"b" + bytes, out));
    EXPECT_EQ(out, "kept");
  }
}

TEST(JsonText, FirstAndLastCharactersOfEachLengthAreUtf8) {
  for (const char* character :
       {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsValidUtf8(character));
  }
  EXPECT_TRUE(IsValidUtf8(""));
}

TEST(JsonText, LossyTextReplacesOnlyTheBadBytes) {
  std::string out;
  AppendJsonStringLossy("한\xe1\x80글\xff", out);
  EXPECT_EQ(out, "\"한??글?\"");
}

TEST(JsonText, ClipCutsBetweenCharacters) {
  EXPECT_EQ(Clip("한글", 6), "한글");
  EXPECT_EQ(Clip("한글", 5), "한…");
  EXPECT_EQ(Clip("한글", 3), "한…");
  EXPECT_EQ(Clip("한글", 2), "…");
  EXPECT_EQ(Clip("abc", 2), "ab…");
}

}  // namespace
}  // namespace coupond::connect
