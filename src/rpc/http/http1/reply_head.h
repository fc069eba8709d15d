#ifndef COUPOND_RPC_HTTP_HTTP1_REPLY_HEAD_H_
#define COUPOND_RPC_HTTP_HTTP1_REPLY_HEAD_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "rpc/http/handler.h"

namespace coupond::http {

/// How the client learns where a reply ends (RFC 9112, section 6.3).
enum class Framing {
  kLength,      ///< Content-Length
  kChunked,     ///< Transfer-Encoding: chunked
  kUntilClose,  ///< by the end of the connection: pieces to an HTTP/1.0 client
};

/// What becomes of the connection, as the reply says it.
enum class Persistence {
  kKeep,
  kClose,
};

struct ReplyHead {
  Framing framing = Framing::kLength;
  std::size_t content_length = 0;  ///< for kLength
  Persistence persistence = Persistence::kKeep;
  std::string_view keep_alive_line = {};  ///< from KeepAliveLine, for a connection that stays
  std::string_view date_line = {};        ///< with its CRLF
};

/// Whether a reply of this status never has a body.
[[nodiscard]] constexpr bool HasNoBody(int status) { return status == 204 || status == 304; }

/// Whether `response` can be put on the wire: a final status, and header fields that are tokens and
/// printable values and not the server's own business. Anything else would be a bug of the handler,
/// or a client's text that the handler let through to split the reply.
[[nodiscard]] bool IsSendable(const Response& response);

/// Returns the lines that say how long an idle connection stays open: "Keep-Alive: timeout=75", and
/// the Connection field that must name such a field (RFC 9110, section 7.6.1), which HTTP/1.0 wants
/// to read as well. Under a second there is no number to name.
[[nodiscard]] std::string KeepAliveLine(std::chrono::milliseconds idle_timeout);

/// Appends status line and header fields, with the empty line after them, of a sendable response.
void AppendReplyHead(std::string& out, const Response& response, const ReplyHead& head);

/// Appends `piece` as one chunk. An empty piece is left out: an empty chunk would end the body.
void AppendChunk(std::string& out, std::string_view piece);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HTTP1_REPLY_HEAD_H_
