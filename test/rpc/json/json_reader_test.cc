#include "rpc/json/json_reader.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

#include "every_kind.pb.h"

namespace coupond::connect {
namespace {

using connecttest::Collections;
using connecttest::Nested;
using connecttest::Presence;
using connecttest::Scalars;
using connecttest::WellKnown;

constexpr Strictness kStrict{.refuses_unknown = true};

/// Returns what was read, in protobuf's text format on one line, or "refused: " and the reason.
template <typename Message>
std::string Read(std::string_view json, const Strictness& strictness = {}) {
  const JsonFormat format(Message::descriptor());
  Message message;
  const auto read = ReadJson(format, json, message, strictness);
  if (!read) return "refused: " + read.error().Text();
  return message.ShortDebugString();
}

/// Returns a WellKnown whose Any has that type and those members.
std::string AnyWith(std::string_view type, std::string_view members) {
  std::string json = R"({"any":{"@type":"type.googleapis.com/)";
  json.append(type).append("\",").append(members).append("}}");
  return json;
}

TEST(JsonReader, ReadsEveryScalar) {
  EXPECT_EQ(Read<Scalars>(R"({"anInt32":-1,"anInt64":"-2","aUint32":3,"aUint64":"4","aSint32":-5,
                             "aFixed64":"6","aDouble":0.5,"aFloat":"1.5","aBool":true,
                             "aString":"한글","someBytes":"AAE=","aColor":"COLOR_RED"})"),
            R"(an_int32: -1 an_int64: -2 a_uint32: 3 a_uint64: 4 a_sint32: -5 a_fixed64: 6 )"
            R"(a_double: 0.5 a_float: 1.5 a_bool: true a_string: "\355\225\234\352\270\200" )"
            R"(some_bytes: "\000\001" a_color: COLOR_RED)");
}

TEST(JsonReader, AcceptsEitherNameOfAField) {
  EXPECT_EQ(Read<Scalars>(R"({"an_int32":1})"), "an_int32: 1");
  EXPECT_EQ(Read<Scalars>(R"({"otherName":"x"})"), R"(renamed: "x")");
  EXPECT_EQ(Read<Scalars>(R"({"renamed":"x"})"), R"(renamed: "x")");
}

TEST(JsonReader, BothNamesOfAFieldAreADuplicate) {
  EXPECT_EQ(Read<Scalars>(R"({"anInt32":1,"an_int32":1})"),
            "refused: an_int32: is given twice, under both its names");
  EXPECT_EQ(Read<Scalars>(R"({"anInt32":null,"an_int32":1})"),
            "refused: an_int32: is given twice, under both its names");
}

TEST(JsonReader, IgnoredFieldsMustStillBeStrictJson) {
  EXPECT_EQ(Read<Scalars>(R"({"other":{"a":[1,{"b":null}]},"anInt32":1})"), "an_int32: 1");
  EXPECT_EQ(Read<Scalars>(R"({"other":{"a":1,"a":2}})"),
            R"(refused: invalid JSON: the key "a" appears twice in one object)");
}

TEST(JsonReader, ANameThatDiffersInCaseOrUnderscoresIsRefused) {
  EXPECT_EQ(Read<Scalars>(R"({"AnInt32":1})"),
            "refused: AnInt32: unknown field; did you mean anInt32?");
  EXPECT_EQ(Read<Scalars>(R"({"_an_INT_32_":null})"),
            "refused: _an_INT_32_: unknown field; did you mean anInt32?");
  EXPECT_EQ(Read<Scalars>(R"({"anInt32":1,"an_Int32":1})"),
            "refused: an_Int32: unknown field; did you mean anInt32?");
  // Either name of a field whose two names differ.
  EXPECT_EQ(Read<Scalars>(R"({"othername":"x"})"),
            "refused: othername: unknown field; did you mean otherName?");
  EXPECT_EQ(Read<Scalars>(R"({"Renamed":"x"})"),
            "refused: Renamed: unknown field; did you mean otherName?");
  EXPECT_EQ(Read<Scalars>(R"({"an-int32":1,"anInt":1})"), "");
}

