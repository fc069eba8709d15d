#ifndef COUPOND_RPC_CONNECT_GET_REQUEST_H_
#define COUPOND_RPC_CONNECT_GET_REQUEST_H_

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/connect/codec.h"
#include "rpc/connect/compression.h"
#include "rpc/connect/error.h"
#include "rpc/http/handler.h"
#include "rpc/json/json_reader.h"

/// A unary call as a GET: everything but the timeout is in the query, and caches may keep the
/// answer. Source: https://connectrpc.com/docs/protocol#unary-get-request
namespace coupond::connect {

/// The parameters, percent-decoded. If one is repeated, the first counts.
struct GetParameters {
  std::optional<std::string> message;
  std::optional<std::string> encoding;
  std::optional<std::string> base64;
  std::optional<std::string> compression;
  std::optional<std::string> connect;
  std::vector<std::string> unknown;  ///< the names of all others
};

[[nodiscard]] GetParameters ReadGetParameters(std::string_view query);

/// The codec that `encoding` names: "json" or "proto".
[[nodiscard]] std::optional<Codec> CodecOf(const GetParameters& parameters);

/// A request as its parameters have it.
struct GetRequest {
  Compression compression = Compression::kIdentity;
  std::string message;  ///< still compressed
};

/// The error is the client's: no message, base64 that is none, another version than connect=v1, a
/// parameter that the strictness does not let pass (invalid_argument), an unknown compression
/// (unimplemented).
[[nodiscard]] std::expected<GetRequest, Error> ReadGetRequest(GetParameters parameters,
                                                              const Strictness& strictness = {});

/// Checks that the query of a POST, whose fields are all in its body, has no parameters.
[[nodiscard]] std::expected<void, Error> CheckNoParameters(std::string_view query);

/// Adds Vary: Accept-Encoding and, if the method's handler did not set it, Cache-Control: no-cache:
/// the answer may be kept, but must be asked about before it is used again.
void AddCacheHeaders(http::Response& answer);

/// An error must not be kept: by HTTP's own rules a cache may keep a 404 or a 501 for a while, and
/// answer with it though the campaign is there by now. Sets Cache-Control: no-store if the answer
/// is an error.
void ForbidKeepingErrors(http::Response& answer);

/// Adds an ETag made from the body (RFC 9110, section 8.8.3). If the client has that very body, by
/// its If-None-Match, the answer becomes a 304 without one. Answers other than 200 stay as they
/// are.
///
/// The tag is a 64-bit hash of the body with the body's length: enough to tell answers apart, but
/// not meant to resist somebody who makes two bodies with the same one on purpose.
void AddEntityTag(std::string_view if_none_match, http::Response& answer);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_GET_REQUEST_H_
