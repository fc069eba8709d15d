#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_CLOCK_DIFFERENCE_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_CLOCK_DIFFERENCE_H_

#include <chrono>
#include <optional>
#include <string>

#include "engine/rules/timestamp.h"

/// How this machine's clock differs from the server's, as far as a call shows it.
namespace coupond::ctl {

/// The times on this machine's clock before a call was sent and after its answer arrived.
struct CallTimes {
  Timestamp sent;
  Timestamp answered;
};

/// Returns the minimum by which this machine's clock is ahead of the server's, given that the
/// server's clock read `server_time` at some moment during the call. Negative if it is behind, 0 if
/// the two may agree.
[[nodiscard]] std::chrono::nanoseconds AheadOfServer(const CallTimes& call, Timestamp server_time);

/// Returns a note for the caller, "this machine's clock is 1h ahead of the server's", or nullopt if
/// the difference is at most 2 s, which is harmless.
[[nodiscard]] std::optional<std::string> ClockDifference(const CallTimes& call,
                                                         Timestamp server_time);

/// Returns the time on this machine's clock.
[[nodiscard]] Timestamp NowHere();

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_CLOCK_DIFFERENCE_H_
