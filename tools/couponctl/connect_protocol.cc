#include "couponctl/connect_protocol.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <optional>

#include "couponctl/envelope_reader.h"

namespace coupond::ctl {
namespace {

constexpr std::string_view kStreamContentType = "application/connect+proto";

struct Code {
  std::string_view name;
  int status;
  bool leaves_outcome_open;
};

// The protocol's table, and what a code says about the request. Where several share a status, the
// first one is what a bare status means.
constexpr std::array kCodes = {
    Code{"invalid_argument", 400, false},
    Code{"failed_precondition", 400, false},
    Code{"out_of_range", 400, false},
    Code{"unauthenticated", 401, false},
    Code{"permission_denied", 403, false},
    Code{"not_found", 404, false},
    Code{"already_exists", 409, false},
    Code{"aborted", 409, true},
    Code{"resource_exhausted", 429, false},
    Code{"canceled", 499, true},
    Code{"internal", 500, true},
    Code{"unknown", 500, true},
    Code{"data_loss", 500, true},
    Code{"unimplemented", 501, false},
    Code{"unavailable", 503, true},
    Code{"deadline_exceeded", 504, true},
};

const Code* FindCode(std::string_view name) {
  for (const Code& code : kCodes) {
    if (code.name == name) return &code;
  }
  return nullptr;
}

std::string_view CodeOfStatus(int status) {
  for (const Code& code : kCodes) {
    if (code.status == status) return code.name;
  }
  return status >= 400 && status < 500 ? "invalid_argument" : "unknown";
}

std::string_view StringOf(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return std::string_view(value->get_string().data(), value->get_string().size());
}

// An error as the protocol writes it; nothing if this is none.
std::optional<CallError> ErrorIn(const boost::json::value& value) {
  if (!value.is_object()) return std::nullopt;
  const std::string_view code = StringOf(value.get_object(), "code");
  if (FindCode(code) == nullptr) return std::nullopt;
  return CallError{.code = std::string(code),
                   .message = std::string(StringOf(value.get_object(), "message")),
                   .may_be_done = LeavesOutcomeOpen(code)};
}

struct Procedure {
  std::string_view service;
  std::string_view method;
};

std::string Encode(const ServerAddress& server, const Procedure& procedure,
                   std::string_view content_type, std::string_view body) {
  return fmt::format(
      "POST /{}/{} HTTP/1.1\r\n"
      "Host: {}\r\n"
      "Content-Type: {}\r\n"
      "Connect-Protocol-Version: 1\r\n"
      "Content-Length: {}\r\n\r\n{}",
      procedure.service, procedure.method, server.Authority(), content_type, body.size(), body);
}

}  // namespace

std::string EncodeCall(const ServerAddress& server, std::string_view method, std::string_view body,
                       std::string_view service) {
  return Encode(server, {.service = service, .method = method}, "application/proto", body);
}

std::string EncodeStreamCall(const ServerAddress& server, std::string_view method,
                             std::string_view message, std::string_view service) {
  std::string body;
  AppendEnvelope(message, body);
  return Encode(server, {.service = service, .method = method}, kStreamContentType, body);
}

bool IsMessage(const HttpAnswer& answer) {
  return answer.status == 200 && answer.content_type == "application/proto";
}

bool IsStream(const HttpAnswer& answer) {
  return answer.status == 200 && answer.content_type == kStreamContentType;
}

StreamEnd DecodeStreamEnd(std::string_view json) {
  boost::system::error_code broken;
  const boost::json::value value = boost::json::parse(json, broken);
  if (broken || !value.is_object()) {
    return std::unexpected(CallError{
        .code = "", .message = "the end of the stream is not understood", .may_be_done = true});
  }
  const boost::json::value* error = value.get_object().if_contains("error");
  if (error == nullptr) return {};
  return std::unexpected(ErrorIn(*error).value_or(
      CallError{.code = "unknown", .message = "an error without a code", .may_be_done = true}));
}

CallError DecodeError(const HttpAnswer& answer) {
  boost::system::error_code broken;
  const boost::json::value value = boost::json::parse(answer.body, broken);
  if (!broken) {
    if (auto error = ErrorIn(value)) return std::move(*error);
  }
  const std::string_view code = CodeOfStatus(answer.status);
  return {.code = std::string(code),
          .message = fmt::format("HTTP status {} without a Connect answer; is this a coupond?",
                                 answer.status),
          .may_be_done = LeavesOutcomeOpen(code)};
}

bool LeavesOutcomeOpen(std::string_view name) {
  const Code* code = FindCode(name);
  return code == nullptr || code->leaves_outcome_open;
}

ExitCode ExitCodeOf(const CallError& error) {
  const Code* code = FindCode(error.code);
  const bool refused = code != nullptr && (code->status < 499 || code->name == "unimplemented");
  return refused ? ExitCode::kRefused : ExitCode::kFailed;
}

}  // namespace coupond::ctl
