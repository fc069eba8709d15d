#ifndef COUPOND_RPC_CONNECT_ANSWER_H_
#define COUPOND_RPC_CONNECT_ANSWER_H_

#include <cstddef>
#include <expected>
#include <memory>
#include <string>

#include "rpc/connect/compression.h"
#include "rpc/connect/error.h"
#include "rpc/connect/interceptor.h"
#include "rpc/connect/metadata.h"
#include "rpc/connect/protocol.h"
#include "rpc/http/handler.h"
#include "rpc/json/json_format.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

/// Responses as HTTP carries them: one function for each kind, the same for every protocol.
namespace coupond::connect {

/// How the answer of one call is written.
struct AnswerFormat {
  Dialect dialect;
  Compression compression = Compression::kIdentity;
  /// Messages shorter than this are not worth compressing.
  std::size_t compress_bytes_min = 0;
  std::shared_ptr<const JsonFormat> json;     ///< of the method's response type
  std::shared_ptr<WatchedCall> watched = {};  ///< is told of errors; null without interceptors

  [[nodiscard]] bool has_envelopes() const { return dialect.protocol != Protocol::kConnectUnary; }
};

/// The whole answer of a unary method. A message that cannot be written becomes an internal error.
[[nodiscard]] http::Response MessageAnswer(const AnswerFormat& format,
                                           const google::protobuf::Message& message,
                                           AnswerMetadata metadata);

/// The whole answer of a call that failed before any message.
[[nodiscard]] http::Response FailureAnswer(const AnswerFormat& format, Error error,
                                           AnswerMetadata metadata = {});

/// The same of messages that are in their envelopes already; the last envelope is added. `error` is
/// null if all went well.
[[nodiscard]] http::Response EnvelopesAnswer(const AnswerFormat& format, std::string envelopes,
                                             const Error* error, AnswerMetadata metadata);

/// Status and headers of an answer whose body is made by other means. `compressed` says that a body
/// without envelopes is.
[[nodiscard]] http::Response AnswerHead(const AnswerFormat& format, bool compressed,
                                        AnswerMetadata metadata);

// In envelopes, one after the other:

/// The error is internal: the message could not be written, and nothing was appended.
[[nodiscard]] std::expected<void, Error> AppendMessage(const AnswerFormat& format,
                                                       const google::protobuf::Message& message,
                                                       std::string& body);
/// The last one. `error` is null if all went well.
void AppendEnd(const AnswerFormat& format, const Error* error, const Metadata& trailers,
               std::string& body);

/// The answer, with a status of HTTP's own (404, 405, 415). The code should be the one that clients
/// make of the bare status.
///
/// The error is told as Connect tells errors if the request's Content-Type is one of Connect or is
/// missing. Other clients do not look for JSON there, those of gRPC-Web among them, so to them the
/// message is told as plain text.
[[nodiscard]] http::Response UnroutedResponse(const http::Request& request, int http_status,
                                              Error error);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_ANSWER_H_
