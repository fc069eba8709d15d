#include "rpc/client/connect_protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "base/ascii.h"
#include "base/display_text.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/protocol.h"

namespace coupond::rpc_client {
namespace {

using connect::Code;
using connect::Codec;
using connect::Protocol;

constexpr int kOk = 200;
constexpr std::size_t kShownColumnsMax = 100;
/// The number of bytes at the start of a page that are examined.
constexpr std::size_t kExaminedBytesMax = 4096;

std::string_view MessageContentType() {
  return connect::ContentTypeOf({.protocol = Protocol::kConnectUnary, .codec = Codec::kProto});
}

std::string_view StreamContentType() {
  return connect::ContentTypeOf({.protocol = Protocol::kConnectStream, .codec = Codec::kProto});
}

std::string Encode(const ServerAddress& server, std::string_view path,
                   std::string_view content_type, std::string_view body,
                   const connect::Metadata& headers) {
  std::string request = fmt::format(
      "POST {} HTTP/1.1\r\n"
      "Host: {}\r\n"
      "Content-Type: {}\r\n"
      "Connect-Protocol-Version: 1\r\n",
      path, server.Authority(), content_type);
  if (!server.key.empty()) request += fmt::format("Authorization: Bearer {}\r\n", server.key);
  for (const auto& [name, value] : headers) request += fmt::format("{}: {}\r\n", name, value);
  return request + fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
}

bool IsMediaType(const HttpAnswer& answer, std::string_view type) {
  std::string_view rest = answer.content_type;
  return EqualsIgnoringCase(TakeUntil(';', rest), type);
}

/// Reports whether the body is compressed, which this client never asks for.
bool IsCompressed(const HttpAnswer& answer) {
  return !answer.content_encoding.empty() &&
         !EqualsIgnoringCase(answer.content_encoding, "identity");
}

/// Reports whether the answer is a success whose body is of this type.
bool Carries(const HttpAnswer& answer, std::string_view content_type) {
  return answer.status == kOk && IsMediaType(answer, content_type) && !IsCompressed(answer);
}

std::string_view StringOf(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return std::string_view(value->get_string().data(), value->get_string().size());
}

/// Reads an error as the protocol writes it. Returns nullopt if the value is something else.
std::optional<CallError> ErrorIn(const boost::json::value& value) {
  if (!value.is_object()) return std::nullopt;
  const auto code = connect::CodeByName(StringOf(value.get_object(), "code"));
  if (!code) return std::nullopt;
  return CallError{.code = code,
                   .message = std::string(StringOf(value.get_object(), "message")),
                   .may_be_done = LeavesOutcomeOpen(*code)};
}

/// Returns the code that the protocol assigns to an HTTP status that comes without a code.
Code CodeOfStatus(int status) {
  switch (status) {
    case 400:
      return Code::kInternal;
    case 401:
      return Code::kUnauthenticated;
    case 403:
      return Code::kPermissionDenied;
    case 404:
      return Code::kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return Code::kUnavailable;
    default:
      return Code::kUnknown;
  }
}

bool IsRedirect(int status) { return status >= 300 && status < 400; }

/// Reports whether the request may have reached the server despite this status. A proxy that
/// redirects or refuses a request has not passed it on; 499 is used for requests that were.
bool MayHavePassedOn(int status) { return status < 300 || status >= 499; }

/// Returns the position of the first occurrence of `word` (in lower case), ignoring case, or the
/// size of the text if it is not found.
std::size_t FindIgnoringCase(std::string_view text, std::string_view word) {
  const auto found = std::ranges::search(text, word, {}, LowerCase);
  return static_cast<std::size_t>(found.begin() - text.begin());
}

/// Returns the text between <title> and </title>; empty if there is no title.
std::string_view TitleOf(std::string_view page) {
  page.remove_prefix(FindIgnoringCase(page, "<title"));
  page.remove_prefix(std::min(page.find('>'), page.size()));
  page = page.substr(0, FindIgnoringCase(page, "</title"));
  return page.empty() ? page : page.substr(1);
}

std::string WithoutTags(std::string_view page) {
  std::string text;
  bool in_tag = false;
  for (const char c : page) {
    if (c == '<') {
      in_tag = true;
      text += ' ';
    } else if (c == '>' && in_tag) {
      in_tag = false;
    } else if (!in_tag) {
      text += c;
    }
  }
  return text;
}

/// Returns the text on one line, shortened, and without anything that could control a terminal.
std::string Cleaned(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, kExaminedBytesMax)) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!is_blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return Shortened(Printable(line), kShownColumnsMax);
}

