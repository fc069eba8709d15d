#include "rpc/connect/error.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace coupond::connect {
namespace {

struct Row {
  Code code;
  std::string_view name;
  int http_status;
};

// As the protocol's document lists them.
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
