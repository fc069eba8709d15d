#include "couponctl/watch_stream.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include "couponctl/network_error.h"

namespace coupond::ctl {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::string_view kMethod = "WatchCampaign";
// A campaign with its name takes less than a thousand.
constexpr std::size_t kMessageBytesMax = 64 * 1024;

}  // namespace

WatchStream::WatchStream(asio::io_context& context, const WatchTarget& target, std::size_t number,
                         WatchListener& listener)
    : target_(target),
      number_(number),
      listener_(listener),
      socket_(context),
      answer_timer_(context),
      reader_(kMessageBytesMax) {}

void WatchStream::Start() {
  ExpectAnswer();
  asio::async_connect(
      socket_, target_.endpoints,
      [this](const error_code& error, const asio::ip::tcp::endpoint&) { OnConnected(error); });
}

void WatchStream::ExpectAnswer() {
  answer_timer_.expires_after(target_.answer_timeout);
  answer_timer_.async_wait([this](const error_code& cancelled) {
    // A first message may have come while this was on its way.
    if (!cancelled && !message_.has_campaign()) {
      Break(error_code(asio::error::timed_out).message());
    }
  });
}

void WatchStream::OnConnected(const error_code& error) {
  if (ended_) return;
  if (error) return End(std::unexpected(CannotReach(target_.server, error)));
  // A server whose machine is gone says nothing, as does a campaign that is quiet.
  error_code ignored;
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  asio::async_write(socket_, asio::buffer(target_.request),
                    [this](const error_code& failed, std::size_t) {
                      if (failed && !ended_) Break(failed.message());
                    });
  Read();
}

void WatchStream::Read() {
  const std::span<char> space = reader_.Space();
  socket_.async_read_some(
      asio::buffer(space.data(), space.size()),
      [this](const error_code& error, std::size_t count) { OnRead(error, count); });
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
    if (!read || !message_.has_campaign()) return Break("a message that is not understood");
    answer_timer_.cancel();
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
  answer_timer_.cancel();
  error_code ignored;
  socket_.close(ignored);
  listener_.OnEnd(number_, end, std::chrono::steady_clock::now());
}

void WatchStream::Break(std::string_view why) {
  End(std::unexpected(message_.has_campaign() ? LostStream(target_.server, kMethod, why)
                                              : NoAnswer(target_.server, kMethod, why)));
}

}  // namespace coupond::ctl
