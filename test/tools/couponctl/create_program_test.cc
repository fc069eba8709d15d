#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

// The built couponctl creates campaigns on the real server.
namespace coupond::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::seconds kPatience{60};

TEST(CreateProgram, ARelativeStartIsCountedByTheServer) {
  const ServerProcess server;
  CouponClient client(server.port());
  const auto create = [&](const std::string& name, const std::string& start_in) {
    Process process({COUPONCTL_PATH, "--server",
                     "http://127.0.0.1:" + std::to_string(server.port()), "create", "--name", name,
                     "--total", "1", "--start-in", start_in});
    EXPECT_EQ(process.WaitForExit(kPatience), 0) << process.output();
    EXPECT_THAT(process.output(), Not(HasSubstr("clock")));
  };
  create("at once", "0s");
  create("later", "90m");
  const auto list = client.ListCampaigns(10, "");
  ASSERT_EQ(list.response.campaigns_size(), 2) << list.raw_body;
  const auto wait = [&](int campaign) {
    return NanosecondsOf(list.response.campaigns(campaign).start_time()) -
           NanosecondsOf(list.response.campaigns(campaign).created_at());
  };
  EXPECT_EQ(wait(0), 0);
  EXPECT_EQ(wait(1), std::chrono::nanoseconds(std::chrono::minutes(90)).count());
  EXPECT_TRUE(client.Issue(list.response.campaigns(0).id()).response.success());
}

}  // namespace
}  // namespace coupond::test
