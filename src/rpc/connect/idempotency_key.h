#ifndef COUPOND_RPC_CONNECT_IDEMPOTENCY_KEY_H_
#define COUPOND_RPC_CONNECT_IDEMPOTENCY_KEY_H_

#include <expected>
#include <string>
#include <string_view>

#include "rpc/connect/error.h"
#include "rpc/http/handler.h"

/// The header Idempotency-Key, by which a client marks the requests that are one request sent
/// again. What that means for a method is for its handler to say.
/// Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
namespace coupond::connect {

inline constexpr std::string_view kIdempotencyKeyHeader = "Idempotency-Key";

/// Returns the values of all headers of that name, joined by commas, as HTTP defines it for any
/// header that comes several times (RFC 9110, section 5.3).
[[nodiscard]] std::string JoinedIdempotencyKeys(const http::Request& request);

/// Returns the key that a header's value gives. The value is a string of RFC 9651, section 3.3.3:
/// `"abc"`, printable ASCII with `\"` and `\\` for quotes and backslashes, without parameters. Many
/// clients leave the quotes out, so `abc` is the same key; without quotes it has no blanks, commas,
/// semicolons, quotes and backslashes. The error, for the client, names the header; an empty key is
/// one.
[[nodiscard]] std::expected<std::string, Error> ReadIdempotencyKey(std::string_view value);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_IDEMPOTENCY_KEY_H_
