#ifndef COUPOND_TEST_SYSTEM_PROGRAM_PROTOCOL_ERRORS_FIXTURE_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_PROTOCOL_ERRORS_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/connect/envelope.h"
#include "rpc/connect/protocol.h"
#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

/// Wrong requests to the real program, and what its answers must be.
namespace coupond::test {

inline const std::string kService = "/coupon.v1.CouponService/";

/// A method, and one way of speaking to it.
struct Way {
  std::string method;
  connect::Dialect dialect;

  [[nodiscard]] bool bare() const { return dialect.protocol == connect::Protocol::kConnectUnary; }
  [[nodiscard]] bool grpc() const { return dialect.protocol == connect::Protocol::kGrpcWeb; }
  [[nodiscard]] bool json() const { return dialect.codec == connect::Codec::kJson; }
  [[nodiscard]] std::string_view content_type() const { return ContentTypeOf(dialect); }
  [[nodiscard]] std::string encoding_header() const {
    if (grpc()) return "Grpc-Encoding";
    return bare() ? "Content-Encoding" : "Connect-Content-Encoding";
  }
  [[nodiscard]] std::string timeout_header() const {
    return grpc() ? "Grpc-Timeout" : "Connect-Timeout-Ms";
  }
};

inline void PrintTo(const Way& way, std::ostream* out) {
  *out << way.content_type() << " " << way.method;
}

inline const std::vector<Way> kWays = {
    {"IssueCoupon", {connect::Protocol::kConnectUnary, connect::Codec::kJson}},
    {"IssueCoupon", {connect::Protocol::kConnectUnary, connect::Codec::kProto}},
    {"IssueCoupon", {connect::Protocol::kGrpcWeb, connect::Codec::kJson}},
    {"IssueCoupon", {connect::Protocol::kGrpcWeb, connect::Codec::kProto}},
    {"WatchCampaign", {connect::Protocol::kConnectStream, connect::Codec::kJson}},
    {"WatchCampaign", {connect::Protocol::kConnectStream, connect::Codec::kProto}},
    {"WatchCampaign", {connect::Protocol::kGrpcWeb, connect::Codec::kJson}},
    {"WatchCampaign", {connect::Protocol::kGrpcWeb, connect::Codec::kProto}},
};

/// "Name: value\r\n…" behind what every request has.
using Headers = std::string;

inline std::string Request(std::string_view verb, std::string_view target, std::string_view body,
                           const Headers& headers) {
  std::string request(verb);
  request.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(headers);
  if (verb != "GET" || !body.empty()) {
    request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  }
  return request.append("\r\n").append(body);
}

inline std::string Enveloped(std::string_view message, std::uint8_t flags = 0) {
  std::string body;
  connect::AppendEnvelope(flags, message, body);
  return body;
}

class ProtocolErrorsTest : public testing::Test {
 protected:
  ProtocolErrorsTest() : campaign_(client_.CreateStarted("sound", 100'000)) {}

  std::string Post(const Way& way, std::string_view body, const Headers& headers = "") {
    return Request("POST", kService + way.method, body,
                   "Content-Type: " + std::string(way.content_type()) + "\r\n" + headers);
  }
  std::string PostMessage(const Way& way, std::string_view message, const Headers& headers = "",
                          std::uint8_t flags = 0) {
    return Post(way, way.bare() ? std::string(message) : Enveloped(message, flags), headers);
  }
  std::string SoundMessage(const Way& way) const {
    if (way.json()) return R"({"campaignId":")" + campaign_ + R"("})";
    return "\x0a" + std::string(1, static_cast<char>(campaign_.size())) + campaign_;
  }

  /// Sends on the shared connection, then checks that it still issues coupons.
  HttpReply AskAndGoOn(const std::string& request) {
    const auto reply = client_.http().Ask(request);
    EXPECT_TRUE(reply.has_value()) << "no answer to " << request.substr(0, 200);
    if (!reply) return {};
    EXPECT_EQ(reply->Header("connection"), "keep-alive") << request.substr(0, 200);
    const auto issued = client_.Issue(campaign_);
    EXPECT_TRUE(issued.ok() && issued.response.success())
        << "after " << request.substr(0, 200) << ": " << issued.raw_body;
    return *reply;
  }

  /// Returns the error as the protocol of `way` formats it.
  static void ExpectError(const Way& way, connect::Code code, const HttpReply& reply) {
    SCOPED_TRACE(testing::PrintToString(way));
    const std::string name(connect::CodeName(code));
    if (way.bare()) {
      EXPECT_EQ(reply.status, connect::HttpStatusOf(code)) << reply.body;
      EXPECT_EQ(reply.Header("content-type"), "application/json");
      EXPECT_THAT(reply.body, testing::StartsWith(R"({"code":")" + name + R"(","message":")"));
      return;
    }
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.Header("content-type"), way.content_type());
    ASSERT_GE(reply.body.size(), connect::kEnvelopeHeadBytes);
    const std::string end = reply.body.substr(connect::kEnvelopeHeadBytes);
    EXPECT_EQ(reply.body.substr(0, connect::kEnvelopeHeadBytes),
              Enveloped(end, way.grpc() ? 0x80 : 0x02).substr(0, connect::kEnvelopeHeadBytes));
    EXPECT_THAT(end, testing::StartsWith(
                         way.grpc() ? "grpc-status: " + std::to_string(static_cast<int>(code)) +
                                          "\r\ngrpc-message: "
                                    : R"({"error":{"code":")" + name + R"(","message":")"));
  }
  void ExpectRefused(const Way& way, connect::Code code, const std::string& request) {
    ExpectError(way, code, AskAndGoOn(request));
  }

  ServerProcess server_;
  CouponClient client_{server_.port()};
  std::string campaign_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_PROTOCOL_ERRORS_FIXTURE_H_
