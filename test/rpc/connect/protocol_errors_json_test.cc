// Messages that are wrong, or only seem so, in both codecs and every protocol.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol_probe.h"

namespace coupond::connect {
namespace {

class ProtocolMessagesTest : public ProtocolProbe {
 protected:
  std::shared_ptr<FakeExchange> PostWithQuery(const Target& target, std::string body,
                                              std::string query,
                                              std::vector<http::HeaderField> headers = {}) {
    headers.push_back({"Content-Type", target.content_type()});
    return Send({.path = std::string(target.path),
                 .query = std::move(query),
                 .body = std::move(body),
                 .headers = headers});
  }
  void ExpectAllServe(Codec codec, std::string_view message) {
    for (const Target& target : kTargets) {
      if (target.dialect.codec != codec) continue;
      SCOPED_TRACE(testing::PrintToString(message));
      ExpectServed(target, *PostMessage(target, message));
    }
  }
  void ExpectAllRefuse(Codec codec, std::string_view message) {
    for (const Target& target : kTargets) {
      if (target.dialect.codec != codec) continue;
      SCOPED_TRACE(testing::PrintToString(message));
      ExpectRefused(target, Code::kInvalidArgument, *PostMessage(target, message));
    }
  }
};

TEST_F(ProtocolMessagesTest, AnEmptyBodyIsValidOnlyInProtobuf) {
  ExpectAllServe(Codec::kProto, "");
  ExpectAllRefuse(Codec::kJson, "");
  ExpectAllRefuse(Codec::kJson, " \n");
}

TEST_F(ProtocolMessagesTest, UnknownKeysAreIgnored) {
  for (const char* message :
       {R"({"unknown":1})", R"({"unknown":{"a":[1,{"b":null}]},"aString":"x"})", R"({"":""})",
        R"({"AStrin":1,"a-string":2})", R"({"unknown":1e999})"}) {
    ExpectAllServe(Codec::kJson, message);
  }
}

TEST_F(ProtocolMessagesTest, ASimilarKeyIsRefused) {
  for (const char* message :
       {R"({"AString":"x"})", R"({"astring":null})", R"({"a_String":"x","aString":"x"})",
        R"({"_a__string_":{}})", R"({"\u0041String":"x"})", R"({"RENAMED":"x"})",
        R"({"other_name":"x"})"}) {
    ExpectAllRefuse(Codec::kJson, message);
  }
}

TEST_F(ProtocolMessagesTest, UnknownProtobufFieldsAreIgnored) {
  ExpectAllServe(Codec::kProto, std::string_view("\xf8\x07\x01\xfa\x07\x03xyz", 9));
}

TEST_F(ProtocolMessagesTest, StrictnessRefusesUnknownFields) {
  for (const Target& target : kTargets) {
    const bool is_json = target.dialect.codec == Codec::kJson;
    const std::string_view unknown = is_json ? R"({"unknown":1})" : "\x98\x06\x01";
    ExpectServed(target, *PostMessage(target, SoundMessage(target), {{"Coupond-Strict", "1"}}));
    ExpectServed(target, *PostMessage(target, unknown));
    ExpectRefused(target, Code::kInvalidArgument,
                  *PostMessage(target, unknown, {{"Coupond-Strict", "1"}}));
    ExpectRefused(target, Code::kInvalidArgument,
                  *PostMessage(target, SoundMessage(target), {{"Coupond-Strict", "0"}}));
    const std::string framed = Framed(target, SoundMessage(target));
    ExpectServed(target, *PostWithQuery(target, framed, "x=y"));
    ExpectRefused(target, Code::kInvalidArgument,
                  *PostWithQuery(target, framed, "x=y", {{"Coupond-Strict", "1"}}));
    ExpectServed(target, *PostWithQuery(target, framed, "&", {{"Coupond-Strict", "1"}}));
  }
}

TEST_F(ProtocolMessagesTest, DuplicateKeysAreInvalid) {
  for (const char* message :
       {R"({"aString":"x","aString":"x"})", R"({"aString":"x","a_string":"y"})",
        R"({"otherName":"x","renamed":"y"})", R"({"aString":null,"aString":"x"})",
        R"({"aString":"x","\u0061String":"y"})", R"({"unknown":1,"unknown":2})",
        R"({"unknown":{"a":1,"a":2}})"}) {
    ExpectAllRefuse(Codec::kJson, message);
  }
}

TEST_F(ProtocolMessagesTest, TextThatIsNotUtf8IsInvalid) {
  for (const char* message :
       {R"({"aString":"\ud800"})", R"({"aString":"\udc00"})", R"({"aString":"\ud800\ud800"})",
        R"({"aString":"\ud800x"})", R"({"aString":"\udc00\ud800"})", R"({"\ud800":1})",
        "{\"aString\":\"\xff\"}", "{\"aString\":\"\xed\xa0\x80\"}", "{\"aString\":\"\xc0\x80\"}",
        "{\"\xff\":1}"}) {
    ExpectAllRefuse(Codec::kJson, message);
  }
  ExpectAllServe(Codec::kJson, R"({"aString":"\ud83c\udf9f"})");
  ExpectAllRefuse(Codec::kProto, "\x52\x01\xff");
  ExpectAllRefuse(Codec::kProto, "\x52\x03\xed\xa0\x80");
}

TEST_F(ProtocolMessagesTest, NumbersOutOfRangeAreInvalid) {
  for (const char* field :
       {R"("anInt32":2147483648)", R"("anInt32":-2147483649)", R"("anInt32":"2147483648")",
        R"("anInt32":1.5)", R"("anInt32":1e10)", R"("aUint32":4294967296)", R"("aUint32":-1)",
        R"("anInt64":9223372036854775808)", R"("anInt64":"-9223372036854775809")",
        R"("aUint64":"18446744073709551616")", R"("aUint64":"-1")", R"("aDouble":1e309)",
        R"("aFloat":1e39)", R"("aDouble":"1e309")", R"("aColor":2147483648)",
        R"("anInt32":99999999999999999999999999999999999999)", R"("anInt32":NaN)"}) {
    ExpectAllRefuse(Codec::kJson, "{" + std::string(field) + "}");
  }
  for (const char* field :
       {R"("anInt32":2147483647)", R"("anInt32":-2147483648)", R"("aUint32":4294967295)",
        R"("anInt64":"-9223372036854775808")", R"("anInt64":9223372036854775807)",
        R"("aUint64":"18446744073709551615")", R"("anInt32":1e9)", R"("anInt32":1.0)",
        R"("aDouble":1e308)", R"("aDouble":"NaN")", R"("aColor":-2)", R"("aColor":7)"}) {
    ExpectAllServe(Codec::kJson, "{" + std::string(field) + "}");
  }
}

TEST_F(ProtocolMessagesTest, WrongTypesAreInvalid) {
  for (const char* message :
       {"[]", "null", "17", "\"x\"", "{", "{}}", "{} {}", "{\"aString\":7}", "{\"aBool\":\"true\"}",
        "{\"aBool\":1}", "{'aString':\"x\"}", "{aString:\"x\"}", "{\"aString\":\"x\",}",
        "{\"someBytes\":\"!\"}", "{\"aColor\":\"COLOR_BLUE\"}", "// x\n{}", "\xef\xbb\xbf{}",
        "{\"aString\":\"\t\"}"}) {
    ExpectAllRefuse(Codec::kJson, message);
  }
}

TEST_F(ProtocolMessagesTest, DepthIsLimited) {
  const auto nested = [](std::size_t depth) {
    return R"({"unknown":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  ExpectAllServe(Codec::kJson, nested(10));
  ExpectAllRefuse(Codec::kJson, nested(10'000));
  ExpectAllRefuse(Codec::kProto, std::string(20'000, '\x0b'));
}

TEST_F(ProtocolMessagesTest, MalformedProtobufIsInvalid) {
  for (const std::string_view message :
       {std::string_view("\xff"), std::string_view("\x52\x05x"), std::string_view("\x0c"),
        std::string_view("\0\0", 2), std::string_view("{}"),
        std::string_view("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")}) {
    ExpectAllRefuse(Codec::kProto, message);
  }
}

}  // namespace
}  // namespace coupond::connect
