#ifndef COUPOND_TOOLS_COUPONCTL_CLOCK_DIFFERENCE_H_
#define COUPOND_TOOLS_COUPONCTL_CLOCK_DIFFERENCE_H_

#include <chrono>
#include <optional>
#include <string>

#include "engine/rules/timestamp.h"

/// How the clock of this machine compares with the server's, whose time decides when a campaign
/// starts.
namespace coupond::ctl {

/// What the clock here said before a call was sent and after its answer came.
struct CallTimes {
  Timestamp sent;
  Timestamp answered;
};

/// How far this machine's clock is ahead of the server's at least, if the server's said
/// `server_time` some time during the call; negative if it is behind, 0 if the two may agree.
[[nodiscard]] std::chrono::nanoseconds AheadOfServer(const CallTimes& call, Timestamp server_time);

/// What to tell the person who called, "this machine's clock is 1h ahead of the server's"; nullopt
/// for differences of at most 2 s, which need not bother anybody.
[[nodiscard]] std::optional<std::string> ClockDifference(const CallTimes& call,
                                                         Timestamp server_time);

/// The time on this machine's clock.
[[nodiscard]] Timestamp NowHere();

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_CLOCK_DIFFERENCE_H_
