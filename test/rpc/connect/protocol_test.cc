#include "rpc/connect/protocol.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace coupond::connect
