#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_RECONNECT_POLICY_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_RECONNECT_POLICY_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

#include "rpc/client/connect_protocol.h"

namespace coupond::ctl {

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
  [[nodiscard]] std::optional<std::chrono::milliseconds> OnError(const CallError& error, Time now);

 private:
  std::mt19937_64 random_;
  bool has_message_ = false;                         // on any connection
  std::optional<Time> message_since_;                // the first message on this connection
  std::chrono::milliseconds pause_ = 2 * kPauseMin;  // upper bound of the next pause
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_RECONNECT_POLICY_H_
