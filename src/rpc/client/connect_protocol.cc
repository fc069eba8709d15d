#include "rpc/client/connect_protocol.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <optional>

#include "rpc/client/envelope_reader.h"
#include "rpc/client/foreign_answer.h"

namespace coupond::ctl {
namespace {

constexpr std::string_view kMessageContentType = "application/proto";
constexpr std::string_view kStreamContentType = "application/connect+proto";
constexpr int kOk = 200;

/// What a code says about the request.
struct Code {
  std::string_view name;
  bool refuses;  ///< this very request, which would be refused again
  bool leaves_outcome_open;
};

constexpr std::array kCodes = {
    Code{"invalid_argument", true, false},   Code{"failed_precondition", true, false},
    Code{"out_of_range", true, false},       Code{"unauthenticated", true, false},
    Code{"permission_denied", true, false},  Code{"not_found", true, false},
    Code{"already_exists", true, false},     Code{"aborted", true, true},
    Code{"resource_exhausted", true, false}, Code{"canceled", false, true},
    Code{"internal", false, true},           Code{"unknown", false, true},
    Code{"data_loss", false, true},          Code{"unimplemented", true, false},
    Code{"unavailable", false, true},        Code{"deadline_exceeded", false, true},
};

const Code* FindCode(std::string_view name) {
  for (const Code& code : kCodes) {
    if (code.name == name) return &code;
  }
  return nullptr;
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

// Whether the answer is a good one whose body is of this type.
bool Carries(const HttpAnswer& answer, std::string_view content_type) {
  return answer.status == kOk && IsMediaType(answer, content_type) && !IsCompressed(answer);
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
      "Coupond-Strict: 1\r\n"
      "Content-Length: {}\r\n\r\n{}",
      procedure.service, procedure.method, server.Authority(), content_type, body.size(), body);
}

}  // namespace

std::string EncodeCall(const ServerAddress& server, std::string_view method, std::string_view body,
                       std::string_view service) {
  return Encode(server, {.service = service, .method = method}, kMessageContentType, body);
}

std::string EncodeStreamCall(const ServerAddress& server, std::string_view method,
                             std::string_view message, std::string_view service) {
  std::string body;
  AppendEnvelope(message, body);
  return Encode(server, {.service = service, .method = method}, kStreamContentType, body);
}

bool IsMessage(const HttpAnswer& answer) { return Carries(answer, kMessageContentType); }

bool IsStream(const HttpAnswer& answer) { return Carries(answer, kStreamContentType); }

StreamEnd DecodeStreamEnd(std::string_view json) {
  boost::system::error_code broken;
  const boost::json::value value = boost::json::parse(json, broken);
  if (broken || !value.is_object()) {
    return std::unexpected(CallError{
        .code = "", .message = "the end of the stream cannot be read", .may_be_done = true});
  }
  const boost::json::value* error = value.get_object().if_contains("error");
  if (error == nullptr) return {};
  return std::unexpected(ErrorIn(*error).value_or(
      CallError{.code = "unknown", .message = "an error without a code", .may_be_done = true}));
}

CallError DecodeError(const HttpAnswer& answer) {
  if (answer.status == kOk || IsCompressed(answer)) return ForeignAnswer(answer);
  boost::system::error_code broken;
  const boost::json::value value = boost::json::parse(answer.body, broken);
  if (!broken) {
    if (auto error = ErrorIn(value)) return std::move(*error);
  }
  return ForeignAnswer(answer);
}

bool LeavesOutcomeOpen(std::string_view name) {
  const Code* code = FindCode(name);
  return code == nullptr || code->leaves_outcome_open;
}

bool IsRefusal(const CallError& error) {
  const Code* code = FindCode(error.code);
  return code != nullptr && code->refuses && !error.foreign;
}

}  // namespace coupond::ctl
