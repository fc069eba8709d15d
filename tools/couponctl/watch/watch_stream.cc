#include "couponctl/watch/watch_stream.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include "base/duration_text.h"
#include "rpc/client/network_error.h"

namespace coupond::ctl {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::string_view kMethod = "WatchCampaign";
// The maximum size of a message. A campaign with its name takes less than 1000 bytes.
constexpr std::size_t kMessageBytesMax = 64 * 1024;

}  // namespace

WatchStream::WatchStream(asio::io_context& context, const WatchTarget& target, std::size_t number,
                         WatchListener& listener)
    : target_(target),
      number_(number),
      listener_(listener),
      socket_(context),
      timer_(context),
      reader_(kMessageBytesMax) {}

void WatchStream::Start() {
  deadline_ = std::chrono::steady_clock::now() + target_.answer_timeout;
  AwaitDeadline();
  asio::async_connect(
      socket_, target_.endpoints,
      [self = shared_from_this()](const error_code& error, const asio::ip::tcp::endpoint&) {
        self->OnConnected(error);
      });
}

// Waits for the deadline. Each message moves it, but it is examined only when the timer fires.
void WatchStream::AwaitDeadline() {
  timer_.expires_at(deadline_);
  timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (cancelled || self->ended_) return;
    if (std::chrono::steady_clock::now() < self->deadline_) return self->AwaitDeadline();
    const bool answered = self->message_.has_campaign();
    self->Break(answered ? fmt::format("nothing came for {}; does a proxy in between hold it back?",
                                       FormatDuration(self->target_.silence_timeout))
                         : fmt::format("none came in {}; --timeout DURATION waits longer",
                                       FormatDuration(self->target_.answer_timeout)));
  });
}

void WatchStream::OnConnected(const error_code& error) {
  if (ended_) return;
  if (error) return End(std::unexpected(CannotReach(target_.server, error)));
  // A dead server is as silent as a quiet campaign; keep-alive tells them apart.
  error_code ignored;
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  asio::async_write(socket_, asio::buffer(target_.request),
                    [self = shared_from_this()](const error_code& failed, std::size_t) {
                      // A server that answers before it has read the whole request may then close
                      // the connection. Its answer counts; if there is none, reading fails too.
                      const bool gone = failed == asio::error::broken_pipe ||
                                        failed == asio::error::connection_reset;
                      if (failed && !gone && !self->ended_) self->Break(failed.message());
                    });
  Read();
}

void WatchStream::Read() {
  const std::span<char> space = reader_.Space();
  socket_.async_read_some(asio::buffer(space.data(), space.size()),
                          [self = shared_from_this()](const error_code& error, std::size_t count) {
                            self->OnRead(error, count);
                          });
}

void WatchStream::OnRead(const error_code& error, std::size_t count) {
  if (ended_) return;
  if (error && error != asio::error::eof) return Break(error.message());
  if (error) {
    reader_.Closed();
  } else {
    reader_.Received(count);
  }
  TakeMessages();
  if (!ended_) Read();
}

void WatchStream::TakeMessages() {
  const Time now = std::chrono::steady_clock::now();
  while (const auto message = reader_.Next()) {
    const bool read = message_.ParseFromArray(message->data(), static_cast<int>(message->size()));
    if (!read || !message_.has_campaign()) return Break("a message cannot be read");
    deadline_ = now + target_.silence_timeout;
    if (deadline_ < timer_.expiry()) AwaitDeadline();
    listener_.OnMessage(number_, message_, now);
  }
  const auto& end = reader_.end();
  if (!end) return;
  if (!*end && end->error().code.empty()) return Break(end->error().message);
  const auto state = message_.state();
  const bool last =
      state == coupon::v1::WATCH_STATE_SOLD_OUT || state == coupon::v1::WATCH_STATE_DELETED;
  if (*end && !last) return Break("the stream ended, but the campaign did not");
  End(*end);
}

void WatchStream::End(const StreamEnd& end) {
  ended_ = true;
  timer_.cancel();
  error_code ignored;
  socket_.close(ignored);
  listener_.OnEnd(number_, end, std::chrono::steady_clock::now());
}

void WatchStream::Break(std::string_view why) {
  End(std::unexpected(message_.has_campaign() ? LostStream(target_.server, kMethod, why)
                                              : NoAnswer(target_.server, kMethod, why)));
}

}  // namespace coupond::ctl
