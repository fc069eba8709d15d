#include "base/normal_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <utf8proc.h>

#include <array>
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace coupond {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// The normal form, or "refused: …".
std::string Normal(const std::string& text) {
  auto normal = NormalForm(text);
  if (!normal) return "refused: " + normal.error();
  return normal->value_or(text);
}

std::string Utf8(char32_t character) {
  std::array<utf8proc_uint8_t, 4> bytes;
  const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(character), bytes.data());
  return {reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length)};
}

std::string Repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::string Mapped(const std::string& text, int options) {
  utf8proc_uint8_t* out = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &out,
                                   static_cast<utf8proc_option_t>(options));
  EXPECT_GE(length, 0) << text;
  std::string result(reinterpret_cast<const char*>(out), static_cast<std::size_t>(length));
  std::free(out);
  return result;
}

// docs/API.md names this version: change it there too.
TEST(NormalText, TheUnicodeVersionIsTheDocumentedOne) {
  EXPECT_EQ(NormalFormUnicodeVersion(), "15.0.0");
}

TEST(NormalText, PlainTextIsAlreadyNormal) {
  for (const char* text :
       {"", "u1", "a b", "order-4711", "~!", "설날", "é", "日本", "❤️", "👩‍🚀"}) {
    const auto normal = NormalForm(text);
    ASSERT_TRUE(normal) << normal.error();
    EXPECT_FALSE(normal->has_value()) << text << " became " << **normal;
  }
}

TEST(NormalText, DecomposedTextIsComposed) {
  EXPECT_EQ(Normal("\u1107\u1169\u11B7"), "봄");
  EXPECT_EQ(Normal("\u1100\u1175\u11B7"), "김");
  EXPECT_EQ(Normal("e\u0301"), "é");
  EXPECT_EQ(Normal("\u212B"), "Å") << "the angstrom sign";
  EXPECT_EQ(Normal("q\u0307\u0323"), "q\u0323\u0307") << "marks in their canonical order";
}

TEST(NormalText, WidthIsMappedAndNoOtherCompatibility) {
  EXPECT_EQ(Normal("Ｓｕｍｍｅｒ２"), "Summer2");
  EXPECT_EQ(Normal("ｶﾞｷﾞ"), "ガギ") << "half-width letters and marks, then composed";
  EXPECT_EQ(Normal("ﾡￂￜ"), "ㄱㅏㅣ");
  EXPECT_EQ(Normal("￦￣"), "₩\u00AF");
  EXPECT_EQ(Normal("a\u3000b"), "a b");
  for (const char* text : {"①", "ﬁ", "㎏", "x²", "½", "ㄱ", "\u00A0x\u00A0"}) {
    EXPECT_NE(Normal(text).substr(0, 7), "refused");
  }
  EXPECT_EQ(Normal("①ﬁ㎏x²½ㄱ"), "①ﬁ㎏x²½ㄱ");
}

/// The mapping of each wide or narrow character against the library's compatibility decomposition.
TEST(NormalText, EveryWidthMappingAgreesWithUnicode) {
  int count = 0;
  for (utf8proc_int32_t c = 1; c < 0x110000; ++c) {
    const auto* property = utf8proc_get_property(c);
    if (property->decomp_type != UTF8PROC_DECOMP_TYPE_WIDE &&
        property->decomp_type != UTF8PROC_DECOMP_TYPE_NARROW) {
      continue;
    }
    ++count;
    if (property->ignorable != 0 || c == 0x3000) continue;
    const std::string sent = Utf8(static_cast<char32_t>(c));
    const std::string normal = Normal(sent);
    ASSERT_NE(normal, sent);
    constexpr int kCompatibility = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT;
    EXPECT_EQ(Mapped(normal, kCompatibility), Mapped(sent, kCompatibility)) << sent;
    utf8proc_int32_t mapped = 0;
    utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(normal.data()),
                     static_cast<utf8proc_ssize_t>(normal.size()), &mapped);
    EXPECT_TRUE(mapped < 0x1100 || mapped > 0x11FF) << sent << " went two steps";
  }
  EXPECT_EQ(count, 226);
}

