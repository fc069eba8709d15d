#ifndef COUPOND_RPC_CLIENT_CONNECT_PROTOCOL_H_
#define COUPOND_RPC_CLIENT_CONNECT_PROTOCOL_H_

#include <expected>
#include <string>
#include <string_view>

#include "rpc/client/call_error.h"
#include "rpc/client/response_reader.h"
#include "rpc/client/server_address.h"
#include "rpc/connect/metadata.h"

/// The Connect protocol on HTTP/1.1 as a client writes and reads it: calls with one answer, and
/// calls with a stream of them. Messages travel as protobuf, so all requests of one kind have the
/// same length, and a load generator can prepare their bytes once. Errors are always JSON. Source:
/// https://connectrpc.com/docs/protocol
namespace coupond::rpc_client {

/// Returns the bytes of a request, head and body, to the method at `path`, such as
/// "/greeting.v1.GreetingService/Greet". `headers` are sent along; their names and values must be
/// valid in a header.
[[nodiscard]] std::string EncodeCall(const ServerAddress& server, std::string_view path,
                                     std::string_view message,
                                     const connect::Metadata& headers = {});

/// The same for a call that is answered with a stream.
[[nodiscard]] std::string EncodeStreamCall(const ServerAddress& server, std::string_view path,
                                           std::string_view message,
                                           const connect::Metadata& headers = {});

/// Reports whether the answer's body is a message, and not an error. Parameters and case of the
/// content type do not matter.
[[nodiscard]] bool IsMessage(const HttpAnswer& answer);

/// Reports whether the answer's body is a stream, and not an error.
[[nodiscard]] bool IsStream(const HttpAnswer& answer);

/// The end of a stream: nothing, or the error that ended it.
using StreamEnd = std::expected<void, CallError>;

/// Reads the last envelope of a stream.
[[nodiscard]] StreamEnd DecodeStreamEnd(std::string_view json);

/// Reads an answer that is neither a message nor a stream: an error as the protocol writes it
/// (kAnswered), or else the answer of something else (kForeign), such as a proxy's page. The
/// message for the latter says what answered, and is safe to print on a terminal.
[[nodiscard]] CallError DecodeError(const HttpAnswer& answer);

}  // namespace coupond::rpc_client

#endif  // COUPOND_RPC_CLIENT_CONNECT_PROTOCOL_H_
