#include "rpc/connect/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "call_fixture.h"
#include "every_kind.pb.h"
#include "rpc/connect/codec.h"
#include "rpc/connect/envelope.h"

namespace coupond::connect {
namespace {

using connecttest::Item;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;
using testing::Pair;

constexpr Dialect kDialects[] = {kUnaryJson, kUnaryProto, kStreamJson, kGrpcWebProto, kGrpcWebJson};

AnswerFormat FormatOf(Dialect dialect, Compression compression = Compression::kIdentity,
                      std::size_t compress_bytes_min = 0) {
  return {.dialect = dialect,
          .compression = compression,
          .compress_bytes_min = compress_bytes_min,
          .json = std::make_shared<JsonFormat>(Item::descriptor())};
}

Item ItemOf(std::string code) {
  Item item;
  item.set_code(std::move(code));
  return item;
}

http::Response MessageAnswer(const AnswerFormat& format, const Item& message) {
  return EncodedAnswer(format, Encode(format.dialect.codec, *format.json, message).value(), {});
}

TEST(Answer, OnlyUnaryConnectHasNoEnvelopes) {
  for (const Dialect dialect : kDialects) {
    EXPECT_EQ(FormatOf(dialect).has_envelopes(), dialect.protocol != Protocol::kConnectUnary);
  }
}

TEST(Answer, TheHeadNamesTheCompressionInTheProtocolsOwnHeader) {
  // A header says whether a bare body is compressed; each envelope has a flag of its own.
  EXPECT_THAT(AnswerHead(FormatOf(kUnaryJson, Compression::kGzip), true, {}).headers,
              ElementsAre(Pair("Content-Encoding", "gzip")));
  EXPECT_THAT(AnswerHead(FormatOf(kUnaryJson, Compression::kGzip), false, {}).headers, IsEmpty());
  EXPECT_THAT(AnswerHead(FormatOf(kStreamJson, Compression::kGzip), false, {}).headers,
              ElementsAre(Pair("Connect-Content-Encoding", "gzip")));
  EXPECT_THAT(AnswerHead(FormatOf(kGrpcWebProto, Compression::kGzip), false, {}).headers,
              ElementsAre(Pair("Grpc-Encoding", "gzip")));
  for (const Dialect dialect : kDialects) {
    EXPECT_THAT(AnswerHead(FormatOf(dialect), false, {}).headers, IsEmpty());
  }
}

TEST(Answer, MessagesAreCompressedFromTheMinimumSize) {
  const std::string code(100, 'x');
  const std::size_t size = ItemOf(code).SerializeAsString().size();
  for (const std::size_t least : {size, size + 1}) {
    const bool compressed = least == size;
    const auto unary =
        MessageAnswer(FormatOf(kUnaryProto, Compression::kGzip, least), ItemOf(code));
    EXPECT_EQ(unary.headers.size(), compressed ? 1U : 0U);
    EXPECT_EQ(unary.body == ItemOf(code).SerializeAsString(), !compressed);
    const auto enveloped =
        MessageAnswer(FormatOf(kGrpcWebProto, Compression::kGzip, least), ItemOf(code));
    EXPECT_EQ(enveloped.body[0], compressed ? '\1' : '\0');
  }
}

TEST(Answer, AnEmptyMessageIsNeverCompressed) {
  EXPECT_THAT(MessageAnswer(FormatOf(kUnaryProto, Compression::kGzip), Item()).headers, IsEmpty());
  std::string body;
  ASSERT_TRUE(AppendMessage(FormatOf(kGrpcWebProto, Compression::kGzip), Item(), body).has_value());
  EXPECT_EQ(body, std::string(5, '\0'));
}

TEST(Answer, AFailureKeepsTheMetadata) {
  const auto failure = [](Dialect dialect) {
    return FailureAnswer(FormatOf(dialect),
                         {.code = Code::kAborted, .message = {}, .headers = {{"x-error", "3"}}},
                         {.headers = {{"x-head", "1"}}, .trailers = {{"x-trail", "2"}}});
  };
  EXPECT_THAT(failure(kUnaryProto).headers,
              ElementsAre(Pair("x-head", "1"), Pair("x-error", "3"), Pair("Trailer-x-trail", "2")));
  for (const Dialect dialect : {kStreamJson, kGrpcWebProto, kGrpcWebJson}) {
    const http::Response answer = failure(dialect);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.content_type, ContentTypeOf(dialect));
    EXPECT_THAT(answer.headers, ElementsAre(Pair("x-head", "1")));
    const auto end = [&] {
      std::string bytes;
      if (dialect == kStreamJson) {
        AppendEnvelope(
            kConnectEndFlag,
            R"({"error":{"code":"aborted"},"metadata":{"x-trail":["2"],"x-error":["3"]}})", bytes);
      } else {
        AppendEnvelope(kGrpcWebTrailersFlag, "grpc-status: 10\r\nx-trail: 2\r\nx-error: 3\r\n",
                       bytes);
      }
      return bytes;
    }();
    EXPECT_EQ(answer.body, end);
  }
}

TEST(Answer, AFailureIsNeverCompressed) {
  Error error{.code = Code::kAborted, .message = std::string(5'000, 'x')};
  const auto answer = FailureAnswer(FormatOf(kUnaryJson, Compression::kGzip), error);
  EXPECT_THAT(answer.headers, testing::Not(Contains(Key("Content-Encoding"))));
  EXPECT_EQ(answer.body, ErrorJson(error));
}

TEST(Answer, AMessageThatCannotBeEncodedIsInternal) {
  Item bad;
  bad.mutable_issued_at()->set_nanos(-1);
  std::string body = "before";
  EXPECT_FALSE(AppendMessage(FormatOf(kStreamJson), bad, body).has_value());
  EXPECT_EQ(body, "before") << "nothing was appended";
}

http::Response Answer(const std::vector<http::HeaderField>& headers) {
  return UnroutedResponse(
      {.method = "POST", .path = "/", .query = {}, .body = {}, .headers = headers}, 415,
      {.code = Code::kUnknown, .message = "no \"x\"", .headers = {{"Accept-Post", "y"}}});
}

TEST(Unrouted, ConnectAndUnknownClientsGetJson) {
  for (const std::vector<http::HeaderField>& headers : std::vector<std::vector<http::HeaderField>>{
           {},
           {{"Content-Type", "application/json"}},
           {{"Content-Type", "application/proto"}},
           {{"content-type", "application/connect+json"}}}) {
    const http::Response response = Answer(headers);
    EXPECT_EQ(response.status, 415);
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_EQ(response.body, R"({"code":"unknown","message":"no \"x\""})");
    ASSERT_EQ(response.headers.size(), 1U);
    EXPECT_EQ(response.headers[0].second, "y");
  }
}

TEST(Unrouted, OtherClientsGetPlainText) {
  for (const std::string_view type : {"application/grpc-web", "application/grpc-web+json",
                                      "application/grpc-web+foo", "image/jpeg", ""}) {
    const http::Response response = Answer({{"Content-Type", type}});
    EXPECT_EQ(response.status, 415) << type;
    EXPECT_EQ(response.content_type, "text/plain") << type;
    EXPECT_EQ(response.body, "no \"x\"");
    ASSERT_EQ(response.headers.size(), 1U);
    EXPECT_EQ(response.headers[0].second, "y");
  }
}

}  // namespace
}  // namespace coupond::connect
