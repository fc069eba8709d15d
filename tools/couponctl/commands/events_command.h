#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_EVENTS_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_EVENTS_COMMAND_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "coupon/v1/admin_service.pb.h"
#include "couponctl/commands/outcome.h"

namespace coupond::ctl {

/// The time to wait for the next message of a stream of events without --timeout: three times the
/// longest silence of coupond's streams.
inline constexpr std::chrono::seconds kEventsTimeout{30};

/// Which events are read.
struct EventsPlan {
  std::uint64_t from = 1;               ///< the first sequence
  bool follow = false;                  ///< go on with what happens
  std::string campaign_id = {};         ///< empty: of all campaigns
  std::vector<std::string> types = {};  ///< empty: of all types
  bool reconnect = true;
};

/// Prints events as they arrive, each as a line for people or, with `json`, as a JSON object on a
/// line. If the connection is lost after the first message, goes on where it was, with pauses by
/// `sleep`, and says so on `context.err`: each event is printed once. Throws if the output cannot
/// be written.
[[nodiscard]] ExitCode ReadEvents(const CommandContext& context, const EventsPlan& plan,
                                  const std::function<void(std::chrono::milliseconds)>& sleep);

/// Returns an event as a line for people.
[[nodiscard]] std::string EventLine(const coupon::v1::Event& event);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_EVENTS_COMMAND_H_
