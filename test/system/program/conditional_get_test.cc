// Caching of GET through the real server.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "system/program/coupon_client.h"
#include "system/program/http_client.h"
#include "system/program/server_process.h"

namespace coupond::test {
namespace {

class ConditionalGetTest : public testing::Test {
 protected:
  /// Calls GetCampaign with GET, on a shared connection.
  HttpReply Get(const std::string& campaign, const std::string& headers = "") {
    const auto reply = http_.Ask(
        "GET /coupon.v1.CouponService/GetCampaign?connect=v1&encoding=json&message="
        "%7B%22campaignId%22%3A%22" +
        campaign + "%22%7D HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
    EXPECT_TRUE(reply.has_value());
    return reply.value_or(HttpReply{});
  }
  HttpReply GetUnlessKnown(const std::string& campaign, const std::string& tag) {
    return Get(campaign, "If-None-Match: " + tag + "\r\n");
  }

  ServerProcess server_;
  CouponClient client_{server_.port()};
  HttpClient http_{server_.port()};
};

TEST_F(ConditionalGetTest, AKnownAnswerIsNotSentAgainUntilItChanges) {
  const std::string campaign = client_.CreateStarted("cached", 10);
  const HttpReply first = Get(campaign);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.Header("cache-control"), "no-cache");
  EXPECT_EQ(first.Header("vary"), "Accept-Encoding");
  const std::string tag = first.Header("etag");
  ASSERT_FALSE(tag.empty());

  for (const std::string& known : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
    const HttpReply same = GetUnlessKnown(campaign, known);
    EXPECT_EQ(same.status, 304) << known;
    EXPECT_EQ(same.body, "");
    EXPECT_EQ(same.Header("etag"), tag);
    EXPECT_EQ(same.Header("vary"), "Accept-Encoding");
    EXPECT_EQ(same.Header("cache-control"), "no-cache");
    EXPECT_EQ(same.Header("content-length"), "");
  }

  ASSERT_TRUE(client_.Issue(campaign).response.success());
  const HttpReply changed = GetUnlessKnown(campaign, tag);
  EXPECT_EQ(changed.status, 200);
  EXPECT_NE(changed.Header("etag"), tag);
  EXPECT_NE(changed.body, first.body);
  EXPECT_EQ(GetUnlessKnown(campaign, changed.Header("etag")).status, 304);

  ASSERT_TRUE(client_.Delete(campaign).response.success());
  const HttpReply gone = GetUnlessKnown(campaign, "*");
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.Header("cache-control"), "no-store");
  EXPECT_EQ(gone.Header("etag"), "");
}

TEST_F(ConditionalGetTest, TheTagIdentifiesTheBytesSent) {
  const std::string campaign = client_.CreateStarted("cached", 100);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(client_.Issue(campaign).response.success());
  const HttpReply plain = Get(campaign);
  const HttpReply packed = Get(campaign, "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(packed.Header("content-encoding"), "gzip");
  EXPECT_LT(packed.body.size(), plain.body.size());
  EXPECT_NE(packed.Header("etag"), plain.Header("etag"));
  EXPECT_EQ(
      Get(campaign, "Accept-Encoding: gzip\r\nIf-None-Match: " + packed.Header("etag") + "\r\n")
          .status,
      304);
}

}  // namespace
}  // namespace coupond::test
