#include "rpc/json/base64.h"

#include <gtest/gtest.h>

#include <string>

namespace coupond::connect {
namespace {

std::string Base64(std::string_view bytes, Base64Padding padding) {
  std::string out;
  AppendBase64(bytes, padding, out);
  return out;
}

TEST(Base64, FollowsRfc4648) {
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

TEST(Base64, AnythingElseIsRefused) {
  for (const char* text : {"Z", "Zg=", "Zg===", "=", "==", "Z===", "Zm9v=", "Zm=v",
                           "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "+_8=", "Zg==Zg==", "é"}) {
    EXPECT_EQ(DecodeBase64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace coupond::connect
