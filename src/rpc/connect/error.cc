#include "rpc/connect/error.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <array>
#include <cstddef>
#include <utility>

#include "rpc/connect/error_details.h"
#include "rpc/json/base64.h"
#include "rpc/json/json_text.h"

namespace coupond::connect {
namespace {

/// What an error of the HTTP server's own is to a call.
struct ServerErrorRow {
  int http_status;
  Code code;
  std::string_view reason;
};

constexpr std::array kServerErrors = {
    ServerErrorRow{400, Code::kInvalidArgument, "HTTP_MALFORMED"},
    ServerErrorRow{408, Code::kDeadlineExceeded, "REQUEST_TOO_SLOW"},
    ServerErrorRow{413, Code::kResourceExhausted, kBodyTooLargeReason},
    ServerErrorRow{417, Code::kInvalidArgument, "EXPECTATION_UNSUPPORTED"},
    ServerErrorRow{421, Code::kPermissionDenied, "HOST_NOT_SERVED"},
    ServerErrorRow{429, Code::kResourceExhausted, "TOO_MANY_CONNECTIONS_FROM_ADDRESS"},
    ServerErrorRow{431, Code::kResourceExhausted, "HEADER_TOO_LARGE"},
    ServerErrorRow{500, Code::kInternal, "INTERNAL"},
    ServerErrorRow{501, Code::kUnimplemented, "HTTP_UNSUPPORTED"},
    ServerErrorRow{503, Code::kUnavailable, "TOO_MANY_CONNECTIONS"},
    ServerErrorRow{505, Code::kUnimplemented, "HTTP_UNSUPPORTED"},
};

ServerErrorRow RowOfServerError(int http_status) {
  for (const ServerErrorRow& row : kServerErrors) {
    if (row.http_status == http_status) return row;
  }
  return {http_status, http_status < 500 ? Code::kInvalidArgument : Code::kUnknown, {}};
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

void Error::AddDetail(const google::protobuf::Message& detail, std::string debug) {
  details.push_back({.type = detail.GetDescriptor()->full_name(),
                     .value = detail.SerializeAsString(),
                     .debug = std::move(debug)});
}

std::unexpected<Error> MakeError(Code code, std::string message, std::string_view reason) {
  return std::unexpected(Error{.code = code, .message = std::move(message), .reason = reason});
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
      json.push_back('"');
      if (!detail.debug.empty()) json.append(",\"debug\":").append(detail.debug);
      json.push_back('}');
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

Error ErrorOf(const http::ServerError& error) {
  const ServerErrorRow row = RowOfServerError(error.status);
  return {.code = row.code,
          .message = error.message,
          .reason = error.reason.empty() ? row.reason : error.reason,
          .retry_delay = error.retry_delay};
}

http::Response ServerErrorResponse(const http::ServerError& error) {
  Error answered = ErrorOf(error);
  AddStandardDetails({}, answered);
  return ErrorResponse(std::move(answered), error.status);
}

}  // namespace coupond::connect
