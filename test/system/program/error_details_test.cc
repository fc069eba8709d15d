// The details by which programs tell errors apart, as clients of the real server read them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "rpc/connect/standard_details.h"
#include "system/program/protocol_errors_fixture.h"

namespace coupond::test {
namespace {

using testing::ElementsAre;

class ErrorDetailsTest : public ProtocolErrorsTest {
 protected:
  static connect::ReadDetails Read(const Way& way, const HttpReply& reply) {
    if (way.bare()) return connect::DetailsInJson(reply.body);
    const std::string end = reply.body.substr(connect::kEnvelopeHeadBytes);
    return way.grpc() ? connect::DetailsInTrailers(end) : connect::DetailsInJson(end);
  }
  connect::ReadDetails Refused(const Way& way, const std::string& request) {
    SCOPED_TRACE(testing::PrintToString(way));
    connect::ReadDetails read = Read(way, AskAndGoOn(request));
    EXPECT_EQ(read.domain, "coupond");
    return read;
  }
  /// Returns a message whose campaign_id is this.
  static std::string Naming(const Way& way, const std::string& campaign_id) {
    if (way.json()) return R"({"campaignId":")" + campaign_id + R"("})";
    return "\x0a" + std::string(1, static_cast<char>(campaign_id.size())) + campaign_id;
  }
};

TEST_F(ErrorDetailsTest, ARefusalIsNamedAndSoIsItsField) {
  for (const Way& way : kWays) {
    const auto read = Refused(way, PostMessage(way, Naming(way, "none")));
    EXPECT_THAT(read.types, ElementsAre("coupon.v1.RefusalDetail", "google.rpc.ErrorInfo",
                                        "google.rpc.BadRequest"));
    EXPECT_EQ(read.reason, "NO_SUCH_CAMPAIGN");
    EXPECT_EQ(read.field, "campaign_id");
    EXPECT_EQ(read.description, "there is no such campaign");
    EXPECT_EQ(Refused(way, PostMessage(way, "")).reason,
              way.json() ? "MESSAGE_MALFORMED" : "FIELD_INVALID");
  }
}

TEST_F(ErrorDetailsTest, WhatNeverReachesTheServiceIsNamedToo) {
  for (const Way& way : kWays) {
    const auto malformed = Refused(way, PostMessage(way, "\xff"));
    EXPECT_EQ(malformed.reason, "MESSAGE_MALFORMED");
    const auto invalid =
        Refused(way, PostMessage(way, way.json() ? R"({"campaignId":1})" : "\x0a\x01\xff"));
    EXPECT_EQ(invalid.reason, "FIELD_INVALID");
    EXPECT_EQ(invalid.field, "campaign_id");
    const auto late =
        Refused(way, PostMessage(way, SoundMessage(way), way.timeout_header() + ": x\r\n"));
    EXPECT_EQ(late.reason, "HEADER_INVALID");
    const auto large = Refused(way, PostMessage(way, std::string(70'000, ' ')));
    EXPECT_EQ(large.reason, "MESSAGE_TOO_LARGE");
  }
  const HttpReply unknown =
      AskAndGoOn(Request("POST", kService + "Nothing", "{}", "Content-Type: application/json\r\n"));
  EXPECT_EQ(connect::DetailsInJson(unknown.body).reason, "PATH_UNKNOWN");
}

TEST_F(ErrorDetailsTest, TheHttpServersOwnErrorsAreNamed) {
  HttpClient client(server_.port());
  const auto reply = client.Ask("POST / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 421);
  const auto read = connect::DetailsInJson(reply->body);
  EXPECT_EQ(read.reason, "HOST_NOT_SERVED");
  EXPECT_EQ(read.domain, "coupond");
}

TEST_F(ErrorDetailsTest, AnIdempotencyKeyIsARequestIdEverywhere) {
  const auto first = client_.IssueForRequest(campaign_, "order-1");
  ASSERT_TRUE(first.response.success());
  for (const Way& way : kWays) {
    if (way.method != "IssueCoupon") continue;
    SCOPED_TRACE(testing::PrintToString(way));
    const HttpReply again =
        AskAndGoOn(PostMessage(way, SoundMessage(way), "Idempotency-Key: \"order-1\"\r\n"));
    EXPECT_THAT(again.body, testing::HasSubstr(first.response.coupon().code()));
    const auto malformed =
        Refused(way, PostMessage(way, SoundMessage(way), "Idempotency-Key: a b\r\n"));
    EXPECT_EQ(malformed.reason, "HEADER_INVALID");
    EXPECT_THAT(malformed.facts, ElementsAre(testing::Pair("header", "Idempotency-Key")));
  }
}

}  // namespace
}  // namespace coupond::test
