#include "rpc/json/json_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coupond::connect {
namespace {

using namespace std::string_literals;

std::string ProblemOf(std::string_view json) {
  JsonDocument document;
  const auto parsed = document.Parse(json);
  return parsed ? "" : parsed.error();
}

TEST(JsonDocument, KeepsOrderTextsAndExtents) {
  JsonDocument document;
  ASSERT_TRUE(document.Parse(R"( {"a":[1.50,"x\ny"],"b":null} )").has_value());
  EXPECT_EQ(document.At(0).kind, JsonKind::kObject);
  EXPECT_EQ(document.At(0).end, 7U);
  EXPECT_EQ(document.At(1).text, "a");
  EXPECT_EQ(document.At(2).kind, JsonKind::kArray);
  EXPECT_EQ(document.At(2).end, 5U);
  EXPECT_EQ(document.At(3).text, "1.50");
  EXPECT_EQ(document.At(4).text, "x\ny");
  EXPECT_EQ(document.At(5).text, "b");
  EXPECT_EQ(document.At(6).kind, JsonKind::kNull);
}

// Which of them are copied does not depend on what stands beside them.
TEST(JsonDocument, OnlyTextsWithEscapesAreCopied) {
  const std::string json = R"(["","plain",-1.50e3,"a\u0041","\\","\n tail",true,"last"])";
  JsonDocument document;
  ASSERT_TRUE(document.Parse(json).has_value());
  const auto is_copied = [&](std::uint32_t place) {
    const std::string_view text = document.At(place).text;
    return text.data() < json.data() || text.data() > json.data() + json.size();
  };
  std::vector<std::string> copied;
  std::vector<std::string> others;
  for (std::uint32_t place = 1; place < document.At(0).end; ++place) {
    if (document.At(place).kind == JsonKind::kTrue) continue;
    (is_copied(place) ? copied : others).emplace_back(document.At(place).text);
  }
  EXPECT_THAT(copied, testing::ElementsAre("aA", "\\", "\n tail"));
  EXPECT_THAT(others, testing::ElementsAre("", "plain", "-1.50e3", "last"));
}

TEST(JsonDocument, OnlyStrictJsonIsAccepted) {
  for (const std::string& json : std::vector<std::string>{"{",
                                                          "}",
                                                          "{}}",
                                                          "{} {}",
                                                          "{}x",
                                                          "[1,]",
                                                          "{\"a\":1,}",
                                                          "{,}",
                                                          "{'a':1}",
                                                          "{a:1}",
                                                          "{\"a\":01}",
                                                          "{\"a\":+1}",
                                                          "{\"a\":.5}",
                                                          "{\"a\":1.}",
                                                          "{\"a\":NaN}",
                                                          "{\"a\":Infinity}",
                                                          "{\"a\":True}",
                                                          "{\"a\":nul}",
                                                          "{\"a\" 1}",
                                                          "{\"a\":1 \"b\":2}",
                                                          "/* */{}",
                                                          "{}//x",
                                                          "{\"a\":\"\n\"}",
                                                          "{\"a\":\"\t\"}",
                                                          "{\"a\":\"\\x\"}",
                                                          "{\"a\":\"\\u12\"}",
                                                          "\xef\xbb\xbf{}",
                                                          "{\"a\":\"open}",
                                                          "{}\0"s,
                                                          "\0{}"s,
                                                          "{\"a\":\"\0\"}"s,
                                                          "{\"a\":1e}"}) {
    EXPECT_NE(ProblemOf(json), "") << json;
  }
}

TEST(JsonDocument, StringsAreUtf8WithoutLoneSurrogates) {
  EXPECT_EQ(ProblemOf("{\"a\":\"한글 \\ud55c \\ud83d\\ude00\"}"), "");
  for (const char* text : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xe1\x80", "\xf4\x90\x80\x80",
                           "\\ud800", "\\udc00", "\\ud800\\ud800", "\\ud83dx", "\\ude00\\ud83d"}) {
    EXPECT_NE(ProblemOf("{\"a\":\"" + std::string(text) + "\"}"), "") << text;
    EXPECT_NE(ProblemOf("{\"" + std::string(text) + "\":1}"), "") << text;
  }
}

TEST(JsonDocument, NoKeyAppearsTwiceInOneObject) {
  EXPECT_EQ(ProblemOf(R"({"a":{"b":1},"b":{"b":2}})"), "");
  EXPECT_EQ(ProblemOf(R"({"a":1,"b":2,"a":3})"),
            R"(invalid JSON: the key "a" appears twice in one object)");
  EXPECT_NE(ProblemOf(R"({"x":[{"y":{"a":1,"\u0061":1}}]})"), "");
}

TEST(JsonDocument, DuplicateKeysAreFoundAmongMany) {
  std::string json = "{";
  for (int i = 0; i < 1000; ++i) json += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_EQ(ProblemOf(json + "\"other\":0}"), "");
  EXPECT_NE(ProblemOf(json + "\"k500\":0}"), "");
}

