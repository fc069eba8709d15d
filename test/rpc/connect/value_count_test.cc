#include "rpc/connect/value_count.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace coupond::connect {
namespace {

using std::string_view_literals::operator""sv;

TEST(ValueCount, OfJsonCountsValuesAndKeysOutsideOfTexts) {
  const struct {
    std::string_view json;
    std::size_t values;
  } rows[] = {
      {R"("text")", 1},
      {R"({"a":1})", 3},
      {R"({"a":[1,2,{"b":null}]})", 8},
      {R"(["a,b:c[d{e", "\",[", "\\"])", 4},
      {R"(["never ends, \)", 2},
  };
  for (const auto& row : rows) EXPECT_EQ(ValuesAtMost(Codec::kJson, row.json), row.values);
}

TEST(ValueCount, OfProtobufCountsFieldsOfEachWireType) {
  EXPECT_EQ(ValuesAtMost(Codec::kProto, ""), 0U);
  EXPECT_EQ(ValuesAtMost(Codec::kProto,
                         "\x08\x96\x01"
                         "\x11"
                         "12345678"
                         "\x1a\x03"
                         "abc"
                         "\x25"
                         "1234"sv),
            4U);
  EXPECT_EQ(ValuesAtMost(Codec::kProto, "\x0b\x08\x01\x0a\x00\x0c"sv), 4U) << "a group";
  EXPECT_EQ(ValuesAtMost(Codec::kProto, "\x0a\x00\x0a\x05"sv), 2U) << "cut short";
}

}  // namespace
}  // namespace coupond::connect
