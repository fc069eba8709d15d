#include "rpc/json/well_known_types.h"

#include <gtest/gtest.h>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/wrappers.pb.h>

#include <limits>
#include <string>

#include "every_kind.pb.h"
#include "rpc/json/json_reader.h"
#include "rpc/json/json_writer.h"

namespace coupond::connect {
namespace {

/// Reads a text and writes it again.
std::string Duration(std::string_view text) {
  const auto duration = ParseDurationJson(text);
  return duration ? DurationJson(*duration).value_or("refused") : "refused";
}

TEST(DurationJson, IsSecondsWithAnS) {
  EXPECT_EQ(ParseDurationJson("-1.5s"), (DurationParts{-1, -500'000'000}));
  EXPECT_EQ(ParseDurationJson("-0.5s"), (DurationParts{0, -500'000'000}));
  EXPECT_EQ(Duration("3s"), "3s");
  EXPECT_EQ(Duration("3.000001s"), "3.000001s");
  EXPECT_EQ(Duration("-0.000000001s"), "-0.000000001s");
  EXPECT_EQ(Duration("315576000000s"), "315576000000s");
  for (const char* text : {"", "s", "1", "1 s", "1.s", ".5s", "--1s", "+1s", "1.1234567890s", "1ss",
                           "315576000001s", "99999999999999999999s", "-s"}) {
    EXPECT_EQ(Duration(text), "refused") << text;
  }
  EXPECT_EQ(DurationJson(DurationParts{1, -1}), std::nullopt);
  EXPECT_EQ(DurationJson(DurationParts{315'576'000'001, 0}), std::nullopt);
}

TEST(FieldMaskPath, ConvertsTheCaseBothWays) {
  EXPECT_EQ(FieldMaskPathFromJson("user.displayName"), "user.display_name");
  EXPECT_EQ(FieldMaskPathToJson("user.display_name"), "user.displayName");
  EXPECT_EQ(FieldMaskPathFromJson("display_name"), std::nullopt);
  EXPECT_EQ(FieldMaskPathFromJson("user.DisplayName"), std::nullopt);
  EXPECT_EQ(FieldMaskPathFromJson("display-name"), std::nullopt);
  EXPECT_EQ(FieldMaskPathToJson("displayName"), std::nullopt);
  EXPECT_EQ(FieldMaskPathToJson("field_1"), std::nullopt);
  EXPECT_EQ(FieldMaskPathToJson("field_"), std::nullopt);
  EXPECT_EQ(FieldMaskPathFromJson("*"), "*");
  EXPECT_EQ(FieldMaskPathToJson("*"), "*");
  EXPECT_EQ(FieldMaskPathFromJson("user.*"), std::nullopt);
  EXPECT_EQ(FieldMaskPathToJson("user.*"), std::nullopt);
}

using connecttest::WellKnown;

/// Reads JSON and writes it again, without `null`, which is always written.
std::string ReadAndWrite(std::string_view json) {
  const JsonFormat format(WellKnown::descriptor());
  WellKnown message;
  if (const auto read = ReadJson(format, json, message); !read) {
    return "refused: " + read.error().Text();
  }
  std::string out;
  if (const auto written = WriteJson(format, message, out); !written) return written.error();
  for (const char* empty : {R"("null":null,)", R"("null":null)", R"(,"timestamps":[])",
                            R"("timestamps":[])", R"(,"anyValues":[])"}) {
    const auto at = out.find(empty);
    if (at != std::string::npos) out.erase(at, std::string_view(empty).size());
  }
  return out.ends_with(",}") ? out.substr(0, out.size() - 2) + "}" : out;
}

TEST(JsonWellKnown, ReadsBackWhatWasWritten) {
  for (const char* json : {
           R"({"timestamp":"2026-12-01T01:00:00.500Z"})",
           R"({"duration":"-1.500s"})",
           R"({"fieldMask":"user.displayName,photo"})",
           R"({"fieldMask":""})",
           R"({"struct":{"a":[1,"x",null,true,{"b":{}}]}})",
           R"({"value":1.5})",
           R"({"value":null})",
           R"({"value":{"a":[]}})",
           R"({"list":[null,[],"x"]})",
           R"({"empty":{}})",
           R"({"wrappedBool":false})",
           R"({"wrappedInt32":-1})",
           R"({"wrappedInt64":"0"})",
           R"({"wrappedUint32":1})",
           R"({"wrappedUint64":"18446744073709551615"})",
           R"({"wrappedDouble":"NaN"})",
           R"({"wrappedFloat":0.1})",
           R"({"wrappedString":""})",
           R"({"wrappedBytes":"AAE="})",
           R"({"any":{}})",
           R"({"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}})",
           R"({"any":{"@type":"type.googleapis.com/google.protobuf.StringValue","value":"x"}})",
           R"({"any":{"@type":"type.googleapis.com/connecttest.Item","code":"x"}})",
       }) {
    EXPECT_EQ(ReadAndWrite(json), json);
  }
}

TEST(JsonWellKnown, NullLeavesAWrapperUnset) {
  EXPECT_EQ(ReadAndWrite(R"({"wrappedInt32":null,"timestamp":null,"any":null})"), "{}");
}

TEST(JsonWellKnown, AnyMayHaveItsTypeAnywhere) {
  EXPECT_EQ(ReadAndWrite(R"({"any":{"code":"x","@type":"type.googleapis.com/connecttest.Item"}})"),
            R"({"any":{"@type":"type.googleapis.com/connecttest.Item","code":"x"}})");
}

TEST(JsonWellKnown, WrongValuesAreRefusedByName) {
  EXPECT_EQ(ReadAndWrite(R"({"timestamp":5})"),
            "refused: timestamp: expected a string, not a number");
  EXPECT_EQ(ReadAndWrite(R"({"duration":"010s"})"),
            "refused: duration: \"010s\" begins with a zero; write it without");
  EXPECT_EQ(ReadAndWrite(R"({"duration":"5"})"),
            R"(refused: duration: "5" is not a duration such as 1.5s)");
  EXPECT_EQ(ReadAndWrite(R"({"wrappedInt32":"x"})"),
            R"(refused: wrapped_int32: "x" is not a whole number)");
  EXPECT_EQ(ReadAndWrite(R"({"wrappedInt32":{"value":1}})"),
            "refused: wrapped_int32: expected a whole number, not an object");
  EXPECT_EQ(ReadAndWrite(R"({"struct":[]})"), "refused: struct: expected an object, not an array");
  EXPECT_EQ(ReadAndWrite(R"({"timestamps":["2026-12-01T01:00:00Z",null]})"),
            "refused: timestamps[1]: null is not a value here");
  EXPECT_EQ(ReadAndWrite(R"({"fieldMask":"a,,b"})"),
            R"(refused: field_mask: "" is not a path of a field mask such as user.displayName)");
  EXPECT_EQ(ReadAndWrite(R"({"fieldMask":"a,"})").substr(0, 20), "refused: field_mask:");
  EXPECT_EQ(ReadAndWrite(R"({"any":{"code":"x"}})"), R"(refused: any: an Any needs "@type")");
  EXPECT_EQ(ReadAndWrite(R"({"any":{"@type":"type.googleapis.com/no.Such"}})"),
            R"(refused: any: the type "type.googleapis.com/no.Such" is not known here)");
  EXPECT_EQ(ReadAndWrite(R"({"any":{"@type":1}})"),
            "refused: any.@type: expected a string, not a number");
  EXPECT_EQ(
      ReadAndWrite(R"({"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":1}})"),
      "refused: any.value: expected a string, not a number");
}

TEST(JsonWellKnown, AWrapperMayBeTheWholeMessage) {
  const JsonFormat format(google::protobuf::Int64Value::descriptor());
  google::protobuf::Int64Value message;
  ASSERT_TRUE(ReadJson(format, "\"5\"", message).has_value());
  EXPECT_EQ(message.value(), 5);
  std::string out;
  ASSERT_TRUE(WriteJson(format, message, out).has_value());
  EXPECT_EQ(out, "\"5\"");
}

std::string WriteProblem(const WellKnown& message) {
  std::string out = "kept";
  const auto written = WriteJson(JsonFormat(WellKnown::descriptor()), message, out);
  EXPECT_EQ(out, "kept");
  return written ? "" : written.error();
}

TEST(JsonWellKnown, WhatJsonCannotExpressIsAnError) {
  WellKnown message;
  message.add_timestamps()->set_seconds(1'000'000'000'000);
  EXPECT_EQ(WriteProblem(message), "timestamps: is out of range");
  message.Clear();
  message.mutable_value();
  EXPECT_EQ(WriteProblem(message), "value: is a google.protobuf.Value that holds nothing");
  message.mutable_value()->set_number_value(std::numeric_limits<double>::infinity());
  EXPECT_EQ(WriteProblem(message), "value: holds a number that JSON does not have");
  message.Clear();
  message.mutable_any()->set_type_url("type.googleapis.com/no.Such");
  EXPECT_EQ(WriteProblem(message), "any: holds a type that is not known here");
  message.mutable_any()->set_type_url("type.googleapis.com/connecttest.Item");
  message.mutable_any()->set_value("\xff");
  EXPECT_EQ(WriteProblem(message), "any: holds bytes that are not of its type");
}

}  // namespace
}  // namespace coupond::connect
