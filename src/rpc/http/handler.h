#ifndef COUPOND_RPC_HTTP_HANDLER_H_
#define COUPOND_RPC_HTTP_HANDLER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rpc/http/peer_address.h"

/// What a handler of requests needs to know of HTTP; nothing here depends on its version.
/// Everything that belongs to one connection happens on the thread of one worker.
namespace coupond::http {

struct HeaderField {
  std::string_view name;
  std::string_view value;
};

/// One request, whole. The views are valid only during Handler::Handle.
struct Request {
  std::string_view method;  ///< "GET", "POST", …
  std::string_view path;    ///< the target without its query, as sent (not percent-decoded)
  std::string_view query;   ///< after the '?', as sent; may be empty
  /// Whom it is for: well-formed "host" or "host:port" as sent, from an absolute target or the Host
  /// field. Empty in HTTP/1.0 without either.
  std::string_view authority = {};
  std::string_view body;
  std::span<const HeaderField> headers;
  PeerAddress peer = {};  ///< of the connection

  /// The value of the first header of that name (any case), or nothing.
  [[nodiscard]] std::optional<std::string_view> Header(std::string_view name) const;
};

/// Names and values of header or trailer fields, in order.
using FieldList = std::vector<std::pair<std::string, std::string>>;

/// The server itself adds Content-Length, Transfer-Encoding, Connection, Date and Trailer.
struct Response {
  int status = 200;
  std::string content_type;
  FieldList headers;
  std::string body;
  /// Fields that follow the body, announced in the Trailer field. They are sent only to a client
  /// that accepts them (TE: trailers) and left out for any other, so nothing that every client
  /// needs may be here alone (RFC 9110, section 6.5.1).
  FieldList trailers = {};
};

/// An error that the server itself answers with: no handler has seen the request, or none answered.
struct ServerError {
  int status = 500;
  std::string message;  ///< for people; may quote the request's host
};

/// Writes an error of the server's as the protocol above HTTP would. Any worker's thread.
using ErrorFormat = std::function<Response(const ServerError& error)>;

/// The message as plain text.
[[nodiscard]] Response PlainError(const ServerError& error);

/// Makes a long body piece by piece, so that nobody holds it whole.
class BodySource {
 public:
  virtual ~BodySource() = default;

  enum class Progress { kMore, kEnd, kFailed };
  /// With kMore and kEnd, `piece` is sent; kFailed ends the connection, which the client can tell
  /// from a complete answer.
  using Deliver = std::move_only_function<void(Progress progress, std::string piece)>;

  /// Asks for the next piece, which is delivered once, on the worker's thread, now or later. Asked
  /// again only when the piece before has been written to the socket.
  virtual void Next(Deliver deliver) = 0;

  /// Whether pieces come as things happen, perhaps hours apart. While such a source is waited for,
  /// the connection is watched, and the source is destroyed when the client closes it; that goes
  /// for the client's half of it, too, so a client must not half-close before the body's end.
  [[nodiscard]] virtual bool waits_for_events() const { return false; }
  /// Called once after kEnd with the trailers of the response's head, if those are sent. Sets the
  /// values that were not known before the body; the names have been announced and must stay.
  virtual void FinishTrailers(FieldList& /*trailers*/) {}
  /// The server is stopping, and waits a few seconds only: a source that waits for events should
  /// end its body now, or when it is asked next.
  virtual void OnServerStopping() {}
};

/// One request that waits for its answer: exactly one of the two calls, once, on the worker's
/// thread, during Handle or at any time after it. The exchanges of a connection are independent:
/// several may be waiting, and they may be answered in any order. (HTTP/1.1 hands a handler the
/// next request of a connection only after the last was answered; HTTP/2 does not.)
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual void Respond(Response response) = 0;
  /// Sends head.body, then the pieces.
  virtual void RespondInPieces(Response head, std::unique_ptr<BodySource> pieces) = 0;
};

/// Answers requests. Each worker has its own, which runs on the worker's thread only. Nothing tells
/// a handler which connection a request came on, nor may it assume that a connection has one
/// request at a time: what belongs to a request is kept with its Exchange.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void Handle(const Request& request, std::shared_ptr<Exchange> exchange) = 0;
  /// Returns the answer to a request whose body is over the limit; the connection is closed after
  /// it. The request comes without its body. `message` names the limit. `plain` is the answer to
  /// such an error whatever the request was: a 413 in the server's ErrorFormat.
  [[nodiscard]] virtual Response BodyTooLarge(const Request& /*request*/, Response plain,
                                              std::string_view /*message*/) {
    return plain;
  }
};

/// Receives, as one line for an operator, what is reported nowhere else: a handler that threw, a
/// request that was never answered, a listener that cannot accept. Called on any worker's thread.
using LogHook = std::function<void(std::string)>;

/// Something that will happen, unless this is destroyed first.
class Timer {
 public:
  virtual ~Timer() = default;
};

/// A worker's thread, seen from elsewhere.
class Executor {
 public:
  virtual ~Executor() = default;
  /// Runs the task on the worker's thread, later. Any thread. Tasks run in the order posted.
  virtual void Post(std::move_only_function<void()> task) = 0;
  /// Runs the task on the worker's thread when `delay` has passed, not earlier, unless the timer is
  /// destroyed before. Worker's thread only, as is destroying the timer, also inside of the task.
  [[nodiscard]] virtual std::unique_ptr<Timer> StartTimer(std::chrono::milliseconds delay,
                                                          std::move_only_function<void()> task) = 0;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HANDLER_H_
