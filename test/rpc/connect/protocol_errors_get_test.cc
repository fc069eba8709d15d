// The protocol's errors for wrong GETs.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "protocol_probe.h"
#include "rpc/connect/compression.h"
#include "rpc/json/base64.h"

namespace coupond::connect {
namespace {

constexpr Target kJsonLook{kLook, {Protocol::kConnectUnary, Codec::kJson}};
constexpr Target kProtoLook{kLook, {Protocol::kConnectUnary, Codec::kProto}};

class ProtocolGetTest : public ProtocolProbe {
 protected:
  std::shared_ptr<FakeExchange> Get(std::string_view query,
                                    std::vector<http::HeaderField> headers = {},
                                    std::string method = "GET") {
    return Send({.method = std::move(method),
                 .path = std::string(kLook),
                 .query = std::string(query),
                 .headers = std::move(headers)});
  }
  /// Expects that a GET and a HEAD are refused.
  void ExpectGetRefused(Code code, std::string_view query,
                        const std::vector<http::HeaderField>& headers = {}) {
    SCOPED_TRACE(query);
    ExpectRefused(kJsonLook, code, *Get(query, headers));
    ExpectRefused(kJsonLook, code, *Get(query, headers, "HEAD"));
  }
  static std::string InBase64(std::string_view bytes) {
    std::string text;
    AppendBase64(bytes, Base64Padding::kUnpadded, text);
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
  }
};

TEST_F(ProtocolGetTest, AValidRequestIsServed) {
  for (const std::string& query :
       {std::string("encoding=json&message=%7B%7D"), std::string("message={}&encoding=json"),
        std::string("connect=v1&encoding=json&base64=1&message=e30"),
        std::string("connect=v1&encoding=json&base64=1&message=e30%3D&unknown=1"),
        "encoding=json&base64=1&compression=gzip&message=" + InBase64(Gzip("{}"))}) {
    SCOPED_TRACE(query);
    ExpectServed(kJsonLook, *Get(query));
    ExpectServed(kJsonLook, *Get(query, {}, "HEAD"));
  }
  ExpectServed(kProtoLook, *Get("encoding=proto&message="));
  ExpectServed(kProtoLook, *Get("encoding=proto&base64=1&message=" + InBase64("\x52\x01x")));
  ExpectServed(kProtoLook, *Get("encoding=proto&message=R%01x"));
  ExpectServed(kProtoLook, *Get("encoding=proto&compression=gzip&message="));
}

TEST_F(ProtocolGetTest, AMissingMessageIsInvalid) {
  for (const char* query :
       {"encoding=json", "encoding=json&base64=1&connect=v1", "encoding=json&Message=%7B%7D"}) {
    ExpectGetRefused(Code::kInvalidArgument, query);
  }
}

TEST_F(ProtocolGetTest, ASimilarParameterNameIsInvalid) {
  for (const char* name : {"Base64", "base_64", "CONNECT", "Com%70ression", "_message"}) {
    ExpectGetRefused(Code::kInvalidArgument,
                     "encoding=json&message=%7B%7D&" + std::string(name) + "=1");
  }
  ExpectGetRefused(Code::kInvalidArgument, "encoding=json&message=e30&base64=true");
}

TEST_F(ProtocolGetTest, StrictnessRefusesWhatIsUnknown) {
  const std::vector<http::HeaderField> strict = {{"Coupond-Strict", "1"}};
  ExpectServed(kJsonLook, *Get("encoding=json&message={}&connect=v1", strict));
  ExpectServed(kJsonLook, *Get("encoding=json&message={}&unknown=1"));
  ExpectGetRefused(Code::kInvalidArgument, "encoding=json&message={}&unknown=1", strict);
  ExpectGetRefused(Code::kInvalidArgument, "encoding=json&message={}&=1", strict);
  ExpectGetRefused(Code::kInvalidArgument, R"(encoding=json&message={"unknown":1})", strict);
  ExpectGetRefused(Code::kInvalidArgument, R"(encoding=json&message={"AString":"x"})");
  ExpectGetRefused(Code::kInvalidArgument, "encoding=json&message={}", {{"Coupond-Strict", "0"}});
}

TEST_F(ProtocolGetTest, AnUnknownEncodingIs415) {
  for (const char* query :
       {"", "message=%7B%7D", "message=%7B%7D&encoding=", "encoding=xml&message=",
        "encoding=JSON&message=%7B%7D", "encoding=connect%2Bjson&message=%7B%7D"}) {
    SCOPED_TRACE(query);
    const auto exchange = Get(query);
    ExpectJsonError(Code::kUnknown, 415, *exchange);
    EXPECT_NE(exchange->Header("Accept-Post"), "");
  }
  EXPECT_EQ(calls_, 0);
}

TEST_F(ProtocolGetTest, ABodyIs415) {
  const auto exchange = Send({.method = "GET",
                              .path = std::string(kLook),
                              .query = "encoding=json&message=%7B%7D",
                              .body = "{}"});
  ExpectJsonError(Code::kUnknown, 415, *exchange);
  EXPECT_EQ(calls_, 0);
}

TEST_F(ProtocolGetTest, SideEffectsAndStreamsAre405) {
  for (const std::string_view path : {kChange, kWatch}) {
    const auto exchange =
        Send({.method = "GET", .path = std::string(path), .query = "encoding=json&message=%7B%7D"});
    ExpectJsonError(Code::kUnknown, 405, *exchange);
    EXPECT_EQ(exchange->Header("Allow"), "POST");
  }
  EXPECT_EQ(calls_, 0);
}

TEST_F(ProtocolGetTest, MalformedBase64IsInvalid) {
  for (const char* text : {"e", "e30%3D%3D", "e+30", "!!!!", "e3_%2B", "%7B%7D"}) {
    ExpectGetRefused(Code::kInvalidArgument, std::string("encoding=json&base64=1&message=") + text);
  }
}

TEST_F(ProtocolGetTest, AnotherVersionIsInvalid) {
  for (const char* version : {"", "v2", "1"}) {
    ExpectGetRefused(Code::kInvalidArgument,
                     std::string("encoding=json&message=%7B%7D&connect=") + version);
  }
  ExpectGetRefused(Code::kInvalidArgument, "encoding=json&message=%7B%7D",
                   {{"Connect-Protocol-Version", "2"}});
}

TEST_F(ProtocolGetTest, AMalformedTimeoutIsInvalid) {
  for (const char* text : {"", "0", "-1", "1S"}) {
    ExpectGetRefused(Code::kInvalidArgument, "encoding=json&message=%7B%7D",
                     {{"Connect-Timeout-Ms", text}});
  }
}

TEST_F(ProtocolGetTest, AnUnknownCompressionIsUnimplemented) {
  for (const char* name : {"br", "zstd", "gzip%2Cgzip"}) {
    ExpectGetRefused(Code::kUnimplemented,
                     std::string("encoding=json&message=%7B%7D&compression=") + name);
  }
}

TEST_F(ProtocolGetTest, CorruptOrTooLargeGzipIsRefused) {
  const std::string query = "encoding=json&base64=1&compression=gzip&message=";
  const std::string sound = Gzip("{}");
  for (const std::string& bytes :
       {std::string("{}"), sound.substr(0, sound.size() - 1), sound + "x"}) {
    ExpectGetRefused(Code::kInvalidArgument, query + InBase64(bytes));
  }
  ExpectGetRefused(Code::kInvalidArgument, "encoding=json&compression=gzip&message=%7B%7D");
  const std::string bomb = Gzip(std::string(1'000'000, ' '));
  ASSERT_LT(bomb.size(), 8'000U) << "fits into a request line";
  ExpectGetRefused(Code::kResourceExhausted, query + InBase64(bomb));
}

TEST_F(ProtocolGetTest, AMalformedMessageIsInvalid) {
  for (const char* message :
       {"", "%7B", "%FF", "+", "%7B%22aString%22%3A7%7D", "%7B%22a%22%3A1%2C%22a%22%3A1%7D"}) {
    ExpectGetRefused(Code::kInvalidArgument, std::string("encoding=json&message=") + message);
  }
  ExpectRefused(kProtoLook, Code::kInvalidArgument, *Get("encoding=proto&message=%FF"));
}

}  // namespace
}  // namespace coupond::connect
