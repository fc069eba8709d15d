#include "rpc/connect/error.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <array>
#include <cstddef>
#include <utility>

#include "rpc/json/base64.h"
#include "rpc/json/json_text.h"

namespace coupond::connect {
namespace {

Code CodeOfServerError(int http_status) {
  switch (http_status) {
    case 408:
      return Code::kDeadlineExceeded;
    case 413:
    case 431:
      return Code::kResourceExhausted;
    case 421:
      return Code::kPermissionDenied;
    case 500:
      return Code::kInternal;
    case 501:
    case 505:
      return Code::kUnimplemented;
    case 503:
      return Code::kUnavailable;
    default:
      return http_status < 500 ? Code::kInvalidArgument : Code::kUnknown;
  }
}

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

// The codes count from 1 without gaps, so that a code is the index of its row plus 1.
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

void Error::AddDetail(const google::protobuf::Message& detail) {
  details.push_back({detail.GetDescriptor()->full_name(), detail.SerializeAsString()});
}

std::unexpected<Error> MakeError(Code code, std::string message) {
  return std::unexpected(Error{.code = code, .message = std::move(message)});
}

std::string ErrorJson(const Error& error) {
  std::string json = "{\"code\":\"";
  json.append(CodeName(error.code));
  json.push_back('"');
  if (!error.message.empty()) {
    json.append(",\"message\":");
    // A message may quote a client's bytes.
    AppendJsonStringLossy(error.message, json);
  }
  if (!error.details.empty()) {
    json.append(",\"details\":[");
    for (const ErrorDetail& detail : error.details) {
      if (json.back() != '[') json.push_back(',');
      json.append("{\"type\":");
      AppendJsonStringLossy(detail.type, json);
      json.append(",\"value\":\"");
      AppendBase64(detail.value, Base64Padding::kUnpadded, json);
      json.append("\"}");
    }
    json.push_back(']');
  }
  json.push_back('}');
  return json;
}

http::Response ErrorResponse(Error error) {
  const int http_status = HttpStatusOf(error.code);
  return ErrorResponse(std::move(error), http_status);
}

http::Response ErrorResponse(Error error, int http_status) {
  http::Response response;
  response.status = http_status;
  response.content_type = "application/json";
  response.body = ErrorJson(error);
  response.headers = std::move(error.headers);
  return response;
}

http::Response ServerErrorResponse(const http::ServerError& error) {
  return ErrorResponse({.code = CodeOfServerError(error.status), .message = error.message},
                       error.status);
}

}  // namespace coupond::connect