TEST(JsonReader, SimilarNamesAreRefusedInNestedMessages) {
  EXPECT_EQ(Read<Nested>(R"({"child":{"children":[{},{"NAME":"x"}]}})"),
            "refused: child.children[1].NAME: unknown field; did you mean name?");
  EXPECT_EQ(Read<Collections>(R"({"byBool":{"true":{"start_Time":null}}})"),
            R"(refused: by_bool["true"].start_Time: unknown field; did you mean startTime?)");
  EXPECT_EQ(Read<WellKnown>(AnyWith("connecttest.Nested", R"("NAME":"x")")),
            "refused: any.NAME: unknown field; did you mean name?");
  EXPECT_EQ(Read<WellKnown>(AnyWith("google.protobuf.Duration", R"("value":"1s","Value":"2s")")),
            "refused: any.Value: unknown field; did you mean value?");
  EXPECT_EQ(Read<WellKnown>(AnyWith("google.protobuf.Duration", R"("value":"1s","@Type":"")")),
            "refused: any.@Type: unknown field; did you mean @type?");
}

TEST(JsonReader, MapKeysAreNotFieldNames) {
  EXPECT_EQ(Read<Collections>(R"({"byName":{"By_Name":1}})", kStrict),
            R"(by_name { key: "By_Name" value: 1 })");
  EXPECT_FALSE(
      Read<WellKnown>(R"({"struct":{"Fields":1,"fields":2}})", kStrict).starts_with("refused"));
  EXPECT_FALSE(Read<WellKnown>(R"({"value":{"String_Value":""}})", kStrict).starts_with("refused"));
}

TEST(JsonReader, StrictnessRefusesUnknownFields) {
  EXPECT_EQ(Read<Scalars>(R"({"anInt32":1,"a_strng":"x"})", kStrict),
            "refused: a_strng: unknown field; did you mean aString?");
  EXPECT_EQ(Read<Nested>(R"({"child":{"colour":[]}})", kStrict),
            "refused: child.colour: unknown field; known are: name, child, children, startTime");
  EXPECT_EQ(Read<Scalars>(R"({"unlike":1})", kStrict), "refused: unlike: unknown field");
  EXPECT_EQ(Read<Scalars>(R"({"":1})", kStrict), R"(refused: "": unknown field)");
  EXPECT_EQ(Read<WellKnown>(R"({"empty":{"x":1}})", kStrict), "refused: empty.x: unknown field");
  EXPECT_EQ(Read<WellKnown>(AnyWith("google.protobuf.Duration", R"("value":"1s","x":1)"), kStrict),
            "refused: any.x: unknown field; known are: @type, value");
}

TEST(JsonReader, EmptyStringsCanBeRefused) {
  constexpr Strictness kNoEmptyStrings{.refuses_empty_strings = true};
  EXPECT_EQ(Read<Scalars>(R"({"aString":""})", kNoEmptyStrings),
            "refused: a_string: is empty; give a value, or leave the field out");
  EXPECT_EQ(Read<Nested>(R"({"child":{"name":""}})", kNoEmptyStrings),
            "refused: child.name: is empty; give a value, or leave the field out");
  EXPECT_EQ(Read<Scalars>(R"({"aString":null,"someBytes":""})", kNoEmptyStrings), "");
  EXPECT_EQ(Read<Collections>(R"({"texts":["",""]})", kNoEmptyStrings), R"(texts: "" texts: "")");
  EXPECT_EQ(Read<Scalars>(R"({"aString":""})", kStrict), "");
}

TEST(JsonReader, NullLeavesAFieldUnset) {
  EXPECT_EQ(Read<Scalars>(R"({"anInt32":null,"aString":null,"aColor":null,"someBytes":null})"), "");
  EXPECT_EQ(Read<Presence>(R"({"maybeInt":null,"message":null,"text":null})"), "");
  EXPECT_EQ(Read<Collections>(R"({"numbers":null,"byName":null,"messages":null})"), "");
}