TEST(JsonDocument, DepthIsLimited) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(ProblemOf(nested(kJsonDepthMax)), "");
  EXPECT_EQ(ProblemOf(nested(kJsonDepthMax + 1)), "the JSON is nested more than 32 levels deep");
  EXPECT_NE(ProblemOf(std::string(60'000, '[')), "");
}

TEST(JsonDocument, AnEmptyBodyIsReportedAsEmpty) {
  EXPECT_EQ(ProblemOf(""), "the JSON body is empty; an empty message is {}");
  EXPECT_EQ(ProblemOf(" \n"), "the JSON body is empty; an empty message is {}");
}

TEST(JsonDocument, ErrorsNameThePlace) {
  EXPECT_EQ(ProblemOf("{\"a\":1} x"), "invalid JSON at byte 8: text after the end");
}

TEST(JsonDocument, AHalfSurrogatePairIsReportedAsThat) {
  for (const char* text : {"\\ud800", "\\udc00", "\\ud800\\ud800", "\\ud83dx", "\\ude00\\ud83d"}) {
    EXPECT_THAT(ProblemOf("{\"a\":\"" + std::string(text) + "\"}"),
                testing::HasSubstr("half of a surrogate pair"))
        << text;
  }
}

TEST(JsonDocument, MayBeReused) {
  JsonDocument document;
  ASSERT_TRUE(document.Parse(R"({"a":"long enough to be on the heap, surely"})").has_value());
  ASSERT_FALSE(document.Parse(R"({"a":)").has_value());
  ASSERT_TRUE(document.Parse(R"(["b"])").has_value());
  EXPECT_EQ(document.At(1).text, "b");
  EXPECT_EQ(document.At(0).end, 2U);
}

constexpr std::string_view kJson = R"({"name":"spring"})";

/// Returns ASCII text in units of `bytes` bytes.
std::string Wide(std::string_view ascii, std::size_t bytes, bool big_endian) {
  std::string wide;
  for (const char character : ascii) {
    std::string unit(bytes, '\0');
    (big_endian ? unit.back() : unit.front()) = character;
    wide += unit;
  }
  return wide;
}

std::string Problem(std::string_view json) {
  const auto problem = JsonEncodingProblem(json);
  const auto parsed = JsonDocument().Parse(json);
  if (problem) {
    EXPECT_EQ(parsed.error(), *problem) << "the error names the mistake";
  }
  return problem.value_or("");
}

TEST(TextEncoding, Utf8HasNoProblem) {
  EXPECT_EQ(Problem(kJson), "");
  EXPECT_EQ(Problem(R"({"name":"봄 😀"})"), "");
  EXPECT_EQ(NotUtf8Problem(""), std::nullopt);
  EXPECT_EQ(Problem("{"), "") << "another problem is not this one";
}

TEST(TextEncoding, AByteOrderMarkIsNamed) {
  using namespace std::string_literals;
  const std::string json(kJson);
  EXPECT_EQ(Problem("\xEF\xBB\xBF" + json),
            "the JSON begins with a byte order mark; send it in UTF-8 without one");
  for (const std::string& body :
       {"\xFF\xFE" + Wide(kJson, 2, false), "\xFE\xFF" + Wide(kJson, 2, true)}) {
    EXPECT_EQ(Problem(body),
              "the JSON is not UTF-8 (it begins with a UTF-16 byte order mark); send it in UTF-8 "
              "without one");
  }
  for (const std::string& body :
       {"\xFF\xFE\0\0"s + Wide(kJson, 4, false), "\0\0\xFE\xFF"s + Wide(kJson, 4, true)}) {
    EXPECT_EQ(Problem(body),
              "the JSON is not UTF-8 (it begins with a UTF-32 byte order mark); send it in UTF-8 "
              "without one");
  }
}

TEST(TextEncoding, ZeroBytesRevealTheEncoding) {
  for (const bool big_endian : {false, true}) {
    EXPECT_EQ(Problem(Wide(kJson, 2, big_endian)),
              "the JSON is not UTF-8 (it looks like UTF-16); send it in UTF-8");
    EXPECT_EQ(Problem(Wide(kJson, 4, big_endian)),
              "the JSON is not UTF-8 (it looks like UTF-32); send it in UTF-8");
  }
}

TEST(TextEncoding, TheFirstByteThatIsNotUtf8IsNamed) {
  EXPECT_EQ(Problem("{\"name\":\"\xB1\xE8\"}"),
            "invalid JSON: byte 9 (0xB1) is not UTF-8; send UTF-8, not CP949 or another encoding");
  EXPECT_EQ(NotUtf8Problem("\xEA\xB9\x80\xE9"),
            "byte 3 (0xE9) is not UTF-8; send UTF-8, not CP949 or another encoding");
}

}  // namespace
}  // namespace coupond::connect
