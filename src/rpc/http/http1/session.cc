#include "rpc/http/http1/session.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace coupond::http {

namespace {

/// A session's current request as its handler holds it. It may outlive the session, and even the
/// worker: responses then go nowhere. If it is dropped unanswered, on any thread, the session
/// answers 500.
class PendingExchange final : public Exchange {
 public:
  /// `number` is the request's number within the session.
  PendingExchange(std::weak_ptr<Session> session, std::shared_ptr<Mailbox> mailbox,
                  std::uint64_t number)
      : session_(std::move(session)), mailbox_(std::move(mailbox)), number_(number) {}
  PendingExchange(const PendingExchange&) = delete;
  PendingExchange& operator=(const PendingExchange&) = delete;

  ~PendingExchange() override {
    if (answered_) return;
    if (mailbox_->IsHere()) {
      if (const auto session = session_.lock()) session->AnswerLost(number_);
      return;
    }
    mailbox_->Post([weak = std::move(session_), number = number_] {
      if (const auto session = weak.lock()) session->AnswerLost(number);
    });
  }

  void Respond(Response response) override {
    answered_ = true;
    if (const auto session = session_.lock()) session->Answer(number_, response);
  }

  void RespondInPieces(Response head, std::unique_ptr<BodySource> pieces) override {
    answered_ = true;
    if (const auto session = session_.lock()) {
      session->AnswerInPieces(number_, head, std::move(pieces));
    }
  }

 private:
  std::weak_ptr<Session> session_;
  const std::shared_ptr<Mailbox> mailbox_;
  const std::uint64_t number_;
  bool answered_ = false;
};

}  // namespace

Session::Session(std::unique_ptr<Transport> transport, Seat seat, SessionScope& scope)
    : transport_(std::move(transport)),
      peer_(transport_->Peer()),
      seat_(std::move(seat)),
      scope_(scope),
      reader_(scope.limits, scope.hosts,
              {.bytes_max = [this](const Request& head) { return BodyBytesMax(head); },
               .take_place = [this] { return TakeLargeBody(); }}) {}

void Session::EnterList() {
  place_ = scope_.sessions.insert(scope_.sessions.end(), shared_from_this());
}

void Session::Start() {
  EnterList();
  AwaitBytes();
}

void Session::StartRefusing(Rejection rejection) {
  EnterList();
  Reject(rejection);
}

void Session::BeginStop() {
  if (feed_ != nullptr && feed_->waits_for_events()) {
    const auto feed = feed_;
    return feed->OnServerStopping();
  }
  if (IsIdle()) Close();
}

/// Reports whether no request is in flight. One that is already in the kernel's buffer is.
bool Session::IsIdle() {
  return state_ == State::kReading && reader_.phase() == RequestReader::Phase::kNothing &&
         !transport_->HasInput();
}

void Session::Close() {
  if (state_ == State::kClosed) return;
  const auto self = shared_from_this();
  state_ = State::kClosed;
  deadline_tick_ = kNever;
  // Without chunks, an orderly close would look like the end of a body that is not whole.
  if (feed_ != nullptr && !chunked_) transport_->Reset();
  transport_->Close();
  if (feed_ != nullptr) std::exchange(feed_, nullptr)->Abandon();
  scope_.sessions.erase(place_);
  scope_.on_session_end();
}

void Session::CheckDeadline() {
  if (HasClientLeftBehindInput()) return Close();
  // What there was to read when the server began to stop may have been a handshake.
  if (scope_.stopping && IsIdle()) return Close();
  if (scope_.tick < deadline_tick_) return;
  if (state_ != State::kReading) return Close();
  switch (reader_.phase()) {
    case RequestReader::Phase::kNothing:
      if (!std::exchange(opening_, false) || transport_->IsOpening()) return Close();
      deadline_tick_ = scope_.DeadlineTick(scope_.limits.idle_timeout);
      return;
    case RequestReader::Phase::kHeader:
      return Reject(Rejection::kHeaderTimeout);
    case RequestReader::Phase::kBody:
      return Reject(Rejection::kBodyTimeout);
  }
}

/// Serves the requests in the read buffer as long as each is answered at once. Responses given
/// inside Handle only change state_. So a long pipeline of requests takes no stack, and the read
/// buffer, which the handler still sees, is not touched before Handle has returned.
void Session::ServeBufferedRequests() {
  if (serving_) return;
  serving_ = true;
  while (state_ == State::kReading) {
    if (std::exchange(request_done_, false)) reader_.Next();
    if (scope_.stopping) BeginStop();
    if (state_ == State::kClosed) break;
    const RequestReader::Progress progress = reader_.Parse();
    if (progress == RequestReader::Progress::kNeedMore) break;
    if (progress == RequestReader::Progress::kRejected) {
      Reject(reader_.rejection());
    } else {
      Handle();
    }
  }
  serving_ = false;
  if (state_ == State::kReading) AwaitBytes();
  if (state_ == State::kLingering) StartRead(reader_.Scratch());
}

