#ifndef COUPOND_TEST_TOOLS_COUPONCTL_PROGRAM_PROGRAM_FIXTURE_H_
#define COUPOND_TEST_TOOLS_COUPONCTL_PROGRAM_PROGRAM_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

namespace coupond::test {

/// The built couponctl beside the real server.
class ProgramFixture : public testing::Test {
 protected:
  /// Runs couponctl, which must exit with this status, and returns what it printed.
  std::string Run(const std::vector<std::string>& arguments, int status = 0) const {
    std::vector<std::string> command = {COUPONCTL_PATH, "--server",
                                        "http://127.0.0.1:" + std::to_string(server_.port())};
    command.insert(command.end(), arguments.begin(), arguments.end());
    Process process(command);
    EXPECT_EQ(process.WaitForExit(std::chrono::seconds(60)), status) << process.output();
    return process.output();
  }

  const ServerProcess server_;
  CouponClient client_{server_.port()};
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_TOOLS_COUPONCTL_PROGRAM_PROGRAM_FIXTURE_H_
