#ifndef COUPOND_RPC_HTTP_HANDLER_H_
#define COUPOND_RPC_HTTP_HANDLER_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The interface between the HTTP server and what answers its requests. Nothing here depends on the
/// version of HTTP. Everything that belongs to one connection happens on the thread of one worker.
namespace coupond::http {

struct HeaderField {
  std::string_view name;
  std::string_view value;
};

/// The other end of a connection: a client, or the proxy in front of it. A plain value without
/// allocated memory, so that each request can have its own copy.
struct PeerAddress {
  enum class Family : std::uint8_t { kUnknown, kIpV4, kIpV6 };

  Family family = Family::kUnknown;
  std::array<std::uint8_t, 16> bytes{};  ///< in network order; an IPv4 address has the first four
  std::uint16_t port = 0;
  bool is_unix = false;  ///< a process of this machine, on a socket of the Unix domain

  /// Returns "127.0.0.1:49152", "[::1]:49152" or "unix", or an empty text if the address is
  /// unknown.
  [[nodiscard]] std::string Text() const;

  friend bool operator==(const PeerAddress&, const PeerAddress&) = default;
};

/// One complete request. The views are valid only during Handler::Handle.
struct Request {
  std::string_view method;  ///< "GET", "POST", …
  std::string_view path;    ///< the target without its query, as sent (not percent-decoded)
  std::string_view query;   ///< what follows the '?', as sent; may be empty
  /// The host that the request is for, as sent and well-formed: "host" or "host:port", from an
  /// absolute target or the Host field. Empty if an HTTP/1.0 request has neither.
  std::string_view authority = {};
  std::string_view body;
  std::span<const HeaderField> headers;
  PeerAddress peer = {};  ///< of the connection

  /// Returns the value of the first header field of that name (in any case), or nullopt.
  [[nodiscard]] std::optional<std::string_view> Header(std::string_view name) const;
  /// Reports whether the Accept fields name this media type, in any case, and do not exclude it
  /// (";q=0"). Ranges such as "*/*" do not count.
  [[nodiscard]] bool AcceptsByName(std::string_view media_type) const;
};

/// Names and values of header or trailer fields, in order.
using FieldList = std::vector<std::pair<std::string, std::string>>;

/// The server itself adds Content-Length, Transfer-Encoding, Connection, Date and Trailer.
struct Response {
  int status = 200;
  std::string_view content_type;  ///< a constant: it must outlive the response
  FieldList headers;
  std::string body;
  /// Fields that follow the body, announced in the Trailer field. They are sent only to a client
  /// that accepts them (TE: trailers) and left out for any other, so a field that every client
  /// needs must not be here alone (RFC 9110, section 6.5.1).
  FieldList trailers = {};
};

/// An error that the server itself answers with: the request reached no handler, or the handler
/// dropped it.
struct ServerError {
  int status = 500;
  std::string message;  ///< for people; may quote the request's host
  /// A constant that names the cause for programs, where several errors share the status.
  std::string_view reason = {};
  /// How long to wait before asking again, if that may help. Sent as Retry-After.
  std::optional<std::chrono::milliseconds> retry_delay = {};
};

/// Writes a ServerError as the protocol above HTTP would. Called on any worker's thread.
using ErrorFormat = std::function<Response(const ServerError& error)>;

/// Returns the message as plain text. An ErrorFormat.
[[nodiscard]] Response PlainError(const ServerError& error);

/// Makes a long body piece by piece, so that it is never held as a whole.
class BodySource {
 public:
  virtual ~BodySource() = default;

  enum class Progress { kMore, kEnd, kFailed };
  /// With kMore and kEnd, `piece` is sent. kFailed closes the connection in a way that the client
  /// can tell from the end of a complete response.
  using Deliver = std::move_only_function<void(Progress progress, std::string piece)>;

  /// Asks for the next piece, which is delivered once, on the worker's thread, now or later. Called
  /// again only after the piece before has been written to the socket.
  virtual void Next(Deliver deliver) = 0;

  /// Reports whether pieces come as things happen, perhaps hours apart. While the server waits for
  /// such a source, it watches the connection, and destroys the source when the client closes it.
  /// Closing only the client's half counts, so a client must not half-close before the body's end.
  [[nodiscard]] virtual bool waits_for_events() const { return false; }
  /// Sets the values of the trailers that were not known before the body. Called once after kEnd,
  /// with the trailers of the response's head, if those are sent. The names must stay: they have
  /// been announced.
  virtual void FinishTrailers(FieldList& /*trailers*/) {}
  /// Called when the server begins to stop, which leaves only a few seconds: a source that waits
  /// for events should end its body now, or at the next call of Next.
  virtual void OnServerStopping() {}
};

/// One request that waits for its response. Exactly one of the two functions is called, once, on
/// the worker's thread, during Handle or at any time after it. The exchanges of a connection are
/// independent: several may be waiting, and they may be answered in any order. (HTTP/1.1 hands a
/// handler the next request of a connection only after the last was answered; HTTP/2 does not.)
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual void Respond(Response response) = 0;
  /// Sends head.body, then the pieces.
  virtual void RespondInPieces(Response head, std::unique_ptr<BodySource> pieces) = 0;
};

/// Answers requests. Each worker has its own handler, which runs on the worker's thread only. A
/// handler cannot tell on which connection a request came, and must not assume that a connection
/// has one request at a time: it keeps the state of a request with its Exchange.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void Handle(const Request& request, std::shared_ptr<Exchange> exchange) = 0;
  /// Returns how many bytes the body of a request may have, whose head is all that has been read.
  /// Asked only if the body is longer than `usual_bytes_max`, which every request may have, or of
  /// unknown length. Only Limits::large_bodies_max requests at a time get more than that, until
  /// they are answered; others are answered 503.
  [[nodiscard]] virtual std::size_t BodyBytesMax(const Request& /*head*/,
                                                 std::size_t usual_bytes_max) {
    return usual_bytes_max;
  }
  /// Returns the response to a request whose body is over the limit; the connection is closed after
  /// it. The request comes without its body. `message` names the limit. `plain` is the response
  /// that does not depend on the request: a 413 in the server's ErrorFormat.
  [[nodiscard]] virtual Response BodyTooLarge(const Request& /*request*/, Response plain,
                                              std::string_view /*message*/) {
    return plain;
  }
};

/// Receives, as one line for an operator, what is reported nowhere else: a handler that threw, a
/// request that was never answered, a listener that cannot accept. Called on any worker's thread.
using LogHook = std::function<void(std::string)>;

/// A task that will run later, unless this is destroyed first.
class Timer {
 public:
  virtual ~Timer() = default;
};

/// A worker's thread, seen from elsewhere.
class Executor {
 public:
  virtual ~Executor() = default;
  /// Runs the task on the worker's thread, later. Any thread may call it. Tasks run in the order in
  /// which they were posted.
  virtual void Post(std::move_only_function<void()> task) = 0;
  /// Runs the task on the worker's thread after `delay`, never earlier, unless the timer is
  /// destroyed before. Call it, and destroy the timer, on the worker's thread only. The task may
  /// destroy its own timer.
  [[nodiscard]] virtual std::unique_ptr<Timer> StartTimer(std::chrono::milliseconds delay,
                                                          std::move_only_function<void()> task) = 0;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HANDLER_H_
