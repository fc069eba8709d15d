#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_STREAM_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_STREAM_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/connect_protocol.h"
#include "couponctl/server_address.h"
#include "couponctl/server_endpoints.h"
#include "couponctl/stream_reader.h"

namespace coupond::ctl {

/// Is told what comes of streams; each has the number that it was made with.
class WatchListener {
 public:
  using Time = std::chrono::steady_clock::time_point;

  virtual ~WatchListener() = default;
  virtual void OnMessage(std::size_t stream, const coupon::v1::WatchCampaignResponse& message,
                         Time now) = 0;
  /// Once for each stream, as its last. Good is only what ends after a last state.
  virtual void OnEnd(std::size_t stream, const StreamEnd& end, Time now) = 0;
  /// In place of OnEnd where streams are reconnected: this one will be, after `pause`.
  virtual void OnLost(std::size_t /*stream*/, const CallError& /*why*/,
                      std::chrono::milliseconds /*pause*/, Time /*now*/) {}
};

/// What all streams of a watch have in common.
struct WatchTarget {
  ServerAddress server;
  Endpoints endpoints;
  std::string request;  ///< the bytes of one WatchCampaign request
  /// From the start to the first message.
  std::chrono::nanoseconds answer_timeout{};
  /// From one message to the next. The server repeats itself, so a longer silence is that of a
  /// connection which somebody in between has lost without a word.
  std::chrono::nanoseconds silence_timeout{};
};

/// One WatchCampaign on a connection of its own. It is not repeated when it breaks. Runs on the one
/// thread of its io_context, and lives at least until OnEnd and what it has begun has ended.
class WatchStream : public std::enable_shared_from_this<WatchStream> {
 public:
  WatchStream(boost::asio::io_context& context, const WatchTarget& target, std::size_t number,
              WatchListener& listener);

  void Start();

 private:
  using Time = WatchListener::Time;

  void AwaitDeadline();
  void OnConnected(const boost::system::error_code& error);
  void Read();
  void OnRead(const boost::system::error_code& error, std::size_t count);
  void TakeMessages();
  void End(const StreamEnd& end);
  /// The end, because what came is not what it should be.
  void Break(std::string_view why);

  const WatchTarget& target_;
  const std::size_t number_;
  WatchListener& listener_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  Time deadline_;  // of the next message
  StreamReader reader_;
  coupon::v1::WatchCampaignResponse message_;  // the newest
  bool ended_ = false;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_STREAM_H_
