#ifndef COUPOND_RPC_HTTP_HTTP1_PARSE_STEP_H_
#define COUPOND_RPC_HTTP_HTTP1_PARSE_STEP_H_

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstddef>
#include <string_view>

namespace coupond::http {

/// The minimum number of bytes that an unfinished chunked body still lacks: "0\r\n\r\n".
inline constexpr std::size_t kChunkedRestBytesMin = 5;

/// The position of a parser, as far as ParseStep needs to know it.
enum class ParsePlace { kUnknown, kInChunk };

/// Passes `bytes` to one of Beast's parsers, which must not be done, and returns the number of
/// bytes consumed. Takes at most one step (unless the parser is eager): the header block, the
/// header of a chunk, or the part of a body that is there. Sets `error` to need_more if there are
/// too few bytes for a step; the caller must then pass the rest again, together with what follows
/// it.
///
/// All code that reads HTTP/1.1 here (server, client and tests) calls this function, because Beast
/// 1.81 fails an assertion, and so aborts the program, when it gets the end of a chunked body in
/// pieces of fewer than five bytes. Therefore up to four bytes of such a body are held back, unless
/// the caller knows that they belong to a chunk's data and wants them as soon as they arrive.
template <bool kIsRequest>
std::size_t ParseStep(boost::beast::http::basic_parser<kIsRequest>& parser, std::string_view bytes,
                      boost::beast::error_code& error, ParsePlace place = ParsePlace::kUnknown) {
  const bool may_be_end =
      parser.is_header_done() && parser.chunked() && place == ParsePlace::kUnknown;
  if (bytes.size() < (may_be_end ? kChunkedRestBytesMin : 1)) {
    error = boost::beast::http::error::need_more;
    return 0;
  }
  return parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
}

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HTTP1_PARSE_STEP_H_
