#include "rpc/connect/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/display_text.h"

namespace coupond::connect {
namespace {

constexpr Dialect kJson{Protocol::kConnectUnary, Codec::kJson};

TEST(Protocol, EachDialectHasItsContentType) {
  EXPECT_EQ(DialectOf("application/proto"), (Dialect{Protocol::kConnectUnary, Codec::kProto}));
  EXPECT_EQ(DialectOf("application/json"), kJson);
  EXPECT_EQ(DialectOf("application/connect+proto"),
            (Dialect{Protocol::kConnectStream, Codec::kProto}));
  EXPECT_EQ(DialectOf("application/connect+json"),
            (Dialect{Protocol::kConnectStream, Codec::kJson}));
  EXPECT_EQ(DialectOf("application/grpc-web"), (Dialect{Protocol::kGrpcWeb, Codec::kProto}));
  EXPECT_EQ(DialectOf("application/grpc-web+proto"), (Dialect{Protocol::kGrpcWeb, Codec::kProto}));
  EXPECT_EQ(DialectOf("application/grpc-web+json"), (Dialect{Protocol::kGrpcWeb, Codec::kJson}));
}

TEST(Protocol, ContentTypesReadBackAsTheirDialect) {
  for (const Protocol protocol :
       {Protocol::kConnectUnary, Protocol::kConnectStream, Protocol::kGrpcWeb}) {
    for (const Codec codec : {Codec::kProto, Codec::kJson}) {
      EXPECT_EQ(DialectOf(ContentTypeOf({protocol, codec})), (Dialect{protocol, codec}));
    }
  }
}

TEST(Protocol, ContentTypesMayHaveAnyCaseAndQuotes) {
  for (const char* header :
       {"Application/JSON", "application/json; charset=utf-8", "application/json;charset=\"UTF-8\"",
        "application/json ; Charset=UTF-8 ; x=y", "application/json;"}) {
    EXPECT_EQ(DialectOf(header), kJson) << header;
  }
}

TEST(Protocol, OtherContentTypesHaveNoDialect) {
  for (const char* header :
       {"", " ", ";", "json", "application/jsonx", "application/xml", "text/json",
        "application/json; charset=latin1", "application/json; charset=\"utf-8",
        "application/json; charset", "application/connect", "application/connect+xml",
        "application/grpc", "application/grpc-web-text", "application/x-www-form-urlencoded",
        "application/json, application/proto"}) {
    EXPECT_EQ(DialectOf(header), std::nullopt) << header;
  }
}

TEST(Protocol, OtherCharsetsAreFound) {
  EXPECT_EQ(OtherCharset("application/json; q=1; charset=EUC-KR"), "EUC-KR");
  EXPECT_EQ(OtherCharset("application/json; charset=\"utf-16\""), "utf-16");
  EXPECT_EQ(OtherCharset("application/json; charset"), "");
  EXPECT_EQ(OtherCharset("application/json; charset=UTF-8"), std::nullopt);
  EXPECT_EQ(OtherCharset("application/json"), std::nullopt);
}

using std::chrono::milliseconds;
using testing::HasSubstr;
using Fields = std::vector<http::HeaderField>;

CallHeaders Gather(const Fields& fields) {
  http::Request request;
  request.headers = fields;
  return GatherCallHeaders(request);
}

std::expected<CallTerms, Error> Terms(Protocol protocol, const Fields& fields) {
  return ReadCallTerms(protocol, Gather(fields));
}

void ExpectError(Protocol protocol, const Fields& fields, Code code, std::string_view words) {
  const auto terms = Terms(protocol, fields);
  ASSERT_FALSE(terms.has_value()) << words;
  EXPECT_EQ(terms.error().code, code) << words;
  EXPECT_THAT(terms.error().message, HasSubstr(words));
}

/// The headers in which each protocol says the same things.
struct Places {
  Protocol protocol;
  std::string_view encoding;
  std::string_view accept_encoding;
  std::string_view timeout;
  std::string_view second;  ///< as a timeout
};

constexpr Places kPlaces[] = {
    {Protocol::kConnectUnary, "Content-Encoding", "Accept-Encoding", "Connect-Timeout-Ms", "1000"},
    {Protocol::kConnectStream, "Connect-Content-Encoding", "Connect-Accept-Encoding",
     "Connect-Timeout-Ms", "1000"},
    {Protocol::kGrpcWeb, "Grpc-Encoding", "Grpc-Accept-Encoding", "Grpc-Timeout", "1S"},
};

TEST(CallHeaders, AreFoundInAnyCaseAmongOthers) {
  const CallHeaders headers = Gather({{"Host", "x"},
                                      {"CONTENT-TYPE", "a"},
                                      {"content-encoding", "b"},
                                      {"Accept-Encoding", "c"},
                                      {"connect-Protocol-version", "d"},
                                      {"Connect-Timeout-MS", "e"},
                                      {"Connect-Content-Encoding", "f"},
                                      {"Connect-Accept-Encoding", "g"},
                                      {"grpc-timeout", "h"},
                                      {"GRPC-ENCODING", "i"},
                                      {"Grpc-Accept-Encoding", "j"},
                                      {"If-None-Match", "k"},
                                      {"X-Content-Type", "l"}});
  EXPECT_EQ(headers.content_type, "a");
  EXPECT_EQ(headers.content_encoding, "b");
  EXPECT_EQ(headers.accept_encoding, "c");
  EXPECT_EQ(headers.connect_protocol_version, "d");
  EXPECT_EQ(headers.connect_timeout_ms, "e");
  EXPECT_EQ(headers.connect_content_encoding, "f");
  EXPECT_EQ(headers.connect_accept_encoding, "g");
  EXPECT_EQ(headers.grpc_timeout, "h");
  EXPECT_EQ(headers.grpc_encoding, "i");
  EXPECT_EQ(headers.grpc_accept_encoding, "j");
  EXPECT_EQ(headers.if_none_match, "k");
}

TEST(CallHeaders, TheFirstOfARepeatedHeaderCounts) {
  const CallHeaders headers = Gather(
      {{"Content-Type", ""}, {"content-type", "b"}, {"Grpc-Timeout", "1S"}, {"grpc-timeout", "x"}});
  EXPECT_EQ(headers.content_type, "");
  EXPECT_EQ(headers.grpc_timeout, "1S");
}

TEST(CallHeaders, MissingHeadersAreNullopt) {
  const CallHeaders headers = Gather({{"Content_Type", "a"}, {"Content-Typ", "b"}, {"", "c"}});
  EXPECT_EQ(headers.content_type, std::nullopt);
  EXPECT_EQ(headers.if_none_match, std::nullopt);
}

TEST(CallTerms, WithoutHeadersAreTheDefaults) {
  for (const Places& places : kPlaces) {
    const auto terms = Terms(places.protocol, {});
    ASSERT_TRUE(terms.has_value());
    EXPECT_EQ(terms->timeout, std::nullopt);
    EXPECT_EQ(terms->of_request, Compression::kIdentity);
    EXPECT_EQ(terms->of_answer, Compression::kIdentity);
  }
}

TEST(CallTerms, EachProtocolHasItsOwnHeaders) {
  for (const Places& places : kPlaces) {
    const auto terms = Terms(places.protocol, {{places.encoding, "gzip"},
                                               {places.accept_encoding, "identity"},
                                               {places.timeout, places.second}});
    ASSERT_TRUE(terms.has_value()) << places.encoding;
    EXPECT_EQ(terms->timeout, milliseconds(1'000));
    EXPECT_EQ(terms->of_request, Compression::kGzip);
    EXPECT_EQ(terms->of_answer, Compression::kIdentity);
    EXPECT_EQ(Terms(places.protocol, {{places.accept_encoding, "br, gzip"}})->of_answer,
              Compression::kGzip);
    EXPECT_EQ(Terms(places.protocol, {{places.encoding, "gzip"}})->of_answer, Compression::kGzip)
        << "without a list, the request's own";
  }
}

TEST(CallTerms, HeadersOfOtherProtocolsAreIgnored) {
  for (const Places& places : kPlaces) {
    Fields others;
    for (const Places& other : kPlaces) {
      if (other.encoding == places.encoding) continue;
      others.push_back({other.encoding, "br"});
      others.push_back({other.accept_encoding, "gzip"});
      if (other.timeout != places.timeout) others.push_back({other.timeout, "nonsense"});
    }
    const auto terms = Terms(places.protocol, others);
    ASSERT_TRUE(terms.has_value()) << places.encoding << ": " << terms.error().message;
    EXPECT_EQ(terms->timeout, std::nullopt);
    EXPECT_EQ(terms->of_request, Compression::kIdentity);
    EXPECT_EQ(terms->of_answer, Compression::kIdentity);
  }
}

TEST(CallTerms, AMisspelledStrictIsRefused) {
  for (const char* name : {"Coupond_Strict", "coupond-strickt", "Coupond"}) {
    ExpectError(Protocol::kConnectUnary, {{name, "1"}}, Code::kInvalidArgument,
                "did you mean Coupond-Strict?");
  }
}

TEST(CallTerms, OnlyTheValueOneMeansStrict) {
  for (const Places& places : kPlaces) {
    EXPECT_FALSE(Terms(places.protocol, {})->strict);
    EXPECT_TRUE(Terms(places.protocol, {{"coupond-STRICT", "1"}})->strict);
    EXPECT_TRUE(Terms(places.protocol, {{"Coupond-Strict", "1"}, {"Coupond-Strict", "1"}})->strict);
    ExpectError(places.protocol, {{"Coupond-Strict", "1"}, {"Coupond-Strict", "0"}},
                Code::kInvalidArgument, R"(Coupond-Strict must be "1", not "0")");
    for (const char* value : {"", "0", "true", "01", "1, 1", "yes"}) {
      ExpectError(places.protocol, {{"Coupond-Strict", value}}, Code::kInvalidArgument,
                  R"(Coupond-Strict must be "1", not ")" + std::string(value) + "\"");
    }
  }
}

TEST(CallTerms, AnUnknownCompressionNamesTheHeader) {
  for (const Places& places : kPlaces) {
    for (const std::string_view name : {"br", "", "gzip, br"}) {
      ExpectError(places.protocol, {{places.encoding, name}}, Code::kUnimplemented,
                  std::string(places.encoding) + " \"" + std::string(name) +
                      "\" is not supported; supported are: gzip, identity");
    }
  }
}

TEST(CallTerms, AMalformedTimeoutIsInvalid) {
  for (const Places& places : kPlaces) {
    const bool grpc = places.protocol == Protocol::kGrpcWeb;
    for (const std::string_view wrong :
         {std::string_view(""), std::string_view("soon"), std::string_view(grpc ? "1000" : "1S")}) {
      ExpectError(places.protocol, {{places.timeout, wrong}}, Code::kInvalidArgument,
                  std::string(places.timeout) + " must be ");
    }
  }
}

TEST(CallTerms, TheConnectVersionIsOneOrAbsent) {
  for (const Protocol protocol : {Protocol::kConnectUnary, Protocol::kConnectStream}) {
    EXPECT_TRUE(Terms(protocol, {{"Connect-Protocol-Version", "1"}}).has_value());
    for (const char* version : {"", "2", "v1", "01", "1.0"}) {
      ExpectError(protocol, {{"Connect-Protocol-Version", version}}, Code::kInvalidArgument,
                  R"(Connect-Protocol-Version must be "1")");
    }
  }
  EXPECT_TRUE(Terms(Protocol::kGrpcWeb, {{"Connect-Protocol-Version", "2"}}).has_value())
      << "gRPC-Web has no such header";
}

TEST(CallTerms, QuotesOnlyTheBeginningOfALongValue) {
  const std::string lengthy(5'000, 'x');
  const auto terms = Terms(Protocol::kConnectUnary, {{"Content-Encoding", lengthy}});
  ASSERT_FALSE(terms.has_value());
  EXPECT_LT(terms.error().message.size(), kQuotedBytesMax + 100);
}

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ConnectTimeout, IsMillisecondsInOneToTenDigits) {
  EXPECT_EQ(ParseTimeout(TimeoutForm::kConnect, "1"), milliseconds(1));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kConnect, "1500"), milliseconds(1500));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kConnect, "0000000001"), milliseconds(1));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kConnect, "9999999999"), milliseconds(9'999'999'999));
}