bool IsText(const HttpAnswer& answer) {
  return answer.content_type.empty() ||
         EqualsIgnoringCase(std::string_view(answer.content_type).substr(0, 5), "text/") ||
         IsMediaType(answer, "application/json") || IsMediaType(answer, "application/problem+json");
}

/// Returns the first words of the body if it is readable text; otherwise an empty string.
std::string WordsOf(const HttpAnswer& answer) {
  if (!IsText(answer) || IsCompressed(answer)) return {};
  const std::string_view body = std::string_view(answer.body).substr(0, kExaminedBytesMax);
  if (!IsMediaType(answer, "text/html")) return Cleaned(body);
  const std::string title = Cleaned(TitleOf(body));
  return title.empty() ? Cleaned(WithoutTags(body)) : title;
}

CallError ForeignAnswer(const HttpAnswer& answer) {
  std::string message =
      fmt::format("the answer is not from a Connect server: HTTP status {}", answer.status);
  if (IsRedirect(answer.status) && !answer.location.empty()) {
    message += fmt::format(" to {}, which is not followed", Cleaned(answer.location));
  }
  message += answer.content_type.empty() ? ", no content type"
                                         : fmt::format(", {}", Cleaned(answer.content_type));
  if (IsCompressed(answer)) {
    message += fmt::format(", compressed with {} although that was not requested",
                           Cleaned(answer.content_encoding));
  }
  if (!answer.server.empty()) message += fmt::format(", from {}", Cleaned(answer.server));
  if (const std::string words = WordsOf(answer); !words.empty()) {
    message += fmt::format(", \"{}\"", words);
  }
  return {.failure = Failure::kForeign,
          .code = CodeOfStatus(answer.status),
          .message = std::move(message),
          .may_be_done = MayHavePassedOn(answer.status),
          .http_status = answer.status};
}

}  // namespace

std::string EncodeCall(const ServerAddress& server, std::string_view path, std::string_view message,
                       const connect::Metadata& headers) {
  return Encode(server, path, MessageContentType(), message, headers);
}

std::string EncodeStreamCall(const ServerAddress& server, std::string_view path,
                             std::string_view message, const connect::Metadata& headers) {
  std::string body;
  connect::AppendEnvelope(0, message, body);
  return Encode(server, path, StreamContentType(), body, headers);
}

bool IsMessage(const HttpAnswer& answer) { return Carries(answer, MessageContentType()); }

bool IsStream(const HttpAnswer& answer) { return Carries(answer, StreamContentType()); }

StreamEnd DecodeStreamEnd(std::string_view json) {
  boost::system::error_code broken;
  const boost::json::value value = boost::json::parse(json, broken);
  if (broken || !value.is_object()) {
    return std::unexpected(CallError{.failure = Failure::kUnreadable,
                                     .message = "the end of the stream cannot be read",
                                     .may_be_done = true});
  }
  const boost::json::value* error = value.get_object().if_contains("error");
  if (error == nullptr) return {};
  return std::unexpected(ErrorIn(*error).value_or(CallError{
      .code = Code::kUnknown, .message = "an error without a code", .may_be_done = true}));
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

}  // namespace coupond::rpc_client
