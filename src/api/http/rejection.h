#ifndef COUPOND_API_HTTP_REJECTION_H_
#define COUPOND_API_HTTP_REJECTION_H_

#include <string>
#include <string_view>

namespace coupond::http {

/// Why the server itself, not a handler, answers a request with an error and then closes.
enum class Rejection {
  kNotHttp,
  kUnsupportedVersion,
  kBadTarget,
  kBadHeaderField,
  kFoldedHeader,
  kHost,
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

/// The status, and a body in the Connect protocol's form: {"code":"…","message":"…"}.
struct RejectionReply {
  int status;
  std::string body;
};

[[nodiscard]] RejectionReply ReplyTo(Rejection rejection);

}  // namespace coupond::http

#endif  // COUPOND_API_HTTP_REJECTION_H_
