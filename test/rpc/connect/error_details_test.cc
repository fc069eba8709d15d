#include "rpc/connect/error_details.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "every_kind.pb.h"
#include "protocol_probe.h"
#include "standard_details.h"

namespace coupond::connect {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(StandardDetails, HaveTheWireFormOfGoogleRpc) {
  Error error{.code = Code::kUnavailable,
              .message = "a.b: no",
              .reason = "R",
              .field = "a.b",
              .retry_delay = milliseconds(2'001),
              .facts = {{"k", "v"}}};
  AddStandardDetails("d", error);
  ASSERT_EQ(error.details.size(), 3U);
  // ErrorInfo: reason = 1, domain = 2, metadata = 3, a map: entries of key = 1, value = 2.
  EXPECT_EQ(error.details[0].type, "google.rpc.ErrorInfo");
  EXPECT_EQ(error.details[0].value, "\x0a\x01R\x12\x01\x64\x1a\x06\x0a\x01k\x12\x01v");
  EXPECT_EQ(error.details[0].debug, R"({"reason":"R","domain":"d","metadata":{"k":"v"}})");
  // BadRequest: field_violations = 1; its field = 1, description = 2.
  EXPECT_EQ(error.details[1].type, "google.rpc.BadRequest");
  EXPECT_EQ(error.details[1].value, "\x0a\x09\x0a\x03\x61.b\x12\x02no");
  EXPECT_EQ(error.details[1].debug, R"({"fieldViolations":[{"field":"a.b","description":"no"}]})");
  // RetryInfo: retry_delay = 1; a Duration's seconds = 1, nanos = 2.
  EXPECT_EQ(error.details[2].type, "google.rpc.RetryInfo");
  EXPECT_EQ(error.details[2].value, "\x0a\x06\x08\x02\x10\xc0\x84\x3d");
  EXPECT_EQ(error.details[2].debug, R"({"retryDelay":"2.001s"})");
}

TEST(StandardDetails, FollowThoseOfTheHandler) {
  Error error{.code = Code::kNotFound};
  error.AddDetail(connecttest::Item());
  AddStandardDetails("d", error);
  ASSERT_EQ(error.details.size(), 2U);
  EXPECT_EQ(error.details[0].type, "connecttest.Item");
}

TEST(StandardDetails, WithoutAReasonAreNamedAfterTheCode) {
  const ReadDetails read = DetailsOf({.code = Code::kInvalidArgument});
  EXPECT_THAT(read.types, ElementsAre("google.rpc.ErrorInfo"));
  EXPECT_EQ(read.reason, "INVALID_ARGUMENT");
  EXPECT_EQ(read.domain, "test");
}

TEST(StandardDetails, TheDelayInTheHeaderIsTheSameRoundedUp) {
  for (const auto& [delay, seconds] : {std::pair{milliseconds(1'000), "1"},
                                       {milliseconds(1'001), "2"},
                                       {milliseconds(2'999), "3"}}) {
    Error error{.code = Code::kUnavailable, .retry_delay = delay};
    AddStandardDetails("d", error);
    EXPECT_THAT(error.headers, ElementsAre(Pair("Retry-After", seconds)));
    EXPECT_EQ(DetailsInJson(ErrorJson(error)).retry_delay, delay);
  }
}

TEST(StandardDetails, AServiceWithoutADomainHasOnlyTheHeader) {
  Error error{.code = Code::kUnavailable, .field = "a", .retry_delay = milliseconds(1'500)};
  AddStandardDetails({}, error);
  EXPECT_THAT(error.details, IsEmpty());
  EXPECT_THAT(error.headers, ElementsAre(Pair("Retry-After", "2")));
}

TEST(StandardDetails, TheDescriptionLeavesOutTheFieldsName) {
  const struct {
    const char* field;
    const char* message;
    const char* description;
  } rows[] = {{"a", "a: is bad", "is bad"},
              {"a.b", "b: is bad", "is bad"},
              {"a", "a and b differ", "a and b differ"},
              {"a", "not so: is bad", "not so: is bad"},
              {"a", ": is bad", ": is bad"},
              {"a", "a\xff: is bad", ""}};
  for (const auto& row : rows) {
    const ReadDetails read =
        DetailsOf({.code = Code::kInvalidArgument, .message = row.message, .field = row.field});
    EXPECT_EQ(read.field, row.field);
    EXPECT_EQ(read.description, row.description) << row.message;
  }
}

TEST(StandardDetails, OfTheHttpServerHaveAReasonForEachStatus) {
  const struct {
    int status;
    const char* reason;
  } rows[] = {{400, "HTTP_MALFORMED"},
              {408, "REQUEST_TOO_SLOW"},
              {413, "BODY_TOO_LARGE"},
              {417, "EXPECTATION_UNSUPPORTED"},
              {421, "HOST_NOT_SERVED"},
              {431, "HEADER_TOO_LARGE"},
              {500, "INTERNAL"},
              {501, "HTTP_UNSUPPORTED"},
              {503, "TOO_MANY_CONNECTIONS"},
              {505, "HTTP_UNSUPPORTED"},
              {418, "INVALID_ARGUMENT"}};
  for (const auto& row : rows) {
    EXPECT_EQ(DetailsOf(ErrorOf({.status = row.status, .message = "why"})).reason, row.reason);
  }
  const Error busy = ErrorOf({.status = 503, .message = "", .retry_delay = milliseconds(1'200)});
  EXPECT_EQ(DetailsOf(busy).retry_delay, milliseconds(1'200));
}

/// A router whose errors have the standard details.
class ExplainedErrorsTest : public ProtocolProbe {
 protected:
  ExplainedErrorsTest() { router().SetErrorDomain("probe"); }

  static ReadDetails Read(const Target& target, FakeExchange& exchange) {
    if (target.bare()) return DetailsInJson(exchange.response().body);
    const Frame end = LastFrame(exchange);
    return target.dialect.protocol == Protocol::kGrpcWeb ? DetailsInTrailers(end.content)
                                                         : DetailsInJson(end.content);
  }

  void Expect(const ReadDetails& read, std::string_view reason, std::string_view field = {}) {
    EXPECT_EQ(read.reason, reason);
    EXPECT_EQ(read.domain, "probe");
    EXPECT_EQ(read.field, field);
    EXPECT_FALSE(read.retry_delay);
  }
};

TEST_F(ExplainedErrorsTest, InEveryDialect) {
  for (const Target& target : kTargets) {
    SCOPED_TRACE(testing::PrintToString(target));
    const bool json = target.dialect.codec == Codec::kJson;
    const bool grpc = target.dialect.protocol == Protocol::kGrpcWeb;
    const std::string_view sound = SoundMessage(target);
    Expect(Read(target, *PostMessage(target, "\xff")), "MESSAGE_MALFORMED");
    Expect(Read(target, *PostMessage(target, json ? R"({"anInt32":"x"})" : "\x52\x01\xff")),
           "FIELD_INVALID", json ? "an_int32" : "a_string");
    Expect(Read(target, *PostMessage(target, json ? R"({"x":1})" : "\xf8\x7f\x01",
                                     {{"Coupond-Strict", "1"}})),
           "FIELD_UNKNOWN", json ? "x" : "");
    const ReadDetails late = Read(
        target, *PostMessage(target, sound, {{grpc ? "Grpc-Timeout" : "Connect-Timeout-Ms", "x"}}));
    Expect(late, "HEADER_INVALID");
    EXPECT_THAT(late.facts,
                ElementsAre(Pair("header", grpc ? "Grpc-Timeout" : "Connect-Timeout-Ms")));
    Expect(Read(target, *PostMessage(target, sound, {CompressedWith(target, "br")})),
           "COMPRESSION_UNSUPPORTED");
    const ReadDetails large = Read(target, *PostMessage(target, std::string(70'000, ' ')));
    Expect(large, "MESSAGE_TOO_LARGE");
    EXPECT_THAT(large.facts, ElementsAre(Pair("bytes_max", "65536")));
    if (!target.bare()) Expect(Read(target, *Post(target, "x")), "ENVELOPE_MALFORMED");
    const http::HeaderField type{"Content-Type", target.content_type()};
    const http::Response too_large = router().BodyTooLarge(
        {.method = "POST", .path = target.path, .query = {}, .body = {}, .headers = {&type, 1}},
        {.status = 413, .content_type = "text/plain", .headers = {}, .body = {}}, "large");
    if (target.bare()) continue;
    FakeExchange exchange;
    exchange.Respond(too_large);
    Expect(Read(target, exchange), "BODY_TOO_LARGE");
  }
}

TEST_F(ExplainedErrorsTest, AlsoOfRequestsThatReachNoMethod) {
  const Target target = kTargets[0];
  Expect(Read(target, *Post({"/x", target.dialect}, "{}")), "PATH_UNKNOWN");
  const http::HeaderField json{"Content-Type", "application/json"};
  const auto send = [&](const RequestParts& parts) {
    return DetailsInJson(Send(parts)->response().body);
  };
  Expect(send({.method = "PUT", .path = std::string(kChange), .headers = {json}}),
         "HTTP_METHOD_NOT_ALLOWED");
  Expect(send({.path = std::string(kChange)}), "CONTENT_TYPE_UNSUPPORTED");
  Expect(send({.path = std::string(kChange), .headers = {json, {"Origin", "https://x.example"}}}),
         "ORIGIN_NOT_ALLOWED");
  Expect(send({.method = "GET", .path = std::string(kLook), .query = "encoding=json"}),
         "QUERY_INVALID");
}

}  // namespace
}  // namespace coupond::connect