TEST(NormalText, WhiteSpaceIsTrimmedAtTheEndsOnly) {
  EXPECT_EQ(Normal("  summer  sale\t\r\n"), "summer  sale");
  EXPECT_EQ(Normal("\u3000\u00A0봄\u2003\u2028\u0085"), "봄");
  EXPECT_EQ(Normal(" \t\u3000"), "");
}

TEST(NormalText, ARefusalNamesTheCharacterAndItsPosition) {
  EXPECT_EQ(Normal("ab\ad"), "refused: U+0007 at character 3 is a control character; remove it");
  EXPECT_EQ(Normal("  봄\nx"), "refused: U+000A at character 4 is a control character; remove it");
  EXPECT_EQ(Normal(std::string("a\0b", 3)),
            "refused: U+0000 at character 2 is a control character; remove it");
  EXPECT_EQ(Normal("봄\U0001FAE9"),
            "refused: U+1FAE9 at character 2 is not an assigned character of Unicode 15.0.0; "
            "remove it");
  EXPECT_EQ(Normal("kim\u200B"), "refused: U+200B at character 4 is invisible; remove it");
}

TEST(NormalText, InvisibleAndMeaninglessCharactersAreRefused) {
  for (const char32_t character :
       {0x01U,    0x1BU,    0x7FU,    0x80U,     0x9FU,   0xADU,    0x34FU,   0x378U,
        0x61CU,   0x115FU,  0x1160U,  0x17B4U,   0x180EU, 0x200BU,  0x200EU,  0x202EU,
        0x2060U,  0x2064U,  0x2066U,  0x2069U,   0x206AU, 0x2800U,  0x3164U,  0xFDD0U,
        0xFEFFU,  0xFFA0U,  0xFFF9U,  0xFFFDU,   0xFFFFU, 0x1D159U, 0x1D173U, 0x1FFFEU,
        0xE0001U, 0xE0020U, 0xE007FU, 0x10FFFFU, 0xE01F0U}) {
    const std::string text = "a" + Utf8(character) + "b";
    EXPECT_THAT(Normal(text), StartsWith("refused: U+")) << std::hex << std::uint32_t{character};
    EXPECT_THAT(Normal(Utf8(character)), StartsWith("refused: U+"));
  }
  EXPECT_THAT(Normal("a\u2028b"), HasSubstr("line separator"));
  EXPECT_THAT(Normal("a\uFFFDb"), HasSubstr("lost when the text was converted"));
}

TEST(NormalText, PrivateUseCharactersStay) {
  EXPECT_EQ(Normal("\uE000\uF8FF\U0010FFFD"), "\uE000\uF8FF\U0010FFFD");
}

TEST(NormalText, JoinersStandBetweenVisibleCharacters) {
  EXPECT_EQ(Normal("👩‍❤️‍👨"), "👩‍❤️‍👨");
  EXPECT_EQ(Normal("क्‍ष"), "क्‍ष");
  EXPECT_EQ(Normal("می‌خواهم"), "می‌خواهم");
  for (const char* text : {"\u200Da", "a\u200D", "a\u200D ", " \u200Ca", "a \u200Db", "a\u200D b",
                           "a\u200D\u200Db", "a\u200C\u200Db", "a\u200D\uFE0Fb", "\u200D"}) {
    EXPECT_THAT(Normal(text), HasSubstr("joiner")) << text;
  }
}

TEST(NormalText, VariationSelectorsFollowAVisibleCharacter) {
  for (const char* text : {"❤️", "葛\U000E0100", "1️⃣", "ᠠ᠋", "❤️ 봄"}) EXPECT_EQ(Normal(text), text);
  for (const char* text : {"\uFE0F", "\uFE0Fa", "a \uFE0F", "a\uFE0F\uFE0F", "a\uFE0F\uFE0E"}) {
    EXPECT_THAT(Normal(text), HasSubstr("variation selector")) << text;
  }
}

