#include "api/connect/call_headers.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>

#include "api/connect/json_text.h"

namespace coupond::connect {
namespace {

constexpr std::string_view kProtocolVersion = "1";
constexpr std::size_t kTimeoutDigitsMax = 10;
constexpr std::size_t kQuotedBytesMax = 40;

char LowerCase(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string Quoted(std::string_view value) { return "\"" + Clip(value, kQuotedBytesMax) + "\""; }

std::optional<std::chrono::milliseconds> ParseTimeout(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || text.size() > kTimeoutDigitsMax || value <= 0) return std::nullopt;
  return std::chrono::milliseconds(value);
}

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, LowerCase, LowerCase);
}

CallHeaders GatherCallHeaders(const http::Request& request) {
  CallHeaders headers;
  const auto take = [](const http::HeaderField& field, std::string_view name,
                       std::optional<std::string_view>& into) {
    if (!into && EqualsIgnoringCase(field.name, name)) into = field.value;
  };
  for (const http::HeaderField& field : request.headers) {
    take(field, "content-type", headers.content_type);
    take(field, "content-encoding", headers.content_encoding);
    take(field, "connect-protocol-version", headers.protocol_version);
    take(field, "connect-timeout-ms", headers.timeout_ms);
  }
  return headers;
}

std::expected<std::optional<std::chrono::milliseconds>, Error> CheckCallHeaders(
    const CallHeaders& headers) {
  if (headers.protocol_version && *headers.protocol_version != kProtocolVersion) {
    return std::unexpected(Error{.code = Code::kInvalidArgument,
                                 .message = "Connect-Protocol-Version must be \"1\", not " +
                                            Quoted(*headers.protocol_version)});
  }
  std::optional<std::chrono::milliseconds> timeout;
  if (headers.timeout_ms) {
    timeout = ParseTimeout(*headers.timeout_ms);
    if (!timeout) {
      return std::unexpected(
          Error{.code = Code::kInvalidArgument,
                .message = "Connect-Timeout-Ms must be a positive whole number of at most 10 "
                           "digits, not " +
                           Quoted(*headers.timeout_ms)});
    }
  }
  if (headers.content_encoding && !EqualsIgnoringCase(*headers.content_encoding, "identity")) {
    return std::unexpected(Error{.code = Code::kUnimplemented,
                                 .message = "Content-Encoding " +
                                            Quoted(*headers.content_encoding) +
                                            " is not supported; supported is: identity"});
  }
  return timeout;
}

}  // namespace coupond::connect
