#include "couponctl/watch/reconnect_policy.h"
#include "couponctl/exit_code.h"

#include <algorithm>

namespace coupond::ctl {
namespace {

using std::chrono::milliseconds;

bool MayGoAway(const CallError& error, bool has_message) {
  if (!has_message) return error.code == "unavailable" && !error.foreign;
  // A proxy in between may also be reconfigured or restarted.
  return ExitCodeOf(error) != ExitCode::kRefused || error.code == "resource_exhausted" ||
         error.code == "aborted";
}

}  // namespace

void ReconnectPolicy::OnMessage(Time now) {
  has_message_ = true;
  if (!message_since_) message_since_ = now;
}

std::optional<milliseconds> ReconnectPolicy::OnError(const CallError& error, Time now) {
  if (!MayGoAway(error, has_message_)) return std::nullopt;
  // A connection that breaks right after its first message is no better than none.
  if (message_since_ && now - *message_since_ >= kPauseMax) pause_ = 2 * kPauseMin;
  message_since_.reset();
  std::uniform_int_distribution<milliseconds::rep> draw(pause_.count() / 2, pause_.count());
  pause_ = std::min(pause_ * 2, kPauseMax);
  return milliseconds(draw(random_));
}

}  // namespace coupond::ctl