TEST(NormalText, MarksInARowAreBounded) {
  EXPECT_EQ(Normal("a" + Repeated("\u0302", 30)), "â" + Repeated("\u0302", 29));
  EXPECT_THAT(Normal("a" + Repeated("\u0302", 31)), HasSubstr("more than 30 marks"));
  EXPECT_THAT(Normal("â" + Repeated("\u0302", 30)), HasSubstr("more than 30 marks"))
      << "composed or not is the same";
}

TEST(NormalText, LinesKeepTheirBreaksTabsAndWidths) {
  const auto lines = [](const std::string& text) {
    auto normal = NormalFormOfLines(text);
    return normal ? normal->value_or(text) : "refused: " + normal.error();
  };
  EXPECT_EQ(lines(" \n A\tb\r\n\n  c \n"), "A\tb\r\n\n  c");
  EXPECT_EQ(lines("Ｋｉｍ！　ｶﾞ"), "Ｋｉｍ！　ｶﾞ");
  EXPECT_EQ(lines("\u1107\u1169\u11B7\ne\u0301"), "봄\né");
  EXPECT_EQ(lines(" \n\t"), "");
  EXPECT_EQ(lines("a\x1b[2J"), "refused: U+001B at character 2 is a control character; remove it");
  EXPECT_EQ(lines("a\n\u200B"), "refused: U+200B at character 3 is invisible; remove it");
  EXPECT_THAT(lines("a" + Repeated("\u0302", 31)), HasSubstr("more than 30 marks"));
  EXPECT_EQ(lines("a\n\xFF"), "refused: is not UTF-8");
}

TEST(NormalText, TextThatIsNotUtf8IsRefused) {
  for (const char* text : {"\xB1\xE8", "a\xFF", "\xC0\x80", "봄\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
    EXPECT_EQ(Normal(text), "refused: is not UTF-8");
  }
}

/// Random texts out of characters that do things to one another. What is accepted stays as it is,
/// is NFC, has no white space at its ends, and is the same for its canonical equivalents.
TEST(NormalText, NormalFormsAreFixedPoints) {
  const auto seed =
      static_cast<std::uint32_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::array<char32_t, 30> kParts = {
      U'a',   U' ',   U'e',   0x301,  0x323,  0x308,  0x344,  0x1112,  0x1161, 0x11AB,
      0xAC00, 0xFF21, 0xFF76, 0xFF9E, 0xFFA1, 0x3000, 0xA0,   0x200D,  0xFE0F, 0x2764,
      0x958,  0x93C,  0x0F73, 0x1F82, 0x345,  0xFFE3, 0x212B, 0x1F469, 0x2000, 0xAC01};
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    const auto length = random() % 12;
    for (std::uint32_t i = 0; i < length; ++i) {
      // Half of them from anywhere on the first planes, so that nothing is forgotten.
      text += Utf8(random() % 8 == 0 ? 0x20 + random() % 0xD000 : kParts[random() % kParts.size()]);
    }
    const std::string normal = Normal(text);
    constexpr int kNfd = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE;
    constexpr int kNfc = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    if (normal.starts_with("refused")) continue;
    ++accepted;
    ASSERT_EQ(Normal(normal), normal) << text;
    ASSERT_EQ(Mapped(normal, kNfc), normal) << text;
    ASSERT_EQ(TrimmedText(normal), normal) << text;
    ASSERT_EQ(Normal(Mapped(text, kNfd)), normal) << text;
    ASSERT_EQ(Normal(Mapped(text, kNfc)), normal) << text;
    ASSERT_EQ(Normal(" " + text + "\n"), normal) << text;
  }
  EXPECT_GT(accepted, 1'000);
}

}  // namespace
}  // namespace coupond
