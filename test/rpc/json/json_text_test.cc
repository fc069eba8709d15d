#include "rpc/json/json_text.h"

#include <gtest/gtest.h>

#include <string>

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

}  // namespace
}  // namespace coupond::connect
