#ifndef COUPOND_RPC_HTTP_HTTP1_REPLY_HEAD_H_
#define COUPOND_RPC_HTTP_HTTP1_REPLY_HEAD_H_

#include <chrono>
#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>

#include "rpc/http/handler.h"

/// The bytes of a reply: status line, header fields, chunks and trailers.
namespace coupond::http {

/// How the client learns where a reply ends (RFC 9112, section 6.3).
enum class Framing {
  kLength,      ///< Content-Length
  kChunked,     ///< Transfer-Encoding: chunked
  kUntilClose,  ///< the end of the connection: pieces to an HTTP/1.0 client
};

/// What happens to the connection after the reply, as the reply announces it.
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
  bool has_trailers = false;   ///< for kChunked: announces the response's trailers
};

/// Reports whether a reply of this status never has a body.
[[nodiscard]] constexpr bool HasNoBody(int status) { return status == 204 || status == 304; }

/// Reports whether `response` can be put on the wire: it has a final status, and all its fields are
/// tokens with printable values that the server does not add itself. Anything else is a bug of the
/// handler, or text from a client, passed on by the handler, that would split the reply.
[[nodiscard]] bool IsSendable(const Response& response);
/// Reports whether the fields can be sent as trailers: they are sendable, and none of them has to
/// be known before the body, as Content-Type has (RFC 9110, section 6.5.1).
[[nodiscard]] bool AreSendableTrailers(const FieldList& trailers);

/// Appends the status line and the header fields of a sendable response, with the empty line after
/// them. For a connection that is kept it adds "Keep-Alive: timeout=75" and the Connection field,
/// which must name such a field (RFC 9110, section 7.6.1) and which HTTP/1.0 needs. A timeout below
/// a second is left out.
void AppendReplyHead(std::string& out, const Response& response, const ReplyHead& head);

/// Appends `piece` as one chunk. Appends nothing for an empty piece: an empty chunk would end the
/// body.
void AppendChunk(std::string& out, std::string_view piece);
/// Appends the last chunk, with the trailers.
void AppendLastChunk(std::string& out, const FieldList& trailers);

/// The value of a reply's Date field (RFC 9110, section 5.6.7), formatted once per second. For one
/// thread.
class DateText {
 public:
  /// The text is valid until the next call of either function.
  [[nodiscard]] std::string_view Now() { return At(std::time(nullptr)); }
  [[nodiscard]] std::string_view At(std::time_t time);

 private:
  std::time_t written_for_ = -1;
  std::string text_;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HTTP1_REPLY_HEAD_H_
