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

/// A unary call as a GET: everything but the timeout is in the query, and caches may store the
/// response. Source: https://connectrpc.com/docs/protocol#unary-get-request
namespace coupond::connect {

/// A parameter of a query, percent-decoded.
struct QueryParameter {
  std::string name;
  std::string value;  ///< empty if there is no '='
};

/// Returns the parameters of a query, in order: as forms write them, '+' is a space.
[[nodiscard]] std::vector<QueryParameter> ReadQuery(std::string_view query);

/// Returns the error of a query.
[[nodiscard]] std::unexpected<Error> BadQuery(std::string message);

/// The parameters of a call, percent-decoded. If one is repeated, the first counts.
struct GetParameters {
  std::optional<std::string> message;
  std::optional<std::string> encoding;
  std::optional<std::string> base64;
  std::optional<std::string> compression;
  std::optional<std::string> connect;
  std::vector<std::string> unknown;  ///< the names of all others
};

[[nodiscard]] GetParameters ReadGetParameters(std::string_view query);

/// Returns the codec that `encoding` names, "json" or "proto", or nullopt.
[[nodiscard]] std::optional<Codec> CodecOf(const GetParameters& parameters);

/// A request as its parameters describe it.
struct GetRequest {
  Compression compression = Compression::kIdentity;
  std::string message;  ///< still compressed
};

/// Reads the request out of its parameters. The error is the client's: a missing message, malformed
/// base64, another version than connect=v1, a parameter that the strictness refuses
/// (invalid_argument), or an unknown compression (unimplemented).
[[nodiscard]] std::expected<GetRequest, Error> ReadGetRequest(GetParameters parameters,
                                                              const Strictness& strictness = {});

/// Checks that the query of a POST has no parameters: its fields are all in the body.
[[nodiscard]] std::expected<void, Error> CheckNoParameters(std::string_view query);

/// Adds Vary: Accept-Encoding and, unless the method's handler has set Cache-Control, no-cache: the
/// response may be stored, but must be revalidated before it is used again.
void AddCacheHeaders(http::Response& answer);

/// Sets Cache-Control: no-store if the response is an error. By default a cache may store a 404 or
/// a 501 for a while, and would answer with it after what was missing has been created.
void ForbidKeepingErrors(http::Response& answer);

/// Adds an ETag made from the body (RFC 9110, section 8.8.3). If the client's If-None-Match lists
/// that tag, the response becomes a 304 without a body. Responses other than 200 are unchanged.
///
/// The tag is a 64-bit hash of the body and the body's length: enough to tell responses apart, but
/// no protection against bodies that are made to collide.
void AddEntityTag(std::string_view if_none_match, http::Response& answer);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_GET_REQUEST_H_
