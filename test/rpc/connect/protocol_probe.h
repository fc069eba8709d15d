#ifndef COUPOND_TEST_RPC_CONNECT_PROTOCOL_PROBE_H_
#define COUPOND_TEST_RPC_CONNECT_PROTOCOL_PROBE_H_

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "every_kind.pb.h"
#include "fake_exchange.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/router.h"
#include "support/manual_executor.h"

namespace coupond::connect {

/// A method and one of its dialects.
struct Target {
  std::string_view path;
  Dialect dialect;

  [[nodiscard]] bool bare() const { return dialect.protocol == Protocol::kConnectUnary; }
  [[nodiscard]] std::string_view content_type() const { return ContentTypeOf(dialect); }
};

inline void PrintTo(const Target& target, std::ostream* out) {
  *out << target.content_type() << " at " << target.path;
}

inline constexpr std::string_view kLook = "/connecttest.Probe/Look";      ///< also by GET
inline constexpr std::string_view kChange = "/connecttest.Probe/Change";  ///< unary
inline constexpr std::string_view kWatch = "/connecttest.Probe/Watch";    ///< a stream

/// Every method in every dialect.
inline constexpr Target kTargets[] = {
    {kChange, {Protocol::kConnectUnary, Codec::kJson}},
    {kChange, {Protocol::kConnectUnary, Codec::kProto}},
    {kChange, {Protocol::kGrpcWeb, Codec::kJson}},
    {kChange, {Protocol::kGrpcWeb, Codec::kProto}},
    {kWatch, {Protocol::kConnectStream, Codec::kJson}},
    {kWatch, {Protocol::kConnectStream, Codec::kProto}},
    {kWatch, {Protocol::kGrpcWeb, Codec::kJson}},
    {kWatch, {Protocol::kGrpcWeb, Codec::kProto}},
};

struct RequestParts {
  std::string method = "POST";
  std::string path;
  std::string query = {};
  std::string body = {};
  std::vector<http::HeaderField> headers = {};
};

/// A router with a method of each kind, which counts the calls that reach them, and the checks of
/// its responses.
class ProtocolProbe : public testing::Test {
 protected:
  ProtocolProbe() {
    using connecttest::Scalars;
    const auto answer = [this](const Scalars& request, std::unique_ptr<UnaryCall> call) {
      ++calls_;
      call->Finish(request);
    };
    router_.AddUnary<Scalars, Scalars>(std::string(kLook), answer);
    router_.AddUnary<Scalars, Scalars>(std::string(kChange), answer);
    router_.AddServerStream<Scalars, Scalars>(
        std::string(kWatch), [this](const Scalars&, std::unique_ptr<StreamCall> call) {
          ++calls_;
          call->Respond(std::make_unique<EmptySource>());
        });
  }

  std::shared_ptr<FakeExchange> Send(const RequestParts& parts) {
    auto exchange = std::make_shared<FakeExchange>();
    router_.Handle({.method = parts.method,
                    .path = parts.path,
                    .query = parts.query,
                    .body = parts.body,
                    .headers = parts.headers},
                   exchange);
    EXPECT_TRUE(exchange->answered());
    return exchange;
  }
  /// Sends `body` as it is.
  std::shared_ptr<FakeExchange> Post(const Target& target, std::string body,
                                     std::vector<http::HeaderField> headers = {}) {
    headers.push_back({"Content-Type", target.content_type()});
    return Send({.path = std::string(target.path), .body = std::move(body), .headers = headers});
  }
  std::shared_ptr<FakeExchange> PostMessage(const Target& target, std::string_view message,
                                            std::vector<http::HeaderField> headers = {}) {
    return Post(target, Framed(target, message), std::move(headers));
  }

  /// Returns a message in the form of the target's protocol.
  static std::string Framed(const Target& target, std::string_view message,
                            std::uint8_t flags = 0) {
    if (target.bare()) return std::string(message);
    std::string body;
    AppendEnvelope(flags, message, body);
    return body;
  }
  /// Returns a valid message.
  static std::string_view SoundMessage(const Target& target) {
    return target.dialect.codec == Codec::kJson ? R"({"aString":"x"})" : "\x52\x01x";
  }
  static http::HeaderField CompressedWith(const Target& target, std::string_view name) {
    switch (target.dialect.protocol) {
      case Protocol::kConnectUnary:
        return {"Content-Encoding", name};
      case Protocol::kConnectStream:
        return {"Connect-Content-Encoding", name};
      case Protocol::kGrpcWeb:
        break;
    }
    return {"Grpc-Encoding", name};
  }

