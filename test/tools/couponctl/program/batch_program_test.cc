// couponctl batch beside the real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/temporary_directory.h"
#include "tools/couponctl/program/program_fixture.h"

namespace coupond::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class BatchProgramTest : public ProgramFixture {
 protected:
  std::string WriteUsers(int users) {
    const std::filesystem::path path = directory_.path() / "users.txt";
    std::ofstream file(path);
    for (int i = 0; i < users; ++i) file << "user " << i << '\n';
    return path.string();
  }

  const TemporaryDirectory directory_;
  const std::string campaign_ = client_.CreateStarted("batch", 12'000);
};

TEST_F(BatchProgramTest, IssuesANumberOfCoupons) {
  const std::string printed = Run({"batch", campaign_, "--count", "10000", "--request-id", "r1"});
  const auto codes = client_.Codes(campaign_);
  EXPECT_EQ(codes.size(), 10'000U);
  EXPECT_EQ(std::ranges::count(printed, '\n'), 10'002) << "a code on each line, and two notes";
  EXPECT_THAT(printed, AllOf(HasSubstr(codes.front()), HasSubstr(codes.back())));
  EXPECT_THAT(Run({"batch", campaign_, "--count", "10000", "--request-id", "r1"}),
              AllOf(HasSubstr("was carried out before"), HasSubstr(codes.back())));
  EXPECT_THAT(Run({"batch", campaign_, "--count", "2001"}, 1),
              HasSubstr("fewer coupons are left (2000)"));
  EXPECT_THAT(Run({"batch", campaign_, "--count", "2001", "--allow-partial"}, 1),
              HasSubstr("2000 coupons were issued"));
}

TEST_F(BatchProgramTest, IssuesToTheUsersInAFile) {
  const std::string file = WriteUsers(10'000);
  EXPECT_THAT(Run({"batch", campaign_, "--users", file}),
              AllOf(HasSubstr("user 9999"), HasSubstr("10000 coupons were issued")));
  EXPECT_THAT(Run({"batch", campaign_, "--users", file}),
              AllOf(HasSubstr("had it before"), HasSubstr("0 coupons were issued")));
}

TEST_F(BatchProgramTest, NonsenseIsRefusedBeforeItIsSent) {
  EXPECT_THAT(Run({"batch", campaign_, "--users", WriteUsers(10'001)}, 2),
              AllOf(HasSubstr("has 10001 users"), HasSubstr("split -l 10000"),
                    Not(HasSubstr("request id is"))));
  EXPECT_THAT(Run({"batch", campaign_, "--users", "/nowhere"}, 2),
              HasSubstr("cannot read /nowhere"));
  Run({"batch", campaign_, "--count", "10001"}, 2);
  Run({"batch", campaign_}, 2);
  Run({"batch", campaign_, "--count", "1", "--users", WriteUsers(1)}, 2);
  EXPECT_TRUE(client_.Codes(campaign_).empty());
}

}  // namespace
}  // namespace coupond::test