std::size_t Session::BodyBytesMax(const Request& head) {
  const std::size_t usual_bytes_max = scope_.limits.request_body_bytes_max;
  std::size_t bytes_max = usual_bytes_max;
  try {
    bytes_max = scope_.handler->BodyBytesMax(head, usual_bytes_max);
  } catch (...) {
    scope_.log("a handler threw: " + DescribeThrown());
  }
  return std::max(bytes_max, usual_bytes_max);
}

bool Session::TakeLargeBody() {
  large_body_ = scope_.large_bodies->Take();
  return large_body_.has_value();
}

void Session::DropLargeBody() {
  if (!large_body_ || in_handler_) return;
  reader_.DropBody();
  large_body_.reset();
}

void Session::Handle() {
  state_ = State::kHandling;
  deadline_tick_ = kNever;  // the handler may take any time
  const std::uint64_t number = ++request_number_;
  const auto exchange = std::make_shared<PendingExchange>(weak_from_this(), scope_.mailbox, number);
  bool has_thrown = false;
  in_handler_ = true;
  try {
    Request request = reader_.request();
    request.peer = peer_;
    scope_.handler->Handle(request, exchange);
  } catch (...) {
    has_thrown = true;
    scope_.log("a handler threw: " + DescribeThrown());
  }
  in_handler_ = false;
  if (large_body_) reader_.DropBody();  // the request's views end with Handler::Handle
  if (state_ != State::kHandling) DropLargeBody();
  if (has_thrown && IsBeingHandled(number)) Reject(Rejection::kNoAnswer);
}

void Session::AwaitBytes() {
  if (reader_.TakeContinueWish()) {
    reply_ = "HTTP/1.1 100 Continue\r\n\r\n";
    return Write(Then::kReadOn);
  }
  SetReadDeadline();
  StartRead(reader_.Space());
}

/// Gives each phase of a request its own time, from the beginning of the phase, however slowly its
/// bytes arrive. A handshake has the time of a header.
void Session::SetReadDeadline() {
  const RequestReader::Phase phase = reader_.phase();
  if (phase == timed_phase_ && deadline_tick_ != kNever) return;
  timed_phase_ = phase;
  switch (phase) {
    case RequestReader::Phase::kNothing:
      opening_ = transport_->IsOpening();
      deadline_tick_ =
          scope_.DeadlineTick(opening_ ? scope_.limits.header_timeout : scope_.limits.idle_timeout);
      break;
    case RequestReader::Phase::kHeader:
      deadline_tick_ = scope_.DeadlineTick(scope_.limits.header_timeout);
      break;
    case RequestReader::Phase::kBody:
      deadline_tick_ = scope_.DeadlineTick(scope_.limits.body_timeout);
      break;
  }
}

void Session::StartRead(std::span<char> space) {
  // The read that timed out is still pending, and serves for lingering as well.
  if (read_pending_) return;
  read_pending_ = true;
  transport_->ReadSome(space,
                       [self = shared_from_this()](Transport::Outcome outcome, std::size_t bytes) {
                         self->read_pending_ = false;
                         self->OnRead(outcome, bytes);
                       });
}

void Session::OnRead(Transport::Outcome outcome, std::size_t bytes) {
  switch (state_) {
    case State::kReading:
      if (outcome == Transport::Outcome::kEnd) return OnEndOfInput();
      if (outcome == Transport::Outcome::kFailed) return Close();
      reader_.Commit(bytes);
      return ServeBufferedRequests();
    case State::kLingering:
      lingered_bytes_ += bytes;
      if (outcome != Transport::Outcome::kDone || lingered_bytes_ > scope_.limits.linger_bytes_max)
        return Close();
      return StartRead(reader_.Scratch());
    default:
      return;  // closed, or writing a rejection, after which the session lingers
  }
}

void Session::OnEndOfInput() {
  if (reader_.phase() == RequestReader::Phase::kNothing) return Close();
  Reject(Rejection::kEndedEarly);
}

/// Half-closes, then reads until the client closes: a full close now could reset the connection
/// before the client has received the reply.
void Session::Linger() {
  if (!transport_->ShutDownSend()) return Close();
  state_ = State::kLingering;
  deadline_tick_ = scope_.DeadlineTick(scope_.limits.linger_timeout);
  if (!serving_) StartRead(reader_.Scratch());
}

}  // namespace coupond::http
