#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tools/couponctl/program/program_fixture.h"

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

TEST_F(CreateProgram, CouponsAreValidForAsLongAsTheServerAllows) {
  constexpr std::chrono::seconds kLongest = std::chrono::days(73'200);
  const auto create = [this](const std::string& name, const std::string& valid_for, int status) {
    return Run(
        {"create", "--name", name, "--total", "1", "--start-in", "0s", "--valid-for", valid_for},
        status);
  };
  (void)create("longest", "73200d", 0);
  const auto list = client_.ListCampaigns(10, "");
  ASSERT_EQ(list.response.campaigns_size(), 1) << list.raw_body;
  EXPECT_EQ(list.response.campaigns(0).valid_duration().seconds(), kLongest.count());
  EXPECT_THAT(create("longer", "73201d", 2), HasSubstr("73200d"));

  const std::string id = list.response.campaigns(0).id();
  (void)Run({"update", id, "--valid-for", "30d"});
  (void)Run({"update", id, "--valid-for", "73200d"});
  EXPECT_EQ(client_.Get(id).response.campaign().valid_duration().seconds(), kLongest.count());
  EXPECT_THAT(Run({"update", id, "--valid-for", "73201d"}, 2), HasSubstr("73200d"));
}

}  // namespace
}  // namespace coupond::test
