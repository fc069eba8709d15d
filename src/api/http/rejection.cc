#include "api/http/rejection.h"

#include <array>
#include <cstddef>

namespace coupond::http {
namespace {

struct Row {
  Rejection rejection;
  int status;
  std::string_view code;
  std::string_view message;  ///< nothing in it needs JSON escapes
};

// In the order of the enum.
constexpr std::array kRows = {
    Row{Rejection::kNotHttp, 400, "invalid_argument", "this is not an HTTP/1.1 request"},
    Row{Rejection::kUnsupportedVersion, 505, "unimplemented",
        "only HTTP/1.1 and HTTP/1.0 are spoken here"},
    Row{Rejection::kBadTarget, 400, "invalid_argument", "the request target is malformed"},
    Row{Rejection::kBadHeaderField, 400, "invalid_argument", "a header field is malformed"},
    Row{Rejection::kFoldedHeader, 400, "invalid_argument",
        "a header field must not be folded over several lines"},
    Row{Rejection::kHost, 400, "invalid_argument", "exactly one Host header field is needed"},
    Row{Rejection::kHeaderTooLarge, 431, "resource_exhausted",
        "the request line and header fields are too large"},
    Row{Rejection::kTooManyHeaders, 431, "resource_exhausted", "too many header fields"},
    Row{Rejection::kBadLength, 400, "invalid_argument", "the Content-Length is malformed"},
    Row{Rejection::kLengthAndChunked, 400, "invalid_argument",
        "Content-Length and Transfer-Encoding contradict each other"},
    Row{Rejection::kUnknownTransferCoding, 501, "unimplemented",
        "the only transfer coding known here is chunked"},
    Row{Rejection::kChunkedInHttp10, 400, "invalid_argument",
        "HTTP/1.0 does not know Transfer-Encoding"},
    Row{Rejection::kBadChunk, 400, "invalid_argument", "the chunked body is malformed"},
    Row{Rejection::kChunkHeaderTooLong, 400, "invalid_argument",
        "a chunk header or the trailer is too long"},
    Row{Rejection::kBodyTooLarge, 413, "resource_exhausted", "the request body is too large"},
    Row{Rejection::kUnknownExpectation, 417, "invalid_argument",
        "the only expectation known here is 100-continue"},
    Row{Rejection::kEndedEarly, 400, "invalid_argument", "the request ended before it was whole"},
    Row{Rejection::kHeaderTimeout, 408, "deadline_exceeded",
        "the request line and header fields did not arrive in time"},
    Row{Rejection::kBodyTimeout, 408, "deadline_exceeded",
        "the request body did not arrive in time"},
    Row{Rejection::kTooManyConnections, 503, "unavailable",
        "too many connections; try again later"},
    Row{Rejection::kNoAnswer, 500, "internal", "the request was not answered"},
};

constexpr bool RowsFollowTheEnum() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].rejection != static_cast<Rejection>(i)) return false;
  }
  return kRows.back().rejection == Rejection::kNoAnswer;
}
static_assert(RowsFollowTheEnum());

}  // namespace

RejectionReply ReplyTo(Rejection rejection) {
  const Row& row = kRows[static_cast<std::size_t>(rejection)];
  RejectionReply reply{row.status, R"({"code":")"};
  reply.body.append(row.code).append(R"(","message":")").append(row.message).append(R"("})");
  return reply;
}

}  // namespace coupond::http