  /// Expects that the call reached its method and succeeded.
  void ExpectServed(const Target& target, FakeExchange& exchange) {
    SCOPED_TRACE(testing::PrintToString(target));
    EXPECT_EQ(std::exchange(calls_, 0), 1);
    const http::Response& response = exchange.response();
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.content_type, target.content_type());
    if (target.bare()) return;
    const Frame end = LastFrame(exchange);
    EXPECT_EQ(end.content.substr(0, 15), end.flags == kConnectEndFlag ? "{}" : "grpc-status: 0\r");
  }

  /// Expects that the call did not reach its method, and that the response is exactly that error,
  /// in the form of the target's protocol.
  void ExpectRefused(const Target& target, Code code, FakeExchange& exchange) {
    SCOPED_TRACE(testing::PrintToString(target));
    EXPECT_EQ(std::exchange(calls_, 0), 0) << "the method was called";
    const http::Response& response = exchange.response();
    EXPECT_EQ(exchange.pieces(), nullptr) << "the answer is whole";
    if (target.bare()) return ExpectJsonError(code, HttpStatusOf(code), exchange);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, target.content_type());
    const Frame end = LastFrame(exchange);
    EXPECT_EQ(response.body.size(), kEnvelopeHeadBytes + end.content.size()) << "nothing before it";
    if (target.dialect.protocol == Protocol::kGrpcWeb) {
      EXPECT_EQ(end.flags, 0x80);
      const std::string start =
          "grpc-status: " + std::to_string(static_cast<int>(code)) + "\r\ngrpc-message: ";
      EXPECT_TRUE(end.content.starts_with(start)) << end.content;
      EXPECT_TRUE(end.content.ends_with("\r\n"));
    } else {
      EXPECT_EQ(end.flags, 0x02);
      const auto json = boost::json::parse(end.content).as_object();
      EXPECT_EQ(json.size(), 1U) << end.content;
      ExpectIsError(json.at("error"), code);
    }
  }

  /// Expects an error in the form of a unary call of Connect, or of a request that reaches no
  /// method.
  static void ExpectJsonError(Code code, int status, const FakeExchange& exchange) {
    EXPECT_EQ(exchange.response().status, status);
    EXPECT_EQ(exchange.response().content_type, "application/json");
    ExpectIsError(boost::json::parse(exchange.response().body), code);
  }

  struct Frame {
    std::uint8_t flags = 0;
    std::string content;
  };

  /// Returns the last frame of the body, which must consist of frames only.
  static Frame LastFrame(FakeExchange& exchange) {
    const std::string body = exchange.WholeBody().value_or("");
    Frame frame;
    std::size_t at = 0;
    while (at + kEnvelopeHeadBytes <= body.size()) {
      std::size_t length = 0;
      for (std::size_t i = 1; i < kEnvelopeHeadBytes; ++i) {
        length = length * 256 + static_cast<unsigned char>(body[at + i]);
      }
      frame = {static_cast<std::uint8_t>(body[at]), body.substr(at + kEnvelopeHeadBytes, length)};
      at += kEnvelopeHeadBytes + length;
    }
    EXPECT_EQ(at, body.size());
    return frame;
  }

  Router& router() { return router_; }

  int calls_ = 0;

 private:
  class EmptySource final : public MessageSource {
   public:
    void Next(StreamTurn turn) override { turn.Finish(); }
  };

  static void ExpectIsError(const boost::json::value& json, Code code) {
    EXPECT_EQ(json.at("code").as_string(), CodeName(code));
    EXPECT_FALSE(json.at("message").as_string().empty());
    EXPECT_EQ(json.as_object().size(), 2U) << json;
  }

  test::ManualExecutor executor_;
  Router router_{executor_};
};

}  // namespace coupond::connect

#endif  // COUPOND_TEST_RPC_CONNECT_PROTOCOL_PROBE_H_
