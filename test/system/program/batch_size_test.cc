// Requests of BatchIssueCoupons, which may be larger than those of other methods.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/connect/compression.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/standard_details.h"
#include "system/program/coupon_client.h"
#include "system/program/http_client.h"
#include "system/program/server_process.h"

namespace coupond::test {
namespace {

constexpr std::size_t kMessageMax = 2 * 1'024 * 1'024;
constexpr std::size_t kBodyMax = kMessageMax + 8 * 1'024;

/// Sends requests of any size.
class BatchSizeTest : public testing::Test {
 protected:
  /// Returns a request for one coupon, as JSON of so many bytes.
  std::string Json(std::size_t bytes) const {
    std::string json = R"({"count":1,"campaignId":")" + campaign_ + "\"}";
    return json.append(bytes - json.size(), ' ');
  }
  static std::string Head(std::string_view method, std::string_view fields) {
    return "POST /coupon.v1.CouponService/" + std::string(method) +
           " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) + "\r\n\r\n";
  }
  static std::string WithLength(std::string_view method, std::string_view fields,
                                const std::string& body) {
    return Head(method,
                std::string(fields) + "\r\nContent-Length: " + std::to_string(body.size())) +
           body;
  }
  static std::string InChunks(std::string_view method, std::string_view fields,
                              std::string_view body) {
    std::ostringstream request;
    request << Head(method, std::string(fields) + "\r\nTransfer-Encoding: chunked") << std::hex;
    for (; !body.empty(); body.remove_prefix(std::min<std::size_t>(body.size(), 100'000))) {
      const std::string_view chunk = body.substr(0, 100'000);
      request << chunk.size() << "\r\n" << chunk << "\r\n";
    }
    request << "0\r\n\r\n";
    return request.str();
  }
  static std::string Enveloped(std::uint8_t flags, const std::string& message) {
    std::string body;
    connect::AppendEnvelope(flags, message, body);
    return body;
  }
  /// Sends a request over a connection of its own.
  HttpReply Ask(const std::string& request) {
    return HttpClient(server_.port()).Ask(request).value_or(HttpReply());
  }
  /// Returns the reason of an error with this status.
  std::string Reason(const std::string& request, int status) {
    const HttpReply reply = Ask(request);
    EXPECT_EQ(reply.status, status) << reply.body;
    return connect::DetailsInJson(reply.body).reason;
  }

  ServerProcess server_;
  const std::string campaign_ = CouponClient(server_.port()).CreateStarted("sizes", 100);
};

constexpr std::string_view kBatch = "BatchIssueCoupons";
constexpr std::string_view kJson = "Content-Type: application/json";
constexpr std::string_view kGzipJson = "Content-Type: application/json\r\nContent-Encoding: gzip";
constexpr std::string_view kWebJson = "Content-Type: application/grpc-web+json";
constexpr std::string_view kGzipWebJson =
    "Content-Type: application/grpc-web+json\r\nGrpc-Encoding: gzip";

TEST_F(BatchSizeTest, AMessageMayHaveTwoMebibytes) {
  const std::string whole = Json(kMessageMax);
  EXPECT_EQ(Ask(WithLength(kBatch, kJson, whole)).status, 200);
  EXPECT_EQ(Ask(InChunks(kBatch, kJson, whole)).status, 200);
  EXPECT_EQ(Ask(WithLength(kBatch, kGzipJson, connect::Gzip(whole))).status, 200);
  for (const std::string& web :
       {WithLength(kBatch, kWebJson, Enveloped(0, whole)),
        InChunks(kBatch, kWebJson, Enveloped(0, whole)),
        WithLength(kBatch, kGzipWebJson,
                   Enveloped(connect::kCompressedFlag, connect::Gzip(whole)))}) {
    EXPECT_NE(Ask(web).body.find("grpc-status: 0"), std::string::npos);
  }
  EXPECT_EQ(CouponClient(server_.port()).Codes(campaign_).size(), 6U);
}

TEST_F(BatchSizeTest, AndNotOneByteMore) {
  const std::string over = Json(kMessageMax + 1);
  EXPECT_EQ(Reason(WithLength(kBatch, kJson, over), 429), "MESSAGE_TOO_LARGE");
  EXPECT_EQ(Reason(InChunks(kBatch, kJson, over), 429), "MESSAGE_TOO_LARGE");
  EXPECT_EQ(Reason(WithLength(kBatch, kGzipJson, connect::Gzip(over)), 429), "MESSAGE_TOO_LARGE");
  for (const std::string& web :
       {WithLength(kBatch, kWebJson, Enveloped(0, over)),
        InChunks(kBatch, kWebJson, Enveloped(0, over)),
        WithLength(kBatch, kGzipWebJson,
                   Enveloped(connect::kCompressedFlag, connect::Gzip(over)))}) {
    const HttpReply reply = Ask(web);
    EXPECT_EQ(connect::DetailsInTrailers(reply.body).reason, "MESSAGE_TOO_LARGE") << reply.body;
  }
  const std::string far_over = Json(kBodyMax + 1);
  for (const std::string& request :
       {WithLength(kBatch, kJson, far_over), InChunks(kBatch, kJson, far_over)}) {
    const HttpReply reply = Ask(request);
    EXPECT_EQ(reply.status, 413);
    EXPECT_EQ(connect::DetailsInJson(reply.body).reason, "BODY_TOO_LARGE");
    EXPECT_NE(reply.body.find("more than 2,105,344 bytes"), std::string::npos) << reply.body;
  }
  EXPECT_EQ(CouponClient(server_.port()).Codes(campaign_).size(), 0U);
}

TEST_F(BatchSizeTest, ManyEmptyUsersAreNotRead) {
  std::string json = R"({"campaignId":")" + campaign_ + R"(","userIds":["")";
  for (int i = 1; i < 10'001; ++i) json += ",\"\"";
  EXPECT_EQ(Reason(WithLength(kBatch, kGzipJson, connect::Gzip(json + "]}")), 400),
            "BATCH_TOO_LARGE");
  for (int i = 0; i < 600'000; ++i) json += ",\"\"";
  EXPECT_EQ(Reason(WithLength(kBatch, kGzipJson, connect::Gzip(json + "]}")), 429),
            "MESSAGE_TOO_LARGE");
}

TEST_F(BatchSizeTest, OtherMethodsKeepTheirLimit) {
  constexpr std::size_t kUsualMessageMax = 64 * 1'024;
  constexpr std::size_t kUsualBodyMax = 72 * 1'024;
  const std::string method = "IssueCoupon";
  const auto padded = [&](std::size_t bytes) {
    std::string json = R"({"campaignId":")" + campaign_ + "\"}";
    return json.append(bytes - json.size(), ' ');
  };
  EXPECT_EQ(Ask(WithLength(method, kJson, padded(kUsualMessageMax))).status, 200);
  const std::string over = padded(kUsualMessageMax + 1);
  EXPECT_EQ(Reason(WithLength(method, kJson, over), 429), "MESSAGE_TOO_LARGE");
  EXPECT_EQ(Reason(WithLength(method, kGzipJson, connect::Gzip(over)), 429), "MESSAGE_TOO_LARGE");
  EXPECT_EQ(Reason(InChunks(method, kJson, over), 429), "MESSAGE_TOO_LARGE");
  for (const std::string& request : {WithLength(method, kJson, padded(kUsualBodyMax + 1)),
                                     InChunks(method, kJson, padded(kUsualBodyMax + 1))}) {
    const HttpReply reply = Ask(request);
    EXPECT_EQ(reply.status, 413);
    EXPECT_NE(reply.body.find("more than 73,728 bytes"), std::string::npos) << reply.body;
  }
}

TEST_F(BatchSizeTest, OnlySoManyLargeRequestsAreTakenAtATime) {
  constexpr int kLargeMax = 32;
  const std::string half = Head(kBatch, std::string(kJson) + "\r\nContent-Length: 200000");
  std::vector<HttpClient> clients;
  for (int i = 0; i < kLargeMax; ++i) {
    clients.emplace_back(server_.port());
    ASSERT_TRUE(clients.back().Send(half));
  }
  std::string reason;
  while (reason != "TOO_MANY_LARGE_REQUESTS") {
    const HttpReply reply = Ask(WithLength(kBatch, kJson, Json(200'000)));
    ASSERT_TRUE(reply.status == 503 || reply.status == 200) << reply.body;
    reason = connect::DetailsInJson(reply.body).reason;
    if (reply.status == 503) {
      EXPECT_NE(reply.Header("retry-after"), "");
    }
  }
  EXPECT_EQ(Ask(WithLength(kBatch, kJson, Json(500))).status, 200) << "small ones go on";
  clients.clear();
  while (Ask(WithLength(kBatch, kJson, Json(200'000))).status == 503) {
  }
}

}  // namespace
}  // namespace coupond::test
