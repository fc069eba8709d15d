#include "rpc/json/json_writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "every_kind.pb.h"

namespace coupond::connect {
namespace {

using connecttest::Collections;
using connecttest::Nested;
using connecttest::Presence;
using connecttest::Scalars;

template <typename Message>
std::string Write(const Message& message) {
  std::string out;
  const auto written = WriteJson(JsonFormat(Message::descriptor()), message, out);
  return written ? out : "refused: " + written.error();
}

TEST(JsonWriter, FieldsWithoutPresenceAreAlwaysWritten) {
  EXPECT_EQ(Write(Scalars()),
            R"({"anInt32":0,"anInt64":"0","aUint32":0,"aUint64":"0","aSint32":0,"aFixed64":"0",)"
            R"("aDouble":0,"aFloat":0,"aBool":false,"aString":"","someBytes":"",)"
            R"("aColor":"COLOR_UNSPECIFIED","otherName":""})");
  EXPECT_EQ(Write(Collections()),
            R"({"numbers":[],"texts":[],"colors":[],"bools":[],"messages":[],"byName":{},)"
            R"("byNumber":{},"byBool":{},"values":{},"doubles":[],"blobs":[],"large":[]})");
}

TEST(JsonWriter, FieldsWithPresenceAreWrittenWhenSet) {
  Presence message;
  EXPECT_EQ(Write(message), "{}");
  message.set_maybe_int(0);
  message.set_text("");
  EXPECT_EQ(Write(message), R"({"maybeInt":0,"text":""})");
  message.Clear();
  message.set_nothing(google::protobuf::NULL_VALUE);
  EXPECT_EQ(Write(message), R"({"nothing":null})");
}

TEST(JsonWriter, WritesEveryScalar) {
  Scalars message;
  message.set_an_int32(std::numeric_limits<std::int32_t>::min());
  message.set_an_int64(std::numeric_limits<std::int64_t>::min());
  message.set_a_uint32(std::numeric_limits<std::uint32_t>::max());
  message.set_a_uint64(std::numeric_limits<std::uint64_t>::max());
  message.set_a_double(0.1);
  message.set_a_float(0.1F);
  message.set_a_bool(true);
  message.set_a_string("한\"글");
  message.set_some_bytes("\xfb\xff");
  message.set_a_color(static_cast<connecttest::Color>(77));
  EXPECT_EQ(Write(message),
            R"({"anInt32":-2147483648,"anInt64":"-9223372036854775808","aUint32":4294967295,)"
            R"("aUint64":"18446744073709551615","aSint32":0,"aFixed64":"0","aDouble":0.1,)"
            R"("aFloat":0.1,"aBool":true,"aString":"한\"글","someBytes":"+/8=","aColor":77,)"
            R"("otherName":""})");
}

TEST(JsonWriter, NumbersThatJsonLacksAreStrings) {
  Collections message;
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value :
       {infinity, -infinity, std::numeric_limits<double>::quiet_NaN(), -0.0, 1e300, 5e-324}) {
    message.add_doubles(value);
  }
  EXPECT_NE(Write(message).find(R"("doubles":["Infinity","-Infinity","NaN",-0,1e+300,5e-324])"),
            std::string::npos)
      << Write(message);
}

TEST(JsonWriter, WritesListsMapsAndNestedMessages) {
  Collections message;
  message.add_numbers(1);
  message.add_numbers(2);
  message.add_colors(connecttest::COLOR_RED);
  message.add_messages()->mutable_child()->set_name("x");
  (*message.mutable_by_name())["a"] = 1;
  (*message.mutable_by_number())[-7] = "x";
  (*message.mutable_by_bool())[true].set_name("y");
  EXPECT_EQ(
      Write(message),
      R"({"numbers":[1,2],"texts":[],"colors":["COLOR_RED"],"bools":[],)"
      R"("messages":[{"name":"","child":{"name":"x","children":[]},"children":[]}],)"
      R"("byName":{"a":1},"byNumber":{"-7":"x"},"byBool":{"true":{"name":"y","children":[]}},)"
      R"("values":{},"doubles":[],"blobs":[],"large":[]})");
}

TEST(JsonWriter, AnErrorLeavesTheOutputUnchanged) {
  const JsonFormat format(Nested::descriptor());
  Nested message;
  std::string out = "kept";
  ASSERT_TRUE(WriteJson(format, message, out).has_value());
  EXPECT_EQ(out, R"(kept{"name":"","children":[]})");
  out = "kept";
  message.add_children()->mutable_child()->set_name("\xff");
  EXPECT_EQ(WriteJson(format, message, out).error(), "children.child.name: is not valid UTF-8");
  EXPECT_EQ(out, "kept");
}

}  // namespace
}  // namespace coupond::connect
