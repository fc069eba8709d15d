#ifndef COUPOND_RPC_HTTP_HTTP1_REJECTION_H_
#define COUPOND_RPC_HTTP_HTTP1_REJECTION_H_

#include <string_view>

#include "rpc/http/handler.h"
#include "rpc/http/limits.h"

namespace coupond::http {

/// The reason why the server itself, not a handler, answers a request with an error and then closes
/// the connection.
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
  kTooManyFromAddress,
  kTooManyLargeBodies,
  kNoAnswer,
};

/// Describes the answer to a rejected request. The message names the limit that was exceeded or, if
/// the request was misdirected, its host: `authority`, which is well-formed then.
[[nodiscard]] ServerError Describe(Rejection rejection, const Limits& limits,
                                   std::string_view authority);

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HTTP1_REJECTION_H_