TEST(JsonReader, NullIsNotAnElement) {
  EXPECT_EQ(Read<Collections>(R"({"messages":[{},null]})"),
            "refused: messages[1]: null is not a value here");
  EXPECT_EQ(Read<Collections>(R"({"numbers":[null]})"),
            "refused: numbers[0]: expected a whole number, not null");
  EXPECT_EQ(Read<Collections>(R"({"byName":{"a":null}})"),
            R"(refused: by_name["a"]: expected a whole number, not null)");
}

TEST(JsonReader, IntegersMayBeStringsOrWholeFractions) {
  EXPECT_EQ(Read<Scalars>(R"({"anInt32":"12"})"), "an_int32: 12");
  EXPECT_EQ(Read<Scalars>(R"({"anInt32":1.0})"), "an_int32: 1");
  EXPECT_EQ(Read<Scalars>(R"({"anInt32":1e2})"), "an_int32: 100");
  EXPECT_EQ(Read<Scalars>(R"({"anInt64":9223372036854775807})"), "an_int64: 9223372036854775807");
  EXPECT_EQ(Read<Scalars>(R"({"aUint64":18446744073709551615})"), "a_uint64: 18446744073709551615");
  EXPECT_EQ(Read<Scalars>(R"({"aDouble":"NaN"})"), "a_double: nan");
  EXPECT_EQ(Read<Scalars>(R"({"aFloat":"-Infinity"})"), "a_float: -inf");
}

TEST(JsonReader, WrongNumbersNameTheField) {
  EXPECT_EQ(Read<Scalars>(R"({"anInt32":99999999999})"),
            "refused: an_int32: 99999999999 is out of range for int32");
  EXPECT_EQ(Read<Scalars>(R"({"aUint32":-1})"), "refused: a_uint32: -1 is out of range for uint32");
  EXPECT_EQ(Read<Scalars>(R"({"anInt32":1.5})"), "refused: an_int32: 1.5 is not a whole number");
  EXPECT_EQ(Read<Scalars>(R"({"anInt32":"ten"})"),
            R"(refused: an_int32: "ten" is not a whole number)");
  EXPECT_EQ(Read<Scalars>(R"({"anInt32":"1.0"})"),
            R"(refused: an_int32: "1.0" is not a whole number)");
  EXPECT_EQ(Read<Scalars>(R"({"anInt32":true})"),
            "refused: an_int32: expected a whole number, not true");
  EXPECT_EQ(Read<Scalars>(R"({"aFloat":1e39})"),
            "refused: a_float: 1e39 is out of range for float");
}

TEST(JsonReader, WrongKindsNameTheExpectedKind) {
  EXPECT_EQ(Read<Scalars>(R"({"aString":1})"),
            "refused: a_string: expected a string, not a number");
  EXPECT_EQ(Read<Scalars>(R"({"aBool":"true"})"),
            "refused: a_bool: expected true or false, not a string");
  EXPECT_EQ(Read<Scalars>(R"({"someBytes":"*"})"), "refused: some_bytes: is not base64");
  EXPECT_EQ(Read<Presence>(R"({"message":[]})"),
            "refused: message: expected an object, not an array");
  EXPECT_EQ(Read<Collections>(R"({"numbers":1})"),
            "refused: numbers: expected an array, not a number");
  EXPECT_EQ(Read<Collections>(R"({"byName":[]})"),
            "refused: by_name: expected an object, not an array");
}

TEST(JsonReader, EnumsAreNamesOrNumbers) {
  EXPECT_EQ(Read<Scalars>(R"({"aColor":-2})"), "a_color: COLOR_NEGATIVE");
  EXPECT_EQ(Read<Scalars>(R"({"aColor":77})"), "a_color: 77");
  EXPECT_EQ(Read<Scalars>(R"({"aColor":"COLOR_BLUE"})"),
            R"(refused: a_color: "COLOR_BLUE" is not a value of connecttest.Color; give one of )"
            "COLOR_RED, COLOR_NEGATIVE");
  EXPECT_EQ(Read<Scalars>(R"({"aColor":1.5})"), "refused: a_color: 1.5 is not a whole number");
}

