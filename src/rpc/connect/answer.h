#ifndef COUPOND_RPC_CONNECT_ANSWER_H_
#define COUPOND_RPC_CONNECT_ANSWER_H_

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "rpc/connect/compression.h"
#include "rpc/connect/error.h"
#include "rpc/connect/interceptor.h"
#include "rpc/connect/protocol.h"
#include "rpc/http/handler.h"
#include "rpc/json/json_format.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

/// Responses as HTTP carries them: one function for each kind, the same for every protocol.
namespace coupond::connect {

/// The metadata of a response. How its trailers are sent depends on the protocol.
struct AnswerMetadata {
  Metadata headers;
  Metadata trailers;
};

/// How the response of one call is written.
struct AnswerFormat {
  Dialect dialect;
  Compression compression = Compression::kIdentity;
  /// Shorter messages are not compressed.
  std::size_t compress_bytes_min = 0;
  std::shared_ptr<const JsonFormat> json;     ///< of the method's response type
  std::shared_ptr<WatchedCall> watched = {};  ///< receives errors; null without interceptors
  /// Whose reasons the errors have (error_details.h). Must outlive this.
  std::string_view error_domain = {};

  [[nodiscard]] bool has_envelopes() const { return dialect.protocol != Protocol::kConnectUnary; }
};

/// Returns the whole response of a unary method, whose message is encoded by the dialect's codec.
[[nodiscard]] http::Response EncodedAnswer(const AnswerFormat& format, std::string message,
                                           AnswerMetadata metadata);

/// Returns the whole response of a call that failed before any message.
[[nodiscard]] http::Response FailureAnswer(const AnswerFormat& format, Error error,
                                           AnswerMetadata metadata = {});

/// Returns a whole response from messages that are in their envelopes already; adds the last
/// envelope. `error` is null if the call succeeded.
[[nodiscard]] http::Response EnvelopesAnswer(const AnswerFormat& format, std::string envelopes,
                                             const Error* error, AnswerMetadata metadata);

/// Returns the status and headers of a response whose body is made elsewhere. `compressed` says
/// whether a body without envelopes is compressed.
[[nodiscard]] http::Response AnswerHead(const AnswerFormat& format, bool compressed,
                                        AnswerMetadata metadata);

// A body of envelopes, one after the other:

/// Appends a message. The error is internal: the message could not be encoded, and nothing was
/// appended.
[[nodiscard]] std::expected<void, Error> AppendMessage(const AnswerFormat& format,
                                                       const google::protobuf::Message& message,
                                                       std::string& body);
/// Appends the last envelope. `error` is null if the call succeeded.
void AppendEnd(const AnswerFormat& format, const Error* error, const Metadata& trailers,
               std::string& body);

/// Returns the response to a request that reaches no method, with a status of HTTP's own (404, 405,
/// 415). The error's code should be the one that clients derive from the bare status.
///
/// The body is Connect's JSON if the request's Content-Type is one of Connect's or is missing.
/// Other clients, such as those of gRPC-Web, do not look for JSON there and get the message as
/// plain text. `error_domain` is that of an AnswerFormat.
[[nodiscard]] http::Response UnroutedResponse(const http::Request& request, int http_status,
                                              Error error, std::string_view error_domain = {});

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_ANSWER_H_
