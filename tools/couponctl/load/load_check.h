#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_CHECK_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_CHECK_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "couponctl/load/consistency_check.h"
#include "couponctl/load/load_generator.h"
#include "rpc/client/server_address.h"

namespace coupond::ctl {

/// The result of a consistency check.
struct CheckOutcome {
  enum class State : std::uint8_t { kPassed, kFailed, kSkipped, kImpossible };
  State state = State::kSkipped;
  std::string why_impossible = {};  ///< with kImpossible: why the server could not be asked
  CampaignFigures before = {};
  CampaignFigures after = {};  ///< the total and coupons_per_user: the larger ones of both
  std::uint64_t listed = 0;
  std::uint64_t second_redemptions = 0;  ///< the number that the check asked for
  std::vector<Fault> faults = {};        ///< with kFailed
};

/// How the server is asked for a check.
struct CheckPlan {
  rpc_client::ServerAddress server;
  std::chrono::nanoseconds request_timeout{};
  /// How long a server that does not answer is asked again. It may still be restarting.
  std::chrono::nanoseconds retry_for{};
};

/// Reads the campaign's coupons and its counts from the server, and compares them with the result
/// of the load. If coupons were redeemed, first tries to redeem up to 100 of them a second time,
/// with other request_ids, which must be refused.
[[nodiscard]] CheckOutcome CheckConsistency(const CheckPlan& plan, const CheckedCampaign& campaign,
                                            const LoadResult& result);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_CHECK_H_
