#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_GENERATOR_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_GENERATOR_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "couponctl/load/arrival_schedule.h"
#include "couponctl/load/generator_use.h"
#include "couponctl/load/load_tally.h"
#include "couponctl/load/load_timeline.h"
#include "couponctl/load/redeem_requests.h"
#include "couponctl/load/redeem_tally.h"
#include "rpc/client/server_address.h"

namespace coupond::ctl {

inline constexpr std::size_t kLoadConnectionsMax = 10'000;

/// The parameters of a load.
struct LoadPlan {
  rpc_client::ServerAddress server = {};
  bool allow_remote = false;  ///< whether the server may be on another machine
  std::string campaign_id;
  std::size_t connections = 1;  ///< 1 … kLoadConnectionsMax, each with one request in flight
  ArrivalSchedule schedule;
  std::chrono::nanoseconds request_timeout{};
  /// How long after the end overdue requests are still sent and answers are awaited; and how long
  /// redeeming without a rate waits for an answer beyond `request_timeout` before it gives up.
  std::chrono::nanoseconds drain_for{};
  /// If present, every request is repeated for this long while its outcome is open, and carries a
  /// request_id if only that makes it safe.
  std::optional<std::chrono::nanoseconds> retry_for = {};
  /// The users that the requests name in turn, up to kLoadUsersMax. If each may have several
  /// coupons, every request carries a request_id.
  LoadUsers users = {};
  bool redeem = false;       ///< whether the coupons are redeemed afterwards
  bool with_course = false;  ///< whether the result has the course of the load
};

/// The progress of a load.
struct LoadProgress {
  std::chrono::nanoseconds elapsed{};
  std::uint64_t waiting = 0;  ///< requests that are due while no connection is free
  const LoadTally& tally;
  const RedeemTally* redeeming = nullptr;  ///< null until redeeming begins
};

/// How the coupons of a load were redeemed.
struct RedeemResult {
  RedeemTally tally = {};
  GeneratorUse use = {};
  std::chrono::nanoseconds begin{};    ///< from the start of the load
  std::chrono::nanoseconds elapsed{};  ///< from `begin` to the last answer, before any were settled
  RedeemRequestIds request_ids = {};
};

struct LoadResult {
  LoadTally tally = {};
  GeneratorUse use = {};
  std::chrono::nanoseconds elapsed{};     ///< from the start to the last answer of an issue
  std::vector<LoadInterval> course = {};  ///< empty unless it was planned
  bool interrupted = false;               ///< ended early by SIGINT or SIGTERM
  /// What became of the coupons; nullopt if none was to be redeemed, or the load was interrupted
  /// before.
  std::optional<RedeemResult> redeemed = {};
};

/// Finds the server of a load, without asking it anything. The error says, for the user, why it
/// gets no load.
[[nodiscard]] std::expected<rpc_client::Endpoints, std::string> FindLoadEndpoints(
    const LoadPlan& plan);

/// Sends IssueCoupon requests as planned, in an open model: a request is due at its time whatever
/// became of those before. One that cannot be sent then waits, and its waiting counts as latency.
///
/// If the coupons are to be redeemed, that begins when the last of these requests has an outcome,
/// so that neither kind of request delays the other: one RedeemCoupon request for each coupon, with
/// a request_id of its own, over the same connections, at the same rate and with the same ramp.
/// Requests whose outcome stays open are asked again at the end, with the same request_id, each for
/// `retry_for` or `drain_for`, whichever is longer, and at least for a second.
///
/// Runs on the calling thread until the last request has an outcome. SIGINT and SIGTERM end it
/// early, with a result. Calls `on_progress` every `progress_every`. The error says, for the user,
/// why nothing was sent.
[[nodiscard]] std::expected<LoadResult, std::string> RunLoad(
    const LoadPlan& plan, std::chrono::nanoseconds progress_every,
    const std::function<void(const LoadProgress&)>& on_progress);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_GENERATOR_H_
