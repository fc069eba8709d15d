#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_GENERATOR_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_GENERATOR_H_

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "couponctl/load/arrival_schedule.h"
#include "couponctl/load/load_tally.h"
#include "rpc/client/server_address.h"

namespace coupond::ctl {

inline constexpr std::size_t kLoadConnectionsMax = 10'000;

/// A load, as asked for.
struct LoadPlan {
  ServerAddress server;
  bool allow_remote = false;  ///< otherwise only a server on this machine is loaded
  std::string campaign_id;
  std::size_t connections = 1;  ///< 1 … kLoadConnectionsMax; as many requests in flight at most
  ArrivalSchedule schedule;
  std::chrono::nanoseconds request_timeout{};
  /// How long after the end requests that were due are still sent and answers are awaited.
  std::chrono::nanoseconds drain_for{};
  /// Given: every request carries a request_id, and is repeated for so long while its outcome is
  /// open.
  std::optional<std::chrono::nanoseconds> retry_for;
};

/// How far a load has come.
struct LoadProgress {
  std::chrono::nanoseconds elapsed{};
  std::uint64_t waiting = 0;  ///< due, but no connection is free
  const LoadTally& tally;
};

struct LoadResult {
  LoadTally tally;
  std::chrono::nanoseconds elapsed{};  ///< from the start to the last answer
  bool interrupted = false;            ///< ended early by SIGINT or SIGTERM
};

/// Sends IssueCoupon requests as the plan says, in an open model: a request is due at its time
/// whatever became of those before, what cannot be sent then waits, and its waiting counts. Runs on
/// the calling thread until the last request has an outcome. SIGINT and SIGTERM end it early, with
/// a result. `on_progress` is called every `progress_every`. The error says, in words for the
/// person who asked, why nothing was sent.
[[nodiscard]] std::expected<LoadResult, std::string> RunLoad(
    const LoadPlan& plan, std::chrono::nanoseconds progress_every,
    const std::function<void(const LoadProgress&)>& on_progress);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_GENERATOR_H_
