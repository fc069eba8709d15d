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
  /// For kKeep: how long the connection stays open without a request.
  std::chrono::milliseconds idle_timeout{0};
  std::string_view date = {};  ///< from DateText; no Date field if empty
  bool has_trailers = false;   ///< announces the response's trailers; for kChunked
};

/// Reports whether a reply of this status never has a body.
[[nodiscard]] constexpr bool HasNoBody(int status) { return status == 204 || status == 304; }

/// Reports whether `response` can be put on the wire: it has a final status, and all its fields are
/// tokens with printable values that the server does not add itself. Anything else would be a bug
/// of the handler, or a client's text that the handler let through to split the reply.
[[nodiscard]] bool IsSendable(const Response& response);
/// Reports whether the fields can be sent as trailers: sendable, and none that has to be known
/// before the body, such as Content-Type (RFC 9110, section 6.5.1).
[[nodiscard]] bool AreSendableTrailers(const FieldList& trailers);

/// Appends status line and header fields, with the empty line after them, of a sendable response.
/// A connection that is kept has "Keep-Alive: timeout=75" and the Connection field, which must name
/// such a field (RFC 9110, section 7.6.1) and which HTTP/1.0 needs; a time below a second is left
/// out.
void AppendReplyHead(std::string& out, const Response& response, const ReplyHead& head);

/// Appends `piece` as one chunk. An empty piece is left out: an empty chunk would end the body.
void AppendChunk(std::string& out, std::string_view piece);
/// Appends the last chunk, with the trailers.
void AppendLastChunk(std::string& out, const FieldList& trailers);

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HTTP1_REPLY_HEAD_H_
