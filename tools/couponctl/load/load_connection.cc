#include "couponctl/load/load_connection.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cerrno>
#include <span>

#include "base/check.h"
#include "rpc/client/tls_trust.h"

namespace coupond::ctl {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using rpc_client::ResponseReader;
using std::chrono::milliseconds;

constexpr milliseconds kPauseMin{10};
constexpr milliseconds kPauseMax{500};
constexpr std::size_t kAnswerBytesMax = 64 * 1024;
constexpr std::uint32_t kClosing = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

std::string_view NameOf(int error) {
  switch (error) {
    case ECONNREFUSED:
      return "connection refused";
    case ECONNRESET:
    case EPIPE:
      return "connection reset";
    case EMFILE:
    case ENFILE:
      return "too many open files";
    default:
      return "network error";
  }
}

/// Reports whether the server has closed the connection, with TLS's own end or without.
bool IsEnd(const error_code& error) {
  return error == asio::error::eof || error == asio::ssl::error::stream_truncated;
}

std::string_view NameOf(const error_code& error) {
  if (const auto fault = rpc_client::FaultOf(error)) {
    switch (*fault) {
      case rpc_client::TlsFault::kUntrusted:
        return "certificate not trusted";
      case rpc_client::TlsFault::kMisnamed:
        return "certificate of another name";
      case rpc_client::TlsFault::kCertificateWanted:
        return "client certificate wanted";
      case rpc_client::TlsFault::kNoTls:
        return "no TLS";
    }
  }
  if (IsEnd(error)) return "connection closed";
  const bool of_system = error.category() == asio::error::get_system_category();
  return of_system ? NameOf(error.value()) : "TLS failed";
}

int ErrorOf(const FileDescriptor& socket) {
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

bool IsOpen(const LoadAnswer& answer) {
  return std::visit([](const auto& any) { return any.open(); }, answer);
}

bool IsFailed(const LoadAnswer& answer) {
  return std::visit([](const auto& any) { return any.failed(); }, answer);
}

const std::string& ErrorIn(const LoadAnswer& answer) {
  return std::visit([](const auto& any) -> const std::string& { return any.error; }, answer);
}

}  // namespace

LoadConnection::LoadConnection(EventLoop& loop, const LoadTarget& target, LoadReading& reading,
                               LoadWork& work)
    : loop_(loop), target_(target), reading_(reading), work_(work), pause_(kPauseMin) {}

void LoadConnection::Wake(Time now) {
  if (state_ == State::kConnecting || state_ == State::kAwaitingAnswer) return;
  if (!connected_) return Connect(now);
  Ready(now);
}

void LoadConnection::Connect(Time now) {
  CloseSocket();
  state_ = State::kConnecting;
  operation_began_ = now;
  const auto& endpoint = target_.endpoints[next_endpoint_++ % target_.endpoints.size()];
  constexpr int kType = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  socket_ = FileDescriptor(::socket(endpoint.protocol().family(), kType, IPPROTO_TCP));
  if (!socket_.valid()) return Break(NameOf(errno), now);
  constexpr int kYes = 1;
  const int no_delay = setsockopt(socket_.number(), IPPROTO_TCP, TCP_NODELAY, &kYes, sizeof(kYes));
  if (no_delay != 0) return Break(NameOf(errno), now);
  const int result =
      ::connect(socket_.number(), endpoint.data(), static_cast<socklen_t>(endpoint.size()));
  if (result != 0 && errno != EINPROGRESS) return Break(NameOf(errno), now);
  if (loop_.Add(socket_, *this)) Break("network error", now);
}

void LoadConnection::OnEvents(std::uint32_t events) {
  if (!socket_.valid()) return;
  if (state_ == State::kConnecting && tls_) {
    Handshake(Time::clock::now());
  } else if (state_ == State::kConnecting) {
    if ((events & (EPOLLOUT | kClosing)) == 0) return;
    OnConnected();
  } else if (sent_bytes_ < request_bytes_.size() && state_ == State::kAwaitingAnswer) {
    TransmitRest(Time::clock::now());
  }
  const bool closing = (events & kClosing) != 0;
  if (!socket_.valid()) return;
  // TLS may have to write before it can read, and then a socket that can be written is news.
  if (tls_) return ReceiveOverTls(closing);
  if (closing || (events & EPOLLIN) != 0) Receive(closing);
}

void LoadConnection::OnConnected() {
  const Time now = Time::clock::now();
  if (const int error = ErrorOf(socket_)) return Break(NameOf(error), now);
  if (target_.trust == nullptr) return OnOpen(now);
  tls_.emplace(socket_.number(), *target_.trust, target_.host);
  Handshake(now);
}

void LoadConnection::Handshake(Time now) {
  const error_code error = tls_->Handshake();
  if (error == asio::error::would_block) return;
  if (error) return Break(NameOf(error), now);
  OnOpen(now);
}

void LoadConnection::OnOpen(Time now) {
  connected_ = true;
  work_.Connected();
  Ready(now);
}

// Receives what has arrived. `closing` says that the other side has closed the connection.
void LoadConnection::Receive(bool closing) {
  while (connected_) {
    const ssize_t count = recv(socket_.number(), reading_.buffer.data(), reading_.buffer.size(), 0);
    if (count < 0 && errno == EAGAIN) return;
    const Time now = Time::clock::now();
    if (count < 0) return Break(NameOf(errno), now);
    if (state_ != State::kAwaitingAnswer) {
      // Between requests a server may close the connection, but not send anything.
      return Break(count == 0 ? std::string_view() : "unasked answer", now);
    }
    const auto size = static_cast<std::size_t>(count);
    Take({reading_.buffer.data(), size}, closing, now);
    // A short count means that nothing is left; the next bytes are a new event (epoll(7)).
    if (count == 0 || (size < reading_.buffer.size() && !closing)) return;
  }
}

// Does the same over TLS. Takes all records that have arrived together: what follows an answer must
// not count as the answer to the next request, nor the next request go to a connection that is
// closed.
void LoadConnection::ReceiveOverTls(bool closing) {
  const std::span<char> space(reading_.buffer);
  while (connected_) {
    std::size_t size = 0;
    error_code error;
    do {
      const auto count = tls_->Read(space.subspan(size));
      if (count) {
        size += *count;
      } else {
        error = count.error();
      }
    } while (!error && size < space.size() && (closing || tls_->MayHaveMore()));
    const bool over = error && error != asio::error::would_block;
    if (size == 0 && !over) return;
    const Time now = Time::clock::now();
    if (size > 0 && state_ != State::kAwaitingAnswer) return Break("unasked answer", now);
    if (size > 0) Take({space.data(), size}, closing || over, now);
    if (over && connected_) return EndOverTls(error, now);
    if (size < space.size()) return;
  }
}

// Ends the connection because nothing more can be read, and with it the answer, if one is awaited.
void LoadConnection::EndOverTls(const error_code& error, Time now) {
  const bool awaited = state_ == State::kAwaitingAnswer;
  if (!awaited && IsEnd(error)) return Break({}, now);
  // Within an answer, only TLS's own end cannot have been forged.
  if (awaited && error == asio::error::eof) return Take({}, true, now);
  Break(NameOf(error), now);
}

// Takes in bytes of an answer; none if the connection has ended.
void LoadConnection::Take(std::string_view bytes, bool closing, Time now) {
  if (!answer_has_begun_ && !bytes.empty()) {
    if (const auto message = reading_.heads.MessageIn(bytes)) {
      return OnAnswer(work_.ReadMessage(request_->what, *message), !closing, now);
    }
  }
  const bool whole = !answer_has_begun_;
  const ResponseReader::Progress progress = TakeByPart(bytes);
  if (progress == ResponseReader::Progress::kMore) return;
  if (progress == ResponseReader::Progress::kBroken) {
    return Break(bytes.empty() ? "connection closed" : "unreadable answer", now);
  }
  const rpc_client::HttpAnswer& answer = reader_->answer();
  if (whole) reading_.heads.Learn(bytes, answer);
  answer_has_begun_ = false;
  OnAnswer(work_.Read(request_->what, answer), answer.keep_alive && !closing, now);
}

ResponseReader::Progress LoadConnection::TakeByPart(std::string_view bytes) {
  if (!reader_) reader_.emplace(kAnswerBytesMax);
  if (!answer_has_begun_) reader_->Begin();
  answer_has_begun_ = true;
  if (bytes.empty()) return reader_->Ended();
  while (true) {
    const std::span<char> space = reader_->Space();
    const std::string_view part = bytes.substr(0, space.size());
    std::ranges::copy(part, space.begin());
    bytes.remove_prefix(part.size());
    const ResponseReader::Progress progress = reader_->Received(part.size());
    if (bytes.empty() || progress == ResponseReader::Progress::kBroken) return progress;
    // Nothing may follow the answer.
    if (progress == ResponseReader::Progress::kDone) return ResponseReader::Progress::kBroken;
  }
}

void LoadConnection::Ready(Time now) {
  if (request_) return Transmit(now);
  if (const auto due = work_.TakeDue(now)) return Begin(*due, now);
  state_ = State::kIdle;
  work_.Idle(*this);
}

void LoadConnection::Begin(Time due, Time now) {
  COUPOND_CHECK(connected_ && !request_);
  request_ = Request{.due = due, .what = work_.NextRequest(request_bytes_)};
  Transmit(now);
}

void LoadConnection::Transmit(Time now) {
  work_.Attempted(!request_->attempted);
  request_->attempted = true;
  state_ = State::kAwaitingAnswer;
  operation_began_ = now;
  sent_bytes_ = 0;
  TransmitRest(now);
}

void LoadConnection::TransmitRest(Time now) {
  if (tls_) return TransmitOverTls(now);
  const std::string_view rest = std::string_view(request_bytes_).substr(sent_bytes_);
  const ssize_t count = send(socket_.number(), rest.data(), rest.size(), MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN) return Break(NameOf(errno), now);
  if (count > 0) sent_bytes_ += static_cast<std::size_t>(count);
}

void LoadConnection::TransmitOverTls(Time now) {
  const error_code error = tls_->Write(request_bytes_);
  if (!error) {
    sent_bytes_ = request_bytes_.size();
  } else if (error != asio::error::would_block) {
    Break(NameOf(error), now);
  }
}

void LoadConnection::OnAnswer(const LoadAnswer& answer, bool keep_alive, Time now) {
  // An error of this attempt, such as a proxy's, says nothing of an earlier one.
  const bool open = IsOpen(answer) || (IsFailed(answer) && MayBeDone());
  if (open) {
    AttemptFailed(ErrorIn(answer), now);
  } else {
    if (IsFailed(answer)) work_.AttemptFailed(ErrorIn(answer));
    pause_ = kPauseMin;
    Finish(now, answer);
  }
  // What is left of the request would be read as the beginning of the next one.
  if (!keep_alive || sent_bytes_ < request_bytes_.size()) CloseSocket();
  if (open) return Pause(now);
  if (!connected_) return Connect(now);
  Ready(now);
}

void LoadConnection::Break(std::string_view error, Time now) {
  CloseSocket();
  if (state_ == State::kAwaitingAnswer) {
    AttemptFailed(error, now);
  } else if (!error.empty()) {
    work_.AttemptFailed(error);
  }
  if (state_ != State::kPausing) Pause(now);
}

void LoadConnection::Pause(Time now) {
  state_ = State::kPausing;
  work_.WakeAt(*this, now + pause_);
  pause_ = std::min(pause_ * 2, kPauseMax);
}

void LoadConnection::AttemptFailed(std::string_view error, Time now) {
  work_.AttemptFailed(error);
  if (!request_->first_failure) request_->first_failure = now;
  const bool repeat = target_.repeat_for && now - *request_->first_failure < *target_.repeat_for;
  if (!repeat) FinishAsOpen(now);
}

void LoadConnection::Finish(Time now, const LoadAnswer& answer) {
  const Request request = *request_;
  request_.reset();
  work_.Finished(request.what, request.due, now, answer);
}

bool LoadConnection::MayBeDone() const {
  return request_->first_failure.has_value() || request_->what.may_be_done;
}

void LoadConnection::FinishAsOpen(Time now) {
  if (request_->what.redeems) return Finish(now, RedeemAnswer());
  Finish(now, IssueAnswer());
}

void LoadConnection::Sweep(Time now) {
  const bool operating = state_ == State::kConnecting || state_ == State::kAwaitingAnswer;
  if (operating && now - operation_began_ > target_.request_timeout) return Break("timeout", now);
  const bool given_up = request_ && request_->first_failure && state_ != State::kAwaitingAnswer &&
                        now - *request_->first_failure >= target_.repeat_for;
  if (given_up) FinishAsOpen(now);
}

void LoadConnection::CloseSocket() {
  tls_.reset();
  socket_.Close();
  connected_ = false;
  answer_has_begun_ = false;
}

}  // namespace coupond::ctl
