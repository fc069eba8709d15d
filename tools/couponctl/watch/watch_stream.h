#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_STREAM_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_STREAM_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "coupon/v1/coupon_service.pb.h"
#include "rpc/client/connect_protocol.h"
#include "rpc/client/server_address.h"
#include "rpc/client/server_endpoints.h"
#include "rpc/client/stream_reader.h"

namespace coupond::ctl {

/// The receiver of the events of streams. Each stream is identified by the number it was created
/// with.
class WatchListener {
 public:
  using Time = std::chrono::steady_clock::time_point;

  virtual ~WatchListener() = default;
  virtual void OnMessage(std::size_t stream, const coupon::v1::WatchCampaignResponse& message,
                         Time now) = 0;
  /// Called once for each stream, as its last event. A stream ends without an error only after a
  /// final state (sold out or deleted).
  virtual void OnEnd(std::size_t stream, const StreamEnd& end, Time now) = 0;
  /// Called instead of OnEnd if the stream will be reconnected, which happens after `pause`.
  virtual void OnLost(std::size_t /*stream*/, const CallError& /*why*/,
                      std::chrono::milliseconds /*pause*/, Time /*now*/) {}
};

/// The parameters that all streams of a watch share.
struct WatchTarget {
  ServerAddress server;
  Endpoints endpoints;
  std::string request;  ///< the bytes of one WatchCampaign request
  /// The maximum time from the start to the first message.
  std::chrono::nanoseconds answer_timeout{};
  /// The maximum time from one message to the next. The server repeats its state, so a longer
  /// silence means that something in between has silently dropped the connection.
  std::chrono::nanoseconds silence_timeout{};
};

/// One WatchCampaign call on a connection of its own. It is not retried when it breaks. Runs on the
/// single thread of its io_context, and lives at least until OnEnd has been called and its pending
/// operations have completed.
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
  /// Ends the stream with an error, because the server's answer is not what it should be.
  void Break(std::string_view why);

  const WatchTarget& target_;
  const std::size_t number_;
  WatchListener& listener_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  Time deadline_;  // for the next message
  StreamReader reader_;
  coupon::v1::WatchCampaignResponse message_;  // the newest message
  bool ended_ = false;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_STREAM_H_
