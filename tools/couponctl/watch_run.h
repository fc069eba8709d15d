#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_RUN_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_RUN_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "couponctl/server_address.h"
#include "couponctl/server_endpoints.h"
#include "couponctl/watch_stream.h"

namespace coupond::ctl {

inline constexpr std::size_t kWatchStreamsMax = 10'000;

/// Three times as long as coupond is silent on a stream (its flag --heartbeat, 20 s).
inline constexpr std::chrono::seconds kSilenceTimeout{60};

/// A watch, as asked for.
struct WatchPlan {
  ServerAddress server;
  Endpoints endpoints;  ///< of the server
  std::string campaign_id;
  std::size_t streams = 1;  ///< 1 … kWatchStreamsMax, each on a connection of its own
  std::chrono::nanoseconds answer_timeout{};
  std::chrono::nanoseconds silence_timeout = kSilenceTimeout;  ///< between two messages
  bool reconnect = false;  ///< streams that break, see ReconnectPolicy
  /// Counted from the start; without it the watch lasts as long as its streams.
  std::optional<std::chrono::nanoseconds> duration = {};
};

/// Why a watch is over.
enum class WatchOver : std::uint8_t {
  kAllEnded,
  kTimeUp,
  kInterrupted,  ///< by SIGINT or SIGTERM
};

/// Watches one campaign over so many streams on the calling thread, and tells `listener` of all
/// that comes; `on_tick` is called every `tick_every`. Streams are opened a few at a time, so that
/// the server's queue of new connections does not overflow. Those that have not ended when the
/// watch is over are closed without a word. Where a stream is reconnected, its server's name is
/// looked up again.
[[nodiscard]] WatchOver RunWatch(const WatchPlan& plan, WatchListener& listener,
                                 std::chrono::nanoseconds tick_every,
                                 const std::function<void(WatchListener::Time now)>& on_tick);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_RUN_H_
