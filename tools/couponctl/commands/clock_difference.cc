#include "couponctl/commands/clock_difference.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration_text.h"

namespace coupond::ctl {
namespace {

constexpr std::chrono::nanoseconds kClockDifferenceMax = std::chrono::seconds(2);

}  // namespace

std::chrono::nanoseconds AheadOfServer(const CallTimes& call, Timestamp server_time) {
  // The server may send any time, so it is clamped: from 1970 on, any two times can be subtracted
  // without overflow.
  server_time = std::max(server_time, Timestamp());
  if (server_time < call.sent) return call.sent.Since(server_time);
  if (server_time > call.answered) return call.answered.Since(server_time);
  return std::chrono::nanoseconds(0);
}

std::optional<std::string> ClockDifference(const CallTimes& call, Timestamp server_time) {
  const std::chrono::nanoseconds ahead = AheadOfServer(call, server_time);
  if (std::chrono::abs(ahead) <= kClockDifferenceMax) return std::nullopt;
  return fmt::format("this machine's clock is {} {} the server's",
                     FormatDuration(std::chrono::abs(ahead)),
                     ahead > std::chrono::nanoseconds(0) ? "ahead of" : "behind");
}

Timestamp NowHere() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp::FromUnixNanoseconds(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

}  // namespace coupond::ctl
