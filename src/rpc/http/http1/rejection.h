#ifndef COUPOND_RPC_HTTP_HTTP1_REJECTION_H_
#define COUPOND_RPC_HTTP_HTTP1_REJECTION_H_

#include <string>
#include <string_view>

#include "rpc/http/limits.h"

namespace coupond::http {

/// Why the server itself, not a handler, answers a request with an error and then closes.
enum class Rejection {
  kNotHttp,
  kUnsupportedVersion,
  kBadTarget,
  kBadHeaderField,
  kFoldedHeader,
  kHost,
  kBadHost,
  kMisdirected,
  kConnect,
  kHeaderTooLarge,
  kTooManyHeaders,
  kBadLength,
  kLengthAndChunked,
  kUnknownTransferCoding,
  kChunkedInHttp10,
  kBadChunk,
  kChunkHeaderTooLong,
  kBodyTooLarge,
  kUnknownExpectation,
  kEndedEarly,
  kHeaderTimeout,
  kBodyTimeout,
  kTooManyConnections,
  kNoAnswer,
};

/// A status, and a body in the Connect protocol's form: {"code":"…","message":"…"}.
struct RejectionReply {
  int status;
  std::string message;
  std::string body;
};

/// Returns the answer to a rejected request. It names the limit that was passed, or, if the request
/// was misdirected, whom it was for: `authority`, which is well-formed then.
[[nodiscard]] RejectionReply ReplyTo(Rejection rejection, const Limits& limits,
                                     std::string_view authority);

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HTTP1_REJECTION_H_
