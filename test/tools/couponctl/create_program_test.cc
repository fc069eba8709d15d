#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tools/couponctl/program_fixture.h"

// The built couponctl creates campaigns on the real server.
namespace coupond::test {
namespace {

using testing::HasSubstr;
using testing::Not;

using CreateProgram = ProgramFixture;

TEST_F(CreateProgram, ARelativeStartIsCountedByTheServer) {
  const auto create = [this](const std::string& name, const std::string& start_in) {
    EXPECT_THAT(Run({"create", "--name", name, "--total", "1", "--start-in", start_in}),
                Not(HasSubstr("clock")));
  };
  create("at once", "0s");
  create("later", "90m");
  const auto list = client_.ListCampaigns(10, "");
  ASSERT_EQ(list.response.campaigns_size(), 2) << list.raw_body;
  const auto wait = [&](int campaign) {
    return NanosecondsOf(list.response.campaigns(campaign).start_time()) -
           NanosecondsOf(list.response.campaigns(campaign).created_at());
  };
  EXPECT_EQ(wait(0), 0);
  EXPECT_EQ(wait(1), std::chrono::nanoseconds(std::chrono::minutes(90)).count());
  EXPECT_TRUE(client_.Issue(list.response.campaigns(0).id()).response.success());
}

}  // namespace
}  // namespace coupond::test
