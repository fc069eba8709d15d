#include <string>
#include <utility>

#include "base/error.h"
#include "rpc/http/http1/session.h"

namespace coupond::http {

bool Session::IsBeingHandled(std::uint64_t number) const {
  return state_ == State::kHandling && number == request_number_;
}

Persistence Session::DecidePersistence() const {
  return scope_.stopping || !reader_.keep_alive() ? Persistence::kClose : Persistence::kKeep;
}

void Session::Answer(std::uint64_t number, const Response& response) {
  if (!IsBeingHandled(number)) return;
  if (!IsSendable(response)) {
    scope_.log("a handler's response cannot be sent: bad status or header field");
    return Reject(Rejection::kNoAnswer);
  }
  SendWhole(response, DecidePersistence(), reader_.is_head());
}

void Session::AnswerLost(std::uint64_t number) {
  if (!IsBeingHandled(number)) return;
  scope_.log("a handler dropped a request without answering it");
  Reject(Rejection::kNoAnswer);
}

/// Answers the request with an error of the server's own, after which nothing is read as a request.
void Session::Reject(Rejection rejection) {
  Limits limits = scope_.limits;
  if (rejection == Rejection::kBodyTooLarge) {
    limits.request_body_bytes_max = reader_.body_bytes_max();
  }
  const ServerError error = Describe(rejection, limits, reader_.authority());
  Response response = scope_.error_format(error);
  response.headers.emplace_back("Cache-Control", "no-store");
  if (rejection == Rejection::kBodyTooLarge) {
    response = InItsProtocol(std::move(response), error.message);
  }
  const bool is_known = state_ == State::kHandling || rejection == Rejection::kBodyTooLarge ||
                        rejection == Rejection::kMisdirected || rejection == Rejection::kBadHost;
  SendWhole(response, Persistence::kClose, is_known && reader_.is_head());
}

/// Returns the handler's response to a body that is too large, or `plain` if the handler fails.
Response Session::InItsProtocol(Response plain, std::string_view message) {
  try {
    Response response = scope_.handler->BodyTooLarge(reader_.request(), plain, message);
    if (IsSendable(response)) return response;
    scope_.log("a handler's response cannot be sent: bad status or header field");
  } catch (...) {
    scope_.log("a handler threw: " + DescribeThrown());
  }
  return plain;
}

void Session::SendWhole(const Response& response, Persistence persistence, bool head_only) {
  // Before it is written, which takes as long as the client wants.
  DropLargeBody();
  const bool bodiless = HasNoBody(response.status);
  const bool has_trailers = !response.trailers.empty() && !bodiless && reader_.AcceptsTrailers();
  reply_.clear();
  AppendReplyHead(reply_, response,
                  {.framing = has_trailers ? Framing::kChunked : Framing::kLength,
                   .content_length = response.body.size(),
                   .persistence = persistence,
                   .idle_timeout = scope_.limits.idle_timeout,
                   .date = scope_.date.Now(),
                   .has_trailers = has_trailers});
  if (!head_only && !bodiless) {
    if (has_trailers) {
      AppendChunk(reply_, response.body);
      AppendLastChunk(reply_, response.trailers);
    } else {
      reply_.append(response.body);
    }
  }
  Write(persistence == Persistence::kClose ? Then::kLinger : Then::kNextRequest);
}

void Session::AnswerInPieces(std::uint64_t number, const Response& head,
                             std::unique_ptr<BodySource> pieces) {
  if (!IsBeingHandled(number)) return;
  if (!IsSendable(head)) {
    scope_.log("a handler's response cannot be sent: bad status or header field");
    return Reject(Rejection::kNoAnswer);
  }
  DropLargeBody();
  Persistence persistence = DecidePersistence();
  const bool bodiless = reader_.is_head() || HasNoBody(head.status);
  chunked_ = !reader_.is_http10() && !HasNoBody(head.status);
  // HTTP/1.0 has no chunks: the end of the connection ends the body.
  if (reader_.is_http10()) persistence = Persistence::kClose;
  after_reply_ = persistence == Persistence::kClose ? Then::kLinger : Then::kNextRequest;

  input_waits_ = false;  // left from the previous response, which may have been watched
  trailers_.clear();
  if (chunked_ && !head.trailers.empty() && reader_.AcceptsTrailers()) trailers_ = head.trailers;
  reply_.clear();
  AppendReplyHead(reply_, head,
                  {.framing = chunked_ ? Framing::kChunked : Framing::kUntilClose,
                   .content_length = 0,
                   .persistence = persistence,
                   .idle_timeout = scope_.limits.idle_timeout,
                   .date = scope_.date.Now(),
                   .has_trailers = !trailers_.empty()});
  if (bodiless) return Write(after_reply_);

  if (chunked_) {
    AppendChunk(reply_, head.body);
  } else {
    reply_.append(head.body);
  }
  feed_ = std::make_shared<PieceFeed>(
      std::move(pieces), scope_.mailbox, scope_.log, [weak = weak_from_this()](const Piece& piece) {
        const auto self = weak.lock();
        if (self == nullptr || self->state_ != State::kAwaitingPiece) return;
        self->SendPiece(piece);
        self->AskForPieces();
      });
  if (feed_->waits_for_events()) {
    WatchForClose();
    if (scope_.stopping) feed_->OnServerStopping();
  }
  Write(Then::kNextPiece);
}

/// Notices a client that leaves while there is nothing to write to it. A host that vanishes without
/// closing the connection is detected by TCP's probes (tcp_transport.h).
void Session::WatchForClose() {
  transport_->AwaitInput([self = shared_from_this(), number = request_number_] {
    if (self->feed_ == nullptr || self->request_number_ != number) return;
    // Bytes to read are the next request, which has to wait. If there are none, this is the end
    // of the connection.
    if (!self->transport_->HasInput()) return self->Close();
    self->input_waits_ = true;
  });
}

/// Reports whether a watched client has closed the connection after sending its next request. Those
/// unread bytes hide the end of the connection from WatchForClose, so it is polled once per tick.
bool Session::HasClientLeftBehindInput() {
  return input_waits_ && feed_ != nullptr && transport_->HasPeerClosed();
}

/// Asks for pieces until one is being written or has to be waited for. Empty pieces are not
/// written; the loop skips them without recursion.
void Session::AskForPieces() {
  if (asking_) return;
  asking_ = true;
  while (state_ == State::kAwaitingPiece) {
    const auto feed = feed_;  // closing the session releases it
    auto piece = feed->Ask();
    if (!piece || state_ != State::kAwaitingPiece) break;
    SendPiece(*piece);
  }
  asking_ = false;
}

void Session::SendPiece(const Piece& piece) {
  if (piece.progress == BodySource::Progress::kFailed) return Close();
  reply_.clear();
  if (chunked_) {
    AppendChunk(reply_, piece.bytes);
  } else {
    reply_.append(piece.bytes);
  }
  if (piece.progress == BodySource::Progress::kMore) {
    if (!reply_.empty()) Write(Then::kNextPiece);
    return;
  }
  if (!AppendEnd()) return Close();
  std::exchange(feed_, nullptr)->Abandon();
  Write(after_reply_);
}

/// Appends the last chunk with the source's trailers. Returns false if the source failed to provide
/// them.
bool Session::AppendEnd() {
  if (!chunked_) return true;
  if (!trailers_.empty()) {
    if (!feed_->FinishTrailers(trailers_)) return false;
    if (!AreSendableTrailers(trailers_)) {
      scope_.log("a body source's trailers cannot be sent: bad field");
      return false;
    }
  }
  AppendLastChunk(reply_, trailers_);
  return true;
}

void Session::Write(Then then) {
  state_ = State::kWriting;
  then_ = then;
  written_ = 0;
  deadline_tick_ = scope_.DeadlineTick(scope_.limits.write_timeout);
  // A response nearly always fits into the kernel's buffer: writing it here saves a round through
  // the event loop. Pieces always take that round, because a long body would block the worker.
  if (then != Then::kNextPiece) {
    const auto written = transport_->WriteNow(reply_);
    if (!written) return Close();
    written_ = *written;
    if (written_ == reply_.size()) return OnWritten();
  }
  WriteRest();
}

void Session::WriteRest() {
  transport_->WriteSome(std::string_view(reply_).substr(written_),
                        [self = shared_from_this()](Transport::Outcome outcome, std::size_t bytes) {
                          if (self->state_ != State::kWriting) return;  // closed
                          if (outcome != Transport::Outcome::kDone) return self->Close();
                          self->written_ += bytes;
                          if (self->written_ == self->reply_.size()) {
                            self->OnWritten();
                          } else {
                            self->WriteRest();
                          }
                        });
}

void Session::OnWritten() {
  deadline_tick_ = kNever;
  switch (then_) {
    case Then::kReadOn:
      state_ = State::kReading;
      return AwaitBytes();
    case Then::kNextRequest:
      if (reply_.capacity() > kReplyBytesKept) reply_ = std::string();
      state_ = State::kReading;
      request_done_ = true;
      return ServeBufferedRequests();
    case Then::kNextPiece:
      state_ = State::kAwaitingPiece;
      return AskForPieces();
    case Then::kLinger:
      return Linger();
  }
}

}  // namespace coupond::http
