#include "couponctl/load/load_connection.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include "base/check.h"

namespace coupond::ctl {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using rpc_client::ResponseReader;
using std::chrono::milliseconds;

constexpr milliseconds kPauseMin{10};
constexpr milliseconds kPauseMax{500};
constexpr std::size_t kAnswerBytesMax = 64 * 1024;

std::string_view NameOf(const error_code& error) {
  if (error == asio::error::connection_refused) return "connection refused";
  if (error == asio::error::connection_reset || error == asio::error::broken_pipe) {
    return "connection reset";
  }
  if (error == asio::error::eof) return "connection closed";
  if (error == asio::error::no_descriptors) return "too many open files";
  return "network error";
}

}  // namespace

LoadConnection::LoadConnection(asio::io_context& context, const LoadTarget& target, LoadWork& work)
    : target_(target),
      work_(work),
      socket_(context),
      pause_timer_(context),
      reader_(kAnswerBytesMax),
      answers_(target.campaign_id),
      request_bytes_(target.request),
      pause_(kPauseMin) {}

void LoadConnection::Connect() {
  CloseSocket();
  state_ = State::kConnecting;
  operation_began_ = std::chrono::steady_clock::now();
  const tcp::endpoint& endpoint = target_.endpoints[next_endpoint_++ % target_.endpoints.size()];
  error_code error;
  socket_.open(endpoint.protocol(), error);
  if (error) return Break(NameOf(error));
  socket_.async_connect(endpoint, [this, number = socket_number_](const error_code& result) {
    if (number != socket_number_) return;
    if (result) return Break(NameOf(result));
    OnConnected();
  });
}

void LoadConnection::OnConnected() {
  error_code error;
  socket_.set_option(tcp::no_delay(true), error);
  if (!error) socket_.non_blocking(true, error);
  if (error) return Break(NameOf(error));
  connected_ = true;
  work_.Connected();
  Read();
  Ready();
}

void LoadConnection::Read() {
  // A read is always pending, so an idle connection notices that the server closes it.
  const std::span<char> space = reader_.Space();
  socket_.async_read_some(
      asio::buffer(space.data(), space.size()),
      [this, number = socket_number_](const error_code& error, std::size_t count) {
        if (number == socket_number_) OnRead(error, count);
      });
}

void LoadConnection::OnRead(const error_code& error, std::size_t count) {
  if (state_ != State::kAwaitingAnswer) {
    // Between requests a server may close the connection, but not send anything.
    return Break(error ? std::string_view() : "unasked answer");
  }
  if (error && error != asio::error::eof) return Break(NameOf(error));
  switch (error ? reader_.Ended() : reader_.Received(count)) {
    case ResponseReader::Progress::kMore:
      return Read();
    case ResponseReader::Progress::kBroken:
      return Break(error ? NameOf(error) : "unreadable answer");
    case ResponseReader::Progress::kDone:
      return OnAnswer();
  }
}

void LoadConnection::Ready() {
  if (request_) return Transmit();
  if (const auto due = work_.TakeDue(std::chrono::steady_clock::now())) return Begin(*due);
  state_ = State::kIdle;
  work_.Idle(*this);
}

void LoadConnection::Begin(Time due) {
  COUPOND_CHECK(connected_ && !request_);
  request_ = Request{.due = due};
  if (target_.request_id_bytes > 0) {
    work_.DrawRequestId(request_bytes_.data() + target_.request_id_at, target_.request_id_bytes);
  }
  Transmit();
}

void LoadConnection::Transmit() {
  work_.Attempted(!request_->attempted);
  request_->attempted = true;
  state_ = State::kAwaitingAnswer;
  operation_began_ = std::chrono::steady_clock::now();
  // The socket nearly always takes these few bytes at once, which saves a turn of the event loop.
  error_code error;
  const std::size_t sent = socket_.write_some(asio::buffer(request_bytes_), error);
  if (error && error != asio::error::would_block) return Break(NameOf(error));
  if (sent < request_bytes_.size()) TransmitRest(sent);
}

void LoadConnection::TransmitRest(std::size_t from) {
  asio::async_write(socket_, asio::buffer(request_bytes_) + from,
                    [this, number = socket_number_](const error_code& error, std::size_t) {
                      if (number == socket_number_ && error) Break(NameOf(error));
                    });
}

void LoadConnection::OnAnswer() {
  const Time now = std::chrono::steady_clock::now();
  const bool keep_alive = reader_.answer().keep_alive;
  const IssueAnswer answer = answers_.Read(reader_.answer());
  reader_.Begin();
  if (answer.kind == IssueAnswer::Kind::kOpen) {
    AttemptFailed(answer.error, now);
  } else {
    if (answer.kind == IssueAnswer::Kind::kFailed) work_.AttemptFailed(answer.error);
    pause_ = kPauseMin;
    Finish(now, answer);
  }
  if (!keep_alive) CloseSocket();
  if (answer.kind == IssueAnswer::Kind::kOpen) {
    if (connected_) Read();
    return Pause();
  }
  if (!connected_) return Connect();
  Read();
  Ready();
}

void LoadConnection::Break(std::string_view error) {
  CloseSocket();
  if (state_ == State::kAwaitingAnswer) {
    AttemptFailed(error, std::chrono::steady_clock::now());
  } else if (!error.empty()) {
    work_.AttemptFailed(error);
  }
  if (state_ != State::kPausing) Pause();
}

void LoadConnection::Pause() {
  state_ = State::kPausing;
  pause_timer_.expires_after(pause_);
  pause_ = std::min(pause_ * 2, kPauseMax);
  pause_timer_.async_wait([this](const error_code& error) {
    if (!error) AfterPause();
  });
}

void LoadConnection::AfterPause() {
  if (!connected_) return Connect();
  Ready();
}

void LoadConnection::AttemptFailed(std::string_view error, Time now) {
  work_.AttemptFailed(error);
  if (!request_->first_failure) request_->first_failure = now;
  const bool repeat =
      target_.request_id_bytes > 0 && now - *request_->first_failure < target_.retry_for;
  if (!repeat) Finish(now, IssueAnswer{.kind = IssueAnswer::Kind::kOpen});
}

void LoadConnection::Finish(Time now, const IssueAnswer& answer) {
  const Time due = request_->due;
  request_.reset();
  work_.Finished(due, now, answer);
}

void LoadConnection::Sweep(Time now) {
  const bool operating = state_ == State::kConnecting || state_ == State::kAwaitingAnswer;
  if (operating && now - operation_began_ > target_.request_timeout) return Break("timeout");
  const bool given_up = request_ && request_->first_failure && state_ != State::kAwaitingAnswer &&
                        now - *request_->first_failure >= target_.retry_for;
  if (given_up) Finish(now, IssueAnswer{.kind = IssueAnswer::Kind::kOpen});
}

void LoadConnection::CloseSocket() {
  error_code ignored;
  socket_.close(ignored);
  connected_ = false;
  ++socket_number_;
  reader_.Begin();
}

}  // namespace coupond::ctl
