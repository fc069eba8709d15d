#ifndef COUPOND_API_CONNECT_CALL_HEADERS_H_
#define COUPOND_API_CONNECT_CALL_HEADERS_H_

#include <chrono>
#include <expected>
#include <optional>
#include <string_view>

#include "api/connect/error.h"
#include "api/http/handler.h"

/// The request headers that the protocol gives a meaning, gathered in one pass.
namespace coupond::connect {

/// Views into the request. If a header is repeated, the first one counts.
struct CallHeaders {
  std::optional<std::string_view> content_type;
  std::optional<std::string_view> content_encoding;
  std::optional<std::string_view> protocol_version;
  std::optional<std::string_view> timeout_ms;
};

[[nodiscard]] CallHeaders GatherCallHeaders(const http::Request& request);

/// The client's patience, if it named one. The error is what to answer if the protocol version, the
/// timeout or the compression is not one that can be served.
[[nodiscard]] std::expected<std::optional<std::chrono::milliseconds>, Error> CheckCallHeaders(
    const CallHeaders& headers);

/// Compares without regard to the case of ASCII letters.
[[nodiscard]] bool EqualsIgnoringCase(std::string_view a, std::string_view b);

}  // namespace coupond::connect

#endif  // COUPOND_API_CONNECT_CALL_HEADERS_H_
