#ifndef COUPOND_TOOLS_COUPONCTL_EXIT_CODE_H_
#define COUPOND_TOOLS_COUPONCTL_EXIT_CODE_H_

#include "rpc/client/connect_protocol.h"

namespace coupond::ctl {

/// What a run of couponctl ends with; part of its interface, so the numbers never change.
enum class ExitCode : int {
  kDone = 0,           ///< done as asked
  kRefused = 1,        ///< the server said no, or a load's consistency check failed
  kUsage = 2,          ///< the command line makes no sense
  kFailed = 3,         ///< no answer, or the server failed
  kInterrupted = 130,  ///< a watch was ended by SIGINT or SIGTERM, as a shell says it of others
};

/// Returns kRefused if the server said no to this very request, else kFailed.
[[nodiscard]] inline ExitCode ExitCodeOf(const CallError& error) {
  return IsRefusal(error) ? ExitCode::kRefused : ExitCode::kFailed;
}

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_EXIT_CODE_H_
