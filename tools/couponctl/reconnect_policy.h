#ifndef COUPOND_TOOLS_COUPONCTL_RECONNECT_POLICY_H_
#define COUPOND_TOOLS_COUPONCTL_RECONNECT_POLICY_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

#include "couponctl/connect_protocol.h"

namespace coupond::ctl {

/// Says whether a stream that broke is to be connected again, and when. The pauses grow from one
/// attempt to the next, and are drawn at random, so that many clients of a server that was
/// restarted do not all come back at the same moment. No I/O.
class ReconnectPolicy {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds kPauseMin{200};
  static constexpr std::chrono::milliseconds kPauseMax{5'000};

  explicit ReconnectPolicy(std::uint64_t seed) : random_(seed) {}

  /// A message has come.
  void OnMessage(Time now);
  /// The stream ended with this error: returns the pause before the next attempt, kPauseMin to
  /// kPauseMax, or nullopt if the error will not go away. Until a first message has come the
  /// mistake is probably in the command line, so only what coupond itself calls temporary goes
  /// away.
  [[nodiscard]] std::optional<std::chrono::milliseconds> OnError(const CallError& error, Time now);

 private:
  std::mt19937_64 random_;
  bool has_message_ = false;                         // ever
  std::optional<Time> message_since_;                // the first one of this connection
  std::chrono::milliseconds pause_ = 2 * kPauseMin;  // at most; the next one
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_RECONNECT_POLICY_H_
