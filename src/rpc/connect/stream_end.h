#ifndef COUPOND_RPC_CONNECT_STREAM_END_H_
#define COUPOND_RPC_CONNECT_STREAM_END_H_

#include <string>
#include <string_view>

#include "rpc/connect/error.h"
#include "rpc/connect/metadata.h"

/// What the last envelope of an answer holds: how the call ended, and the trailers.
namespace coupond::connect {

/// {"error":{…}?,"metadata":{"name":["value",…]}?}, of a Connect stream. `error` is null if all
/// went well; its own headers count as trailers.
[[nodiscard]] std::string ConnectStreamEnd(const Error* error, const Metadata& trailers);

/// "grpc-status: 0\r\n…", of gRPC-Web: lower-case names, no empty line at the end.
[[nodiscard]] std::string GrpcWebTrailers(const Error* error, const Metadata& trailers);

/// Text as grpc-message has it: bytes outside of printable ASCII, and '%', become %XX.
[[nodiscard]] std::string PercentEncodeGrpcMessage(std::string_view text);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_STREAM_END_H_
