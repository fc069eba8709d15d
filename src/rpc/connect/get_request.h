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
#include "rpc/json/strictness.h"

/// A unary call as a GET: everything but the timeout is in the query.
/// Source: https://connectrpc.com/docs/protocol#unary-get-request
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

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_GET_REQUEST_H_
