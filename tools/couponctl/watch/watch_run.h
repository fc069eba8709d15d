#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_RUN_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_RUN_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>

#include "coupon/v1/coupon_service.pb.h"
#include "rpc/client/call_error.h"
#include "rpc/client/connect_protocol.h"
#include "rpc/client/server_address.h"

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
  /// final state (see WatchPlan::follow).
  virtual void OnEnd(std::size_t stream, const rpc_client::StreamEnd& end, Time now) = 0;
  /// Called instead of OnEnd if the stream will be reconnected, which happens after `pause`.
  virtual void OnLost(std::size_t /*stream*/, const rpc_client::CallError& /*why*/,
                      std::chrono::milliseconds /*pause*/, Time /*now*/) {}
};

inline constexpr std::size_t kWatchStreamsMax = 10'000;

/// The maximum silence on a stream, three times coupond's default (its flag --heartbeat, 20 s).
inline constexpr std::chrono::seconds kSilenceTimeout{60};

/// The parameters of a watch.
struct WatchPlan {
  rpc_client::ServerAddress server;
  rpc_client::Endpoints endpoints;  ///< of the server
  std::string campaign_id;
  /// Whether to watch until the campaign is deleted. Otherwise until it is sold out or has ended.
  bool follow = false;
  std::size_t streams = 1;  ///< 1 … kWatchStreamsMax, each on a connection of its own
  std::chrono::nanoseconds answer_timeout{};
  std::chrono::nanoseconds silence_timeout = kSilenceTimeout;  ///< between two messages
  bool reconnect = false;  ///< whether to reconnect broken streams, see ReconnectPolicy
  /// The maximum duration from the start; if absent, the watch lasts as long as its streams.
  std::optional<std::chrono::nanoseconds> duration = {};
};

/// The reason for which a watch ended.
enum class WatchOver : std::uint8_t {
  kAllEnded,
  kTimeUp,
  kInterrupted,  ///< by SIGINT or SIGTERM
};

/// Decides whether and when to reconnect a broken stream. The pauses grow from one attempt to the
/// next and are random, so that the many clients of a restarted server do not all come back at the
/// same moment. Does no I/O.
class ReconnectPolicy {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds kPauseMin{200};
  static constexpr std::chrono::milliseconds kPauseMax{5'000};

  explicit ReconnectPolicy(std::uint64_t seed) : random_(seed) {}

  /// Records that a message has arrived.
  void OnMessage(Time now);
  /// Records that the stream ended with this error. Returns the pause before the next attempt, from
  /// kPauseMin to kPauseMax, or nullopt if the error is permanent. Before the first message, the
  /// mistake is probably in the command line, so only errors that coupond itself calls temporary
  /// are retried.
  [[nodiscard]] std::optional<std::chrono::milliseconds> OnError(const rpc_client::CallError& error,
                                                                 Time now);

 private:
  std::mt19937_64 random_;
  bool has_message_ = false;                         // on any connection
  std::optional<Time> message_since_;                // the first message on this connection
  std::chrono::milliseconds pause_ = 2 * kPauseMin;  // upper bound of the next pause
};

/// Watches one campaign over `plan.streams` streams on the calling thread. Reports all their events
/// to `listener`, and calls `on_tick` every `tick_every`. Opens only a few streams at a time, so
/// that the server's queue of new connections does not overflow. Closes the streams that are still
/// open when the watch ends, without reporting them. Looks up the server's name again before
/// reconnecting a stream.
[[nodiscard]] WatchOver RunWatch(const WatchPlan& plan, WatchListener& listener,
                                 std::chrono::nanoseconds tick_every,
                                 const std::function<void(WatchListener::Time now)>& on_tick);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_RUN_H_
