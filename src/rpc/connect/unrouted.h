#ifndef COUPOND_RPC_CONNECT_UNROUTED_H_
#define COUPOND_RPC_CONNECT_UNROUTED_H_

#include "rpc/connect/error.h"
#include "rpc/http/handler.h"

/// Requests that reach no method, because the path, the verb or the content type is not one of
/// ours.
namespace coupond::connect {

/// The answer, with a status of HTTP's own (404, 405, 415). The code should be the one that clients
/// make of the bare status.
///
/// The error is told as Connect tells errors if the request's Content-Type is one of Connect or is
/// missing. Other clients do not look for JSON there, those of gRPC-Web among them, so to them the
/// message is told as plain text.
[[nodiscard]] http::Response UnroutedResponse(const http::Request& request, int http_status,
                                              Error error);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_UNROUTED_H_
