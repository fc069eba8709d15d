#ifndef COUPOND_RPC_HTTP_HTTP1_SESSION_H_
#define COUPOND_RPC_HTTP_HTTP1_SESSION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/slots.h"
#include "rpc/http/address_slots.h"
#include "rpc/http/handler.h"
#include "rpc/http/host_policy.h"
#include "rpc/http/http1/piece_feed.h"
#include "rpc/http/http1/rejection.h"
#include "rpc/http/http1/reply_head.h"
#include "rpc/http/http1/request_reader.h"
#include "rpc/http/limits.h"
#include "rpc/http/mailbox.h"
#include "rpc/http/transport.h"

namespace coupond::http {

class Session;

/// What the sessions of one worker share. Owned by the worker; for its thread only.
struct SessionScope {
  Limits limits;
  HostPolicy hosts;
  LogHook log;
  ErrorFormat error_format;
  std::shared_ptr<Mailbox> mailbox;
  std::unique_ptr<Handler> handler;
  DateText date;
  Slots* large_bodies = nullptr;  ///< shared by all workers

  /// The clock of deadlines: counting ticks is cheaper than reading a clock for every request.
  std::chrono::milliseconds tick_length{kTickMax};
  std::uint64_t tick = 0;

  /// True once the server is stopping: from then on every response is its connection's last.
  bool stopping = false;

  /// The open sessions. This list keeps them alive.
  std::list<std::shared_ptr<Session>> sessions;
  /// Called when a session has left the list.
  std::function<void()> on_session_end;

  /// Returns the first tick at which at least `timeout` will have passed.
  [[nodiscard]] std::uint64_t DeadlineTick(std::chrono::milliseconds timeout) const {
    const auto ticks = (timeout + tick_length - std::chrono::milliseconds(1)) / tick_length;
    return tick + static_cast<std::uint64_t>(ticks) + 1;
  }
};

/// What a connection holds as long as it lives.
struct Seat {
  Slots::Slot of_server;
  std::optional<AddressSlots::Slot> of_address = {};  ///< of its client's address, if counted
};

/// One HTTP/1.1 connection: reads a request, passes it to the handler, writes the response, reads
/// the next request. One request is in flight at a time; pipelined ones wait in the read buffer, or
/// in the kernel's.
///
/// Worker's thread only. The scope's list keeps a session alive until it is closed.
class Session : public std::enable_shared_from_this<Session> {
 public:
  /// `scope` must outlive the session.
  Session(std::unique_ptr<Transport> transport, Seat seat, SessionScope& scope);

  /// Enters the scope's list and begins to read.
  void Start();
  /// Enters the scope's list only to answer that there are too many connections.
  void StartRefusing(Rejection rejection);

  /// Closes an idle connection. A busy one gets its response, which announces the close. A response
  /// that waits for events is asked to end.
  void BeginStop();
  /// Closes at once.
  void Close();
  /// Acts on a deadline that has passed. Called once per tick.
  void CheckDeadline();

  // Called by the exchange of the request with this number. Ignored unless that is the request
  // being handled.
  void Answer(std::uint64_t number, const Response& response);
  void AnswerInPieces(std::uint64_t number, const Response& head,
                      std::unique_ptr<BodySource> pieces);
  void AnswerLost(std::uint64_t number);

 private:
  enum class State {
    kReading,        ///< waiting for a request, or the rest of one
    kHandling,       ///< the handler has the request
    kWriting,        ///< reply_ is on its way
    kAwaitingPiece,  ///< the body source was asked for a piece
    kLingering,      ///< the last reply is written; discarding what the client still sends
    kClosed,
  };
  /// What follows when reply_ has been written.
  enum class Then { kReadOn, kNextRequest, kNextPiece, kLinger };

  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  // Reading: session.cc
  void EnterList();
  [[nodiscard]] bool IsIdle();
  void ServeBufferedRequests();
  /// Returns how many bytes the handler allows the request's body to have.
  [[nodiscard]] std::size_t BodyBytesMax(const Request& head);
  /// Takes a place for a large body. Returns whether there was one.
  [[nodiscard]] bool TakeLargeBody();
  /// Frees the large body and its place. Does nothing inside Handler::Handle, which may still look
  /// at the body: Handle calls it again.
  void DropLargeBody();
  void Handle();
  void AwaitBytes();
  void StartRead(std::span<char> space);
  void OnRead(Transport::Outcome outcome, std::size_t bytes);
  void OnEndOfInput();
  void SetReadDeadline();
  void Linger();

  // Writing: session_reply.cc
  [[nodiscard]] bool IsBeingHandled(std::uint64_t number) const;
  [[nodiscard]] Persistence DecidePersistence() const;
  void Reject(Rejection rejection);
  [[nodiscard]] Response InItsProtocol(Response plain, std::string_view message);
  void SendWhole(const Response& response, Persistence persistence, bool head_only);
  [[nodiscard]] bool AppendEnd();
  void AskForPieces();
  void SendPiece(const Piece& piece);
  void WatchForClose();
  [[nodiscard]] bool HasClientLeftBehindInput();
  void Write(Then then);
  void WriteRest();
  void OnWritten();

  const std::unique_ptr<Transport> transport_;
  const PeerAddress peer_;
  const Seat seat_;
  SessionScope& scope_;
  std::list<std::shared_ptr<Session>>::iterator place_;  // in the scope's list, unless closed

  State state_ = State::kReading;
  std::uint64_t deadline_tick_ = kNever;

  RequestReader reader_;
  std::optional<Slots::Slot> large_body_;  // from when the reader gets one until it is answered
  RequestReader::Phase timed_phase_ = RequestReader::Phase::kNothing;
  bool opening_ = false;  // the deadline is that of a handshake
  bool read_pending_ = false;
  bool serving_ = false;       // inside ServeBufferedRequests
  bool in_handler_ = false;    // inside Handler::Handle
  bool request_done_ = false;  // answered, but the handler may still look at it
  std::uint64_t request_number_ = 0;
  std::size_t lingered_bytes_ = 0;

  std::string reply_;
  std::size_t written_ = 0;
  Then then_ = Then::kReadOn;
  std::shared_ptr<PieceFeed> feed_;
  FieldList trailers_;        // of a response in pieces, if the client accepts trailers
  bool input_waits_ = false;  // the watched client has already sent its next request
  bool chunked_ = false;
  bool asking_ = false;  // inside AskForPieces
  Then after_reply_ = Then::kNextRequest;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HTTP1_SESSION_H_