TEST(JsonReader, ErrorsNameThePathOfTheField) {
  EXPECT_EQ(Read<Nested>(R"({"child":{"children":[{},{"child":{"name":[]}}]}})"),
            "refused: child.children[1].child.name: expected a string, not an array");
  EXPECT_EQ(Read<Collections>(R"({"byBool":{"true":{"name":1}}})"),
            R"(refused: by_bool["true"].name: expected a string, not a number)");
  EXPECT_EQ(Read<Nested>(R"({"startTime":"tomorrow"})"),
            R"(refused: start_time: "tomorrow" is not an RFC 3339 time such as )"
            "2026-12-01T10:00:00+09:00");
}

TEST(JsonReader, OnlyOneFieldOfAOneofMayBeGiven) {
  EXPECT_EQ(Read<Presence>(R"({"text":"x"})"), R"(text: "x")");
  EXPECT_EQ(Read<Presence>(R"({"text":"x","number":null})"), R"(text: "x")");
  EXPECT_EQ(Read<Presence>(R"({"nothing":null})"), "nothing: NULL_VALUE");
  EXPECT_EQ(Read<Presence>(R"({"text":"x","number":1})"),
            R"(refused: number: only one field of "choice" may be given)");
  EXPECT_EQ(Read<Presence>(R"({"maybeInt":1,"maybeString":""})"),
            R"(maybe_int: 1 maybe_string: "")");
}

TEST(JsonReader, ReadsMapsWithEveryKindOfKey) {
  EXPECT_EQ(Read<Collections>(R"({"byName":{"a":1}})"), R"(by_name { key: "a" value: 1 })");
  EXPECT_EQ(Read<Collections>(R"({"byNumber":{"-7":"x"}})"), R"(by_number { key: -7 value: "x" })");
  EXPECT_EQ(Read<Collections>(R"({"byBool":{"false":{}}})"), "by_bool { key: false value { } }");
  for (const char* key : {"01", "1.0", "-0", "+1", "", "x"}) {
    EXPECT_EQ(Read<Collections>("{\"byNumber\":{\"" + std::string(key) + "\":\"x\"}}"),
              "refused: by_number[\"" + std::string(key) + "\"]: the key is not a whole number");
  }
  EXPECT_EQ(Read<Collections>(R"({"byBool":{"yes":{}}})"),
            R"(refused: by_bool["yes"]: the key is not true or false)");
}

TEST(JsonReader, TheOutermostValueMustBeAnObject) {
  for (const char* json : {"[]", "1", "\"x\"", "true", "null"}) {
    EXPECT_TRUE(Read<Scalars>(json).starts_with("refused: expected an object, not ")) << json;
  }
}

TEST(JsonReader, ReplacesWhatTheMessageHeld) {
  const JsonFormat format(Scalars::descriptor());
  Scalars message;
  message.set_a_string("old");
  ASSERT_TRUE(ReadJson(format, R"({"anInt32":1})", message).has_value());
  EXPECT_EQ(message.ShortDebugString(), "an_int32: 1");
}

TEST(JsonReader, QuotesOnlyTheBeginningOfALongValue) {
  const std::string huge(50'000, '9');
  EXPECT_LT(Read<Scalars>("{\"anInt32\":" + huge + "}").size(), 200U);
  EXPECT_LT(Read<Scalars>("{\"aColor\":\"" + huge + "\"}").size(), 200U);
  EXPECT_LT(Read<Collections>("{\"byName\":{\"" + huge + "\":[]}}").size(), 200U);
  EXPECT_LT(Read<Nested>("{\"startTime\":\"" + huge + "\"}").size(), 200U);
  EXPECT_LT(Read<Nested>("{\"" + huge + "\":1}", kStrict).size(), 200U);
  EXPECT_LT(Read<Nested>("{\"na" + std::string(50'000, '_') + "me\":1}").size(), 200U);
  EXPECT_EQ(Read<Scalars>(R"({"a\n\u001b\"b한":1})", kStrict),
            R"(refused: "a\n\u001b\"b한": unknown field)");
}

}  // namespace
}  // namespace coupond::connect
