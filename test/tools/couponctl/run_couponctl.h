#ifndef COUPOND_TEST_TOOLS_COUPONCTL_RUN_COUPONCTL_H_
#define COUPOND_TEST_TOOLS_COUPONCTL_RUN_COUPONCTL_H_

#include <string>

namespace coupond::ctl {

struct Ran {
  int exit_code = -1;  ///< -1 if it was ended by a signal
  std::string output;  ///< stdout and stderr together
};

/// Runs the built couponctl in a shell, as people do, and waits until it exits. `environment` is
/// put before the command.
[[nodiscard]] Ran RunCouponctl(const std::string& arguments, const std::string& environment = "");

}  // namespace coupond::ctl

#endif  // COUPOND_TEST_TOOLS_COUPONCTL_RUN_COUPONCTL_H_
