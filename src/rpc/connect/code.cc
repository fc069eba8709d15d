#include "rpc/connect/code.h"

#include <array>
#include <cstddef>

namespace coupond::connect {
namespace {

struct CodeRow {
  Code code;
  std::string_view name;
  int http_status;
};

constexpr std::array<CodeRow, 16> kCodes = {{
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

// The codes count from 1 without gaps, so that a code is its own place in the table.
static_assert([] {
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    if (static_cast<std::size_t>(kCodes[i].code) != i + 1) return false;
  }
  return true;
}());

const CodeRow& RowOf(Code code) { return kCodes.at(static_cast<std::size_t>(code) - 1); }

}  // namespace

std::string_view CodeName(Code code) { return RowOf(code).name; }

int HttpStatusOf(Code code) { return RowOf(code).http_status; }

std::optional<Code> CodeByName(std::string_view name) {
  for (const CodeRow& row : kCodes) {
    if (row.name == name) return row.code;
  }
  return std::nullopt;
}

}  // namespace coupond::connect
