#include "rpc/http/http1/rejection.h"

#include <array>
#include <cstddef>
#include <string>

#include "base/duration_text.h"
#include "base/retry_delay.h"

namespace coupond::http {
namespace {

/// The facts that messages may name.
struct Facts {
  const Limits& limits;
  std::string_view authority;
};

struct Row {
  Rejection rejection;
  int status;
  std::string_view message;
  std::string (*fact)(const Facts& facts) = nullptr;  ///< replaces the '#' in the message
};

/// Returns the number with commas: "8,192".
std::string Number(std::size_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

// In the order of the enum.
constexpr std::array kRows = {
    Row{Rejection::kNotHttp, 400, "this is not an HTTP/1.1 request"},
    Row{Rejection::kUnsupportedVersion, 505,
        "the HTTP version is not supported; use HTTP/1.1 or HTTP/1.0"},
    Row{Rejection::kBadTarget, 400, "the request target is malformed"},
    Row{Rejection::kBadHeaderField, 400, "a header field is malformed"},
    Row{Rejection::kFoldedHeader, 400, "a header field must not be folded over several lines"},
    Row{Rejection::kHost, 400, "exactly one Host header field is required"},
    Row{Rejection::kBadHost, 400,
        "the Host header field is malformed; it must be a name or an IP address (IPv6 in "
        "brackets), with or without a port after a colon"},
    Row{Rejection::kMisdirected, 421, "this server does not answer for the host #",
        [](const Facts& facts) { return std::string(facts.authority); }},
    Row{Rejection::kConnect, 501, "CONNECT is not supported; this server is not a proxy"},
    Row{Rejection::kHeaderTooLarge, 431, "more than # bytes in the request line and header fields",
        [](const Facts& facts) { return Number(facts.limits.header_block_bytes_max); }},
    Row{Rejection::kTooManyHeaders, 431, "more than # header fields",
        [](const Facts& facts) { return Number(facts.limits.header_fields_max); }},
    Row{Rejection::kBadLength, 400, "the Content-Length is malformed"},
    Row{Rejection::kLengthAndChunked, 400,
        "Content-Length and Transfer-Encoding contradict each other"},
    Row{Rejection::kUnknownTransferCoding, 501,
        "the transfer coding is not supported; use chunked"},
    Row{Rejection::kChunkedInHttp10, 400, "HTTP/1.0 has no Transfer-Encoding"},
    Row{Rejection::kBadChunk, 400, "the chunked body is malformed"},
    Row{Rejection::kChunkHeaderTooLong, 400, "a chunk header or the trailer is too long"},
    Row{Rejection::kBodyTooLarge, 413, "more than # bytes in the request body",
        [](const Facts& facts) { return Number(facts.limits.request_body_bytes_max); }},
    Row{Rejection::kUnknownExpectation, 417, "the expectation is not supported; use 100-continue"},
    Row{Rejection::kEndedEarly, 400, "the request is incomplete: the connection ended within it"},
    Row{Rejection::kHeaderTimeout, 408,
        "the request line and header fields did not arrive within #",
        [](const Facts& facts) { return FormatDuration(facts.limits.header_timeout); }},
    Row{Rejection::kBodyTimeout, 408, "the request body did not arrive within #",
        [](const Facts& facts) { return FormatDuration(facts.limits.body_timeout); }},
    Row{Rejection::kTooManyConnections, 503, "more than # connections; try again later",
        [](const Facts& facts) { return Number(facts.limits.connections_max); }},
    Row{Rejection::kTooManyFromAddress, 429,
        "more than # connections from this address; use fewer, and keep them",
        [](const Facts& facts) { return Number(facts.limits.connections_per_address_max); }},
    Row{Rejection::kTooManyLargeBodies, 503,
        "more than # large requests at a time; try again later",
        [](const Facts& facts) { return Number(facts.limits.large_bodies_max); }},
    Row{Rejection::kNoAnswer, 500, "the request was not answered"},
};

constexpr bool RowsFollowTheEnum() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].rejection != static_cast<Rejection>(i)) return false;
  }
  return kRows.back().rejection == Rejection::kNoAnswer;
}
static_assert(RowsFollowTheEnum());

}  // namespace

ServerError Describe(Rejection rejection, const Limits& limits, std::string_view authority) {
  const Row& row = kRows[static_cast<std::size_t>(rejection)];
  ServerError error{.status = row.status, .message = {}};
  if (rejection == Rejection::kTooManyConnections || rejection == Rejection::kTooManyFromAddress) {
    error.retry_delay = RetryDelay();
  }
  if (rejection == Rejection::kTooManyLargeBodies) {
    error.reason = "TOO_MANY_LARGE_REQUESTS";
    error.retry_delay = RetryDelay();
  }
  for (const char c : row.message) {
    if (c == '#') {
      error.message.append(row.fact({limits, authority}));
    } else {
      error.message.push_back(c);
    }
  }
  return error;
}

}  // namespace coupond::http
