#include "rpc/connect/get_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace coupond::connect {
namespace {

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