TEST(ConnectTimeout, AnythingElseIsRefused) {
  for (const char* text :
       {"", "0", "0000000000", "10000000000", "00000000001", "-1", "+1", "1.5", "1e3", " 1", "1 ",
        "1ms", "1S", "0x1", "x", "1,000", "١", "99999999999999999999999999"}) {
    EXPECT_EQ(ParseTimeout(TimeoutForm::kConnect, text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseTimeout(TimeoutForm::kConnect, std::string("1\0", 2)), std::nullopt);
}

TEST(GrpcTimeout, IsOneToEightDigitsAndAUnit) {
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "2H"), hours(2));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "2M"), minutes(2));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "2S"), seconds(2));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "2m"), milliseconds(2));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "2000u"), milliseconds(2));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "2000000n"), milliseconds(2));
}

TEST(GrpcTimeout, IsRoundedUpToMilliseconds) {
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "1u"), milliseconds(1));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "1n"), milliseconds(1));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "1001u"), milliseconds(2));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "99999999n"), milliseconds(100));
}

// 99999999H added to the steady clock's nanoseconds would be a deadline in the past.
TEST(GrpcTimeout, IsCappedAtConnectsLongest) {
  for (const char* text : {"99999999H", "99999999M", "99999999S", "2778H"}) {
    EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, text), milliseconds(9'999'999'999)) << text;
  }
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "2777H"), hours(2777));
}

// gRPC's specification requires a positive number, but its own implementations accept zero.
TEST(GrpcTimeout, ZeroIsValid) {
  for (const char* text : {"0H", "0m", "0n", "00000000S"}) {
    EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, text), milliseconds(0)) << text;
  }
}

TEST(GrpcTimeout, AnythingElseIsRefused) {
  for (const char* text :
       {"",    "1",   "S",  "m",  "100000000m", "000000001S", "-1S", "+1S", "1.5S", "1 S",
        " 1S", "1S ", "1s", "1h", "1ms",        "1SS",        "1d",  "1U",  "1N",   "\x31\xff"}) {
    EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace coupond::connect
