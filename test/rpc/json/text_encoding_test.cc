#include "rpc/json/json_document.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace coupond::connect {
namespace {

constexpr std::string_view kJson = R"({"name":"spring"})";

/// ASCII in units of `bytes` bytes.
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
    EXPECT_EQ(parsed.error(), *problem) << "who sends it is told";
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
