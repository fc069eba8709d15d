#include "rpc/connect/error.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

#include "every_kind.pb.h"

namespace coupond::connect {
namespace {

TEST(Error, JsonOmitsWhatIsEmpty) {
  EXPECT_EQ(ErrorJson({.code = Code::kNotFound}), R"({"code":"not_found"})");
  EXPECT_EQ(ErrorJson({.code = Code::kNotFound, .message = "no \"x\""}),
            R"({"code":"not_found","message":"no \"x\""})");
}

TEST(Error, DetailsAreUnpaddedBase64WithBareTypeNames) {
  Error error{.code = Code::kUnavailable, .message = "later"};
  connecttest::Item item;
  item.set_code("a");
  error.AddDetail(item);
  error.details.push_back({"x.Y", ""});
  // The bytes 0A 01 61.
  EXPECT_EQ(ErrorJson(error),
            R"({"code":"unavailable","message":"later","details":[)"
            R"({"type":"connecttest.Item","value":"CgFh"},{"type":"x.Y","value":""}]})");
}

TEST(Error, JsonIsUtf8WhateverTheMessage) {
  EXPECT_EQ(ErrorJson({.code = Code::kUnknown, .message = "한\xff!"}),
            "{\"code\":\"unknown\",\"message\":\"한?!\"}");
}

TEST(Error, ResponseHasTheCodesStatusAndTheHeaders) {
  const http::Response response =
      ErrorResponse({.code = Code::kUnavailable, .headers = {{"Retry-After", "1"}}});
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, R"({"code":"unavailable"})");
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].first, "Retry-After");
  EXPECT_EQ(response.headers[0].second, "1");
}

TEST(Error, ResponseMayHaveAnotherStatus) {
  EXPECT_EQ(ErrorResponse({.code = Code::kUnimplemented}, 404).status, 404);
}

TEST(Error, OfTheHttpServerHasTheClosestCode) {
  const auto body = [](int status) {
    const http::Response response = ServerErrorResponse({.status = status, .message = "why"});
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.content_type, "application/json");
    return response.body;
  };
  const auto expected = [](const std::string& code) {
    return R"({"code":")" + code + R"(","message":"why"})";
  };
  EXPECT_EQ(body(400), expected("invalid_argument"));
  EXPECT_EQ(body(408), expected("deadline_exceeded"));
  EXPECT_EQ(body(413), expected("resource_exhausted"));
  EXPECT_EQ(body(417), expected("invalid_argument"));
  EXPECT_EQ(body(421), expected("permission_denied"));
  EXPECT_EQ(body(431), expected("resource_exhausted"));
  EXPECT_EQ(body(500), expected("internal"));
  EXPECT_EQ(body(501), expected("unimplemented"));
  EXPECT_EQ(body(503), expected("unavailable"));
  EXPECT_EQ(body(505), expected("unimplemented"));
}

struct Row {
  Code code;
  std::string_view name;
  int http_status;
};

// As the protocol's specification lists them.
constexpr std::array<Row, 16> kDocument = {{
    {Code::kCanceled, "canceled", 499},
    {Code::kUnknown, "unknown", 500},
    {Code::kInvalidArgument, "invalid_argument", 400},
    {Code::kDeadlineExceeded, "deadline_exceeded", 504},
    {Code::kNotFound, "not_found", 404},
    {Code::kAlreadyExists, "already_exists", 409},
    {Code::kPermissionDenied, "permission_denied", 403},
    {Code::kResourceExhausted, "resource_exhausted", 429},
    {Code::kFailedPrecondition, "failed_precondition", 400},
    {Code::kAborted, "aborted", 409},
    {Code::kOutOfRange, "out_of_range", 400},
    {Code::kUnimplemented, "unimplemented", 501},
    {Code::kInternal, "internal", 500},
    {Code::kUnavailable, "unavailable", 503},
    {Code::kDataLoss, "data_loss", 500},
    {Code::kUnauthenticated, "unauthenticated", 401},
}};

TEST(Code, NamesAndStatusesMatchTheSpecification) {
  for (const Row& row : kDocument) {
    EXPECT_EQ(CodeName(row.code), row.name);
    EXPECT_EQ(HttpStatusOf(row.code), row.http_status) << row.name;
    EXPECT_EQ(CodeByName(row.name), row.code) << row.name;
  }
}

TEST(Code, UnknownNamesHaveNoCode) {
  EXPECT_EQ(CodeByName(""), std::nullopt);
  EXPECT_EQ(CodeByName("ok"), std::nullopt);
  EXPECT_EQ(CodeByName("NOT_FOUND"), std::nullopt);
  EXPECT_EQ(CodeByName("cancelled"), std::nullopt);
}

}  // namespace
}  // namespace coupond::connect
