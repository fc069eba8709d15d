// Answers that are too large for one message, and those that are compressed, through the real
// server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/connect/compression.h"
#include "rpc/connect/envelope.h"
#include "system/program/coupon_client.h"
#include "system/program/http_client.h"
#include "system/program/many_issues.h"
#include "system/program/server_process.h"

namespace coupond::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kGrpcWeb = "application/grpc-web+proto";
/// More, and fewer, coupons than fit into the 256 KiB that GetCampaign gathers for gRPC-Web.
constexpr int kMany = 6'000;
constexpr int kFew = 2'000;
constexpr std::size_t kUnpackedBytesMax = 16 * 1'024 * 1'024;

/// The parts of an answer over gRPC-Web.
struct WebAnswer {
  std::string message;  ///< uncompressed
  bool compressed = false;
  std::string trailers;
};

WebAnswer Read(const HttpReply& reply) {
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("content-type"), kGrpcWeb);
  WebAnswer answer;
  std::string_view body = reply.body;
  while (body.size() >= connect::kEnvelopeHeadBytes) {
    std::size_t length = 0;
    for (const char c : body.substr(1, 4)) length = length << 8 | static_cast<unsigned char>(c);
    const std::string content(body.substr(connect::kEnvelopeHeadBytes).substr(0, length));
    const auto flags = static_cast<unsigned char>(body.front());
    body.remove_prefix(connect::kEnvelopeHeadBytes + content.size());
    if (flags == connect::kGrpcWebTrailersFlag) {
      answer.trailers = content;
    } else {
      answer.compressed = flags == connect::kCompressedFlag;
      const auto unpacked =
          answer.compressed ? connect::Gunzip(content, kUnpackedBytesMax) : content;
      EXPECT_TRUE(unpacked.has_value());
      answer.message = unpacked.value_or("");
    }
  }
  EXPECT_EQ(body, "");
  return answer;
}

class LargeAnswersTest : public testing::Test {
 protected:
  std::string Campaign(int coupons) {
    std::string campaign = client_.CreateStarted("large", kMany);
    IssueMany(server_.port(), campaign, coupons);
    return campaign;
  }
  HttpReply Post(const std::string& method, std::string_view type, std::string_view body,
                 const std::string& headers = "") {
    std::string request = PostRequest(PathOf(Form::kConnectProto, method), type, body);
    request.insert(request.find("\r\n") + 2, headers);
    const auto reply = http_.Ask(request);
    EXPECT_TRUE(reply.has_value()) << method;
    return reply.value_or(HttpReply{});
  }
  WebAnswer PostWeb(const std::string& method, const google::protobuf::Message& request,
                    const std::string& headers = "") {
    std::string body;
    connect::AppendEnvelope(0, request.SerializeAsString(), body);
    return Read(Post(method, kGrpcWeb, body, headers));
  }
  api::GetCampaignRequest GetRequest(const std::string& campaign) {
    api::GetCampaignRequest request;
    request.set_campaign_id(campaign);
    return request;
  }

  ServerProcess server_;
  CouponClient client_{server_.port(), Form::kConnectProto};
  HttpClient http_{server_.port()};
};

std::vector<std::string> CodesOf(const api::GetCampaignResponse& response) {
  std::vector<std::string> codes;
  for (const api::Coupon& coupon : response.coupons()) codes.push_back(coupon.code());
  return codes;
}

TEST_F(LargeAnswersTest, GrpcWebRefusesTooLargeACampaign) {
  const std::string campaign = Campaign(kMany);
  for (const std::string headers : {"", "Grpc-Accept-Encoding: gzip\r\n"}) {
    const WebAnswer answer = PostWeb("GetCampaign", GetRequest(campaign), headers);
    EXPECT_EQ(answer.message, "");
    EXPECT_THAT(answer.trailers, StartsWith("grpc-status: 8\r\n"));
    EXPECT_THAT(answer.trailers, HasSubstr("pages"));
  }
  // The connection still works, and pages arrive.
  EXPECT_THAT(PostWeb("ListCampaigns", api::ListCampaignsRequest()).trailers,
              StartsWith("grpc-status: 0\r\n"));
}

TEST_F(LargeAnswersTest, ACampaignThatFitsIsGatheredForGrpcWeb) {
  const std::string campaign = Campaign(kFew);
  for (const std::string headers : {"", "Grpc-Accept-Encoding: gzip\r\n"}) {
    const WebAnswer answer = PostWeb("GetCampaign", GetRequest(campaign), headers);
    EXPECT_THAT(answer.trailers, StartsWith("grpc-status: 0\r\n"));
    api::GetCampaignResponse response;
    ASSERT_TRUE(response.ParseFromString(answer.message));
    EXPECT_EQ(response.campaign().issued_coupons(), kFew);
    EXPECT_EQ(CodesOf(response), client_.Codes(campaign));
  }
}

TEST_F(LargeAnswersTest, ALargeCampaignIsListedInPagesOverGrpcWeb) {
  const std::string campaign = Campaign(kMany);
  std::vector<std::string> codes;
  api::ListCouponsRequest request;
  request.set_campaign_id(campaign);
  request.set_page_size(1'000);
  do {
    const WebAnswer answer = PostWeb("ListCoupons", request, "Grpc-Accept-Encoding: gzip\r\n");
    EXPECT_THAT(answer.trailers, StartsWith("grpc-status: 0\r\n"));
    EXPECT_TRUE(answer.compressed);
    api::ListCouponsResponse page;
    ASSERT_TRUE(page.ParseFromString(answer.message));
    for (const api::Coupon& coupon : page.coupons()) codes.push_back(coupon.code());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && codes.size() < kMany);
  EXPECT_EQ(request.page_token(), "");
  EXPECT_EQ(codes, client_.Codes(campaign));
}

TEST_F(LargeAnswersTest, ConnectStreamsALargeCampaignCompressed) {
  const std::string campaign = Campaign(kMany);
  const std::vector<std::string> codes = client_.Codes(campaign);
  for (const Form form : {Form::kConnectJson, Form::kConnectProto, Form::kShortJson}) {
    const HttpReply plain = Post("GetCampaign", ContentTypeOf(Form::kConnectProto),
                                 GetRequest(campaign).SerializeAsString());
    std::string request = PostRequest(PathOf(form, "GetCampaign"), ContentTypeOf(form),
                                      BodyOf(form, GetRequest(campaign)));
    request.insert(request.find("\r\n") + 2, "Accept-Encoding: gzip\r\n");
    const auto packed = http_.Ask(request);
    ASSERT_TRUE(packed.has_value());
    EXPECT_EQ(packed->status, 200);
    EXPECT_EQ(packed->Header("transfer-encoding"), "chunked");
    EXPECT_EQ(packed->Header("content-encoding"), "gzip");
    EXPECT_LT(packed->body.size(), plain.body.size() / 2);
    const auto unpacked = connect::Gunzip(packed->body, kUnpackedBytesMax);
    ASSERT_TRUE(unpacked.has_value());
    if (form == Form::kConnectProto) {
      EXPECT_EQ(*unpacked, plain.body);
      api::GetCampaignResponse response;
      ASSERT_TRUE(response.ParseFromString(*unpacked));
      EXPECT_EQ(CodesOf(response), codes);
    } else {
      EXPECT_THAT(*unpacked, HasSubstr(R"("code":")" + codes.front() + "\""));
      EXPECT_THAT(*unpacked, HasSubstr(R"("code":")" + codes.back() + "\""));
      EXPECT_THAT(*unpacked, testing::EndsWith("}]}"));
    }
  }
}

}  // namespace
}  // namespace coupond::test
