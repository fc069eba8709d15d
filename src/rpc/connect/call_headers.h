#ifndef COUPOND_RPC_CONNECT_CALL_HEADERS_H_
#define COUPOND_RPC_CONNECT_CALL_HEADERS_H_

#include <chrono>
#include <expected>
#include <optional>
#include <string_view>

#include "rpc/connect/compression.h"
#include "rpc/connect/error.h"
#include "rpc/connect/protocol.h"
#include "rpc/http/handler.h"

/// The request headers that the protocols give a meaning.
namespace coupond::connect {

enum class TimeoutForm {
  kConnect,  ///< "1500": milliseconds, 1 to 10 digits, at least 1
  kGrpc,  ///< "1500m": 1 to 8 digits and a unit out of H M S m u n; a part of 1 ms counts as 1 ms
};

/// Returns nullopt if the text is not of the form. A timeout above 9,999,999,999 ms counts as that.
[[nodiscard]] std::optional<std::chrono::milliseconds> ParseTimeout(TimeoutForm form,
                                                                    std::string_view text);

/// For people: "a positive whole number of at most 10 digits".
[[nodiscard]] std::string_view Describe(TimeoutForm form);

/// Gathered in one pass. Views into the request. If a header is repeated, the first one counts.
struct CallHeaders {
  using Value = std::optional<std::string_view>;

  Value content_type;
  Value content_encoding;
  Value accept_encoding;
  Value connect_protocol_version;
  Value connect_timeout_ms;
  Value connect_content_encoding;
  Value connect_accept_encoding;
  Value grpc_timeout;
  Value grpc_encoding;
  Value grpc_accept_encoding;
  Value if_none_match;
  Value coupond_strict;
  /// The name of a header that begins with "Coupond" and is none of these: a misspelled one.
  Value unknown_own_name;
  Value origin;
};

[[nodiscard]] CallHeaders GatherCallHeaders(const http::Request& request);

/// What the headers of a request agree on.
struct CallTerms {
  /// The client's patience, if it named one.
  std::optional<std::chrono::milliseconds> timeout;
  Compression of_request = Compression::kIdentity;
  Compression of_answer = Compression::kIdentity;
  /// The request wants to hear of all that would be ignored.
  bool strict = false;
};

/// The error is what to answer if the protocol version, the timeout, the compression or
/// Coupond-Strict is not one that can be served.
[[nodiscard]] std::expected<CallTerms, Error> ReadCallTerms(Protocol protocol,
                                                            const CallHeaders& headers);

/// The compression of that name. The error, `unimplemented`, says which `header` is wrong and names
/// what is supported.
[[nodiscard]] std::expected<Compression, Error> ReadCompression(std::string_view header,
                                                                std::string_view name);

/// Connect-Protocol-Version must be "1" if it is there.
[[nodiscard]] std::expected<void, Error> CheckProtocolVersion(const CallHeaders& headers);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_CALL_HEADERS_H_
