#include "rpc/connect/get_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace coupond::connect {
namespace {

using testing::HasSubstr;

std::expected<GetRequest, Error> Read(std::string_view query) {
  return ReadGetRequest(ReadGetParameters(query));
}

std::string MessageIn(std::string_view query) {
  auto request = Read(query);
  return request ? request->message : std::string(CodeName(request.error().code));
}

void ExpectError(std::string_view query, Code code, std::string_view words) {
  const auto request = Read(query);
  ASSERT_FALSE(request.has_value()) << query;
  EXPECT_EQ(request.error().code, code) << query;
  EXPECT_THAT(request.error().message, HasSubstr(words));
}

TEST(GetParameters, AreReadInAnyOrder) {
  for (const char* query : {"connect=v1&encoding=json&base64=1&compression=gzip&message=abc",
                            "message=abc&compression=gzip&base64=1&encoding=json&connect=v1",
                            "x=y&message=abc&encoding=json&&compression=gzip&base64=1&connect=v1&z",
                            "&connect=v1&encoding=json&base64=1&compression=gzip&message=abc&"}) {
    const GetParameters parameters = ReadGetParameters(query);
    EXPECT_EQ(parameters.message, "abc") << query;
    EXPECT_EQ(parameters.encoding, "json") << query;
    EXPECT_EQ(parameters.base64, "1") << query;
    EXPECT_EQ(parameters.compression, "gzip") << query;
    EXPECT_EQ(parameters.connect, "v1") << query;
  }
}

TEST(ReadQuery, ReturnsEachParameterDecoded) {
  const auto parameters = ReadQuery("a=1&&b%3D=x+y%26z&c&=d&a=%zz&e=f=g");
  std::string text;
  for (const auto& [name, value] : parameters) text += "[" + name + "|" + value + "]";
  EXPECT_EQ(text, "[a|1][b=|x y&z][c|][|d][a|%zz][e|f=g]");
  EXPECT_TRUE(ReadQuery("").empty());
  EXPECT_TRUE(ReadQuery("&&").empty());
}

TEST(GetParameters, MissingParametersAreNullopt) {
  for (const char* query :
       {"", "&", "=", "Message=a", "messages=a", "messag=a", "=message", "x&y"}) {
    EXPECT_EQ(ReadGetParameters(query).message, std::nullopt) << query;
  }
  EXPECT_EQ(ReadGetParameters("message").message, "");
  EXPECT_EQ(ReadGetParameters("message=").message, "");
  EXPECT_EQ(ReadGetParameters("message=a=b").message, "a=b");
}

TEST(GetParameters, TheFirstOfARepeatedParameterCounts) {
  EXPECT_EQ(ReadGetParameters("message=a&message=b").message, "a");
  EXPECT_EQ(ReadGetParameters("message=&message=b").message, "");
}

TEST(GetParameters, ArePercentDecoded) {
  EXPECT_EQ(ReadGetParameters("message=%7B%22code%22%3a%22x%22%7d").message, R"({"code":"x"})");
  EXPECT_EQ(ReadGetParameters("message=a+b%2Bc%26d%3De").message, "a b+c&d=e");
  EXPECT_EQ(ReadGetParameters("message=%ED%95%9C").message, "한");
  EXPECT_EQ(ReadGetParameters("message=%00").message, std::string(1, '\0'));
  EXPECT_EQ(ReadGetParameters("encoding=%6Ason").encoding, "json");
  EXPECT_EQ(ReadGetParameters("m%65ssage=a").message, "a");
}

TEST(GetParameters, AMalformedEscapeIsKept) {
  for (const char* text : {"%", "%%", "%4", "%zz", "%4g", "%g4", "100%", "%-1", "%0x", "% 1"}) {
    EXPECT_EQ(ReadGetParameters(std::string("message=") + text).message, text);
  }
  EXPECT_EQ(ReadGetParameters("message=%%41").message, "%A");
}

TEST(GetRequest, TheEncodingNamesTheCodec) {
  EXPECT_EQ(CodecOf(ReadGetParameters("encoding=json")), Codec::kJson);
  EXPECT_EQ(CodecOf(ReadGetParameters("encoding=proto")), Codec::kProto);
  for (const char* query : {"", "encoding=", "encoding=JSON", "encoding=xml", "encoding=json ",
                            "encoding=application/json", "encoding=xml&encoding=json"}) {
    EXPECT_EQ(CodecOf(ReadGetParameters(query)), std::nullopt) << query;
  }
}

TEST(GetRequest, TheMessageMayBeInEveryFormOfBase64) {
  for (const char* text : {"-_8", "-_8=", "-_8%3D", "%2B%2F8%3D", "%2B/8"}) {
    EXPECT_EQ(MessageIn(std::string("base64=1&message=") + text), "\xfb\xff") << text;
  }
  EXPECT_EQ(MessageIn("base64=1&message="), "");
  // Only 1 stands for base64.
  for (const char* base64 : {"", "&base64", "&base64=", "&base64=0"}) {
    EXPECT_EQ(MessageIn(std::string("message=Zg") + base64), "Zg") << base64;
  }
}

TEST(GetRequest, MalformedBase64IsInvalid) {
  for (const char* text : {"Z", "Zg=", "+/8", "Z%20g", "!!", "Zm9v%0A", "%2B_8", "Zh"}) {
    ExpectError(std::string("base64=1&message=") + text, Code::kInvalidArgument, "base64");
  }
}

TEST(GetRequest, TheMessageIsRequiredButMayBeEmpty) {
  ExpectError("", Code::kInvalidArgument, "message is missing");
  ExpectError("connect=v1&encoding=json&base64=1", Code::kInvalidArgument, "message is missing");
  EXPECT_EQ(MessageIn("message="), "");
}

TEST(GetRequest, TheVersionIsV1OrAbsent) {
  EXPECT_EQ(MessageIn("message=a&connect=v1"), "a");
  for (const char* version : {"", "v2", "1", "V1", "v1 ", "v11"}) {
    ExpectError(std::string("message=a&connect=") + version, Code::kInvalidArgument,
                R"(connect must be "v1", not ")" + std::string(version));
  }
}

TEST(GetRequest, TheCompressionIsSupportedOrAbsent) {
  const auto compression = [](std::string_view query) { return Read(query)->compression; };
  EXPECT_EQ(compression("message=a"), Compression::kIdentity);
  EXPECT_EQ(compression("message=a&compression="), Compression::kIdentity);
  EXPECT_EQ(compression("message=a&compression=identity"), Compression::kIdentity);
  EXPECT_EQ(compression("message=a&compression=gzip"), Compression::kGzip);
  for (const char* name : {"br", "gzip,br", "zip"}) {
    ExpectError(std::string("message=a&compression=") + name, Code::kUnimplemented,
                "compression \"" + std::string(name) + "\" is not supported; supported are: gzip");
  }
}

TEST(GetRequest, QuotesOnlyTheBeginningOfALongValue) {
  const auto request = Read("message=a&connect=" + std::string(5'000, 'v'));
  ASSERT_FALSE(request.has_value());
  EXPECT_LT(request.error().message.size(), 150U);
}

using testing::Contains;
using testing::ElementsAre;
using testing::Pair;

http::Response AnswerOf(std::string body) {
  return {
      .status = 200, .content_type = "application/json", .headers = {}, .body = std::move(body)};
}

std::string TagOf(std::string body) {
  http::Response answer = AnswerOf(std::move(body));
  AddEntityTag("", answer);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.size(), 1U);
  EXPECT_EQ(answer.headers.at(0).first, "ETag");
  return answer.headers.at(0).second;
}

int StatusFor(const std::string& if_none_match) {
  http::Response answer = AnswerOf("body");
  AddEntityTag(if_none_match, answer);
  return answer.status;
}

TEST(EntityTag, IsAQuotedStringThatDependsOnTheBodyOnly) {
  std::set<std::string> tags;
  for (const std::string& body : {std::string(), std::string("a"), std::string("b"),
                                  std::string("aa"), std::string(1, '\0'), std::string(2, '\0')}) {
    const std::string tag = TagOf(body);
    EXPECT_THAT(tag, testing::MatchesRegex("\"[0-9a-f-]+\""));
    EXPECT_EQ(TagOf(body), tag);
    tags.insert(tag);
  }
  EXPECT_EQ(tags.size(), 6U);
}

TEST(EntityTag, AClientThatHasTheBodyGetsA304WithoutOne) {
  const std::string tag = TagOf("body");
  http::Response answer = AnswerOf("body");
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  AddEntityTag(tag, answer);
  EXPECT_EQ(answer.status, 304);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(answer.content_type, "");
  EXPECT_THAT(answer.headers, ElementsAre(Pair("Vary", "Accept-Encoding"), Pair("ETag", tag)));
}

TEST(EntityTag, IsFoundInEveryListThatHasIt) {
  const std::string tag = TagOf("body");
  for (const std::string& list : {tag, "W/" + tag, std::string("*"), "\"a\", " + tag,
                                  "\"a\",W/\"b\" , W/" + tag + ",\"c\"", " " + tag + " "}) {
    EXPECT_EQ(StatusFor(list), 304) << list;
  }
}

TEST(EntityTag, IsNotFoundInOtherLists) {
  const std::string tag = TagOf("body");
  const std::string bare = tag.substr(1, tag.size() - 2);
  for (const std::string& list : {std::string(), std::string(","), std::string("\"a\""), bare,
                                  "\"x" + bare + "\"", "w/" + tag, tag + "x", TagOf("other")}) {
    EXPECT_EQ(StatusFor(list), 200) << list;
  }
}

TEST(EntityTag, ResponsesOtherThan200AreUnchanged) {
  for (const int status : {304, 400, 404, 500, 504}) {
    http::Response answer = AnswerOf("body");
    answer.status = status;
    AddEntityTag("*", answer);
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.body, "body");
    EXPECT_TRUE(answer.headers.empty());
  }
}

TEST(CacheHeaders, DefaultToRevalidation) {
  http::Response plain = AnswerOf("body");
  AddCacheHeaders(plain);
  EXPECT_THAT(plain.headers,
              ElementsAre(Pair("Vary", "Accept-Encoding"), Pair("Cache-Control", "no-cache")));
  http::Response own = AnswerOf("body");
  own.headers.emplace_back("cache-control", "max-age=60");
  AddCacheHeaders(own);
  EXPECT_THAT(own.headers,
              ElementsAre(Pair("cache-control", "max-age=60"), Pair("Vary", "Accept-Encoding")));
}

TEST(CacheHeaders, ErrorsAreNeverCached) {
  for (const int status : {400, 404, 405, 415, 500, 501, 503}) {
    http::Response error = AnswerOf("body");
    error.status = status;
    error.headers = {{"Allow", "POST"}, {"cache-control", "max-age=60"}};
    ForbidKeepingErrors(error);
    EXPECT_THAT(error.headers,
                ElementsAre(Pair("Allow", "POST"), Pair("Cache-Control", "no-store")));
  }
  for (const int status : {200, 304}) {
    http::Response answer = AnswerOf("body");
    answer.status = status;
    AddCacheHeaders(answer);
    ForbidKeepingErrors(answer);
    EXPECT_THAT(answer.headers,
                ElementsAre(Pair("Vary", "Accept-Encoding"), Pair("Cache-Control", "no-cache")));
  }
}

}  // namespace
}  // namespace coupond::connect
