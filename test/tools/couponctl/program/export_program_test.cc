#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "support/temporary_directory.h"
#include "system/program/http_client.h"
#include "system/program/many_issues.h"
#include "tools/couponctl/program/program_fixture.h"

// The built couponctl exports from the real server, and describes it.
namespace coupond::test {
namespace {

using testing::HasSubstr;

class ExportProgram : public ProgramFixture {
 protected:
  std::string Exported(const std::string& format) const {
    const std::string path = directory_.path() / ("coupons." + format);
    EXPECT_THAT(Run({"export", campaign_, "--format", format, "--output", path}),
                HasSubstr(std::to_string(kIssued) + " coupons as of sequence "));
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static constexpr int kIssued = 4'000;
  const TemporaryDirectory directory_;
  const std::string campaign_ = client_.CreateStarted("summer", 10'000);
};

TEST_F(ExportProgram, TheFileIsTheOneThatTheServerOffers) {
  IssueMany(server_.port(), campaign_, kIssued);
  const std::string code = client_.Codes(campaign_)[2'000];
  EXPECT_TRUE(client_.Redeem(code).response.success());
  for (const std::string format : {"csv", "jsonl"}) {
    const auto offered = HttpClient(server_.port())
                             .Ask("GET /campaigns/" + campaign_ + "/coupons." + format +
                                  " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(offered);
    EXPECT_EQ(Exported(format), offered->body) << format;
  }
  const std::string redeemed = Run(
      {"export", campaign_, "--format", "jsonl", "--output", "-", "--state", "redeemed,voided"});
  EXPECT_THAT(redeemed, HasSubstr(R"({"code":")" + code + "\""));
  EXPECT_EQ(std::ranges::count(redeemed, '{'), 2) << "one coupon with its redemption";
}

TEST_F(ExportProgram, AFileIsReplacedOnlyIfAsked) {
  const std::string path = directory_.path() / "coupons.csv";
  const std::vector<std::string> command = {"export", campaign_,  "--format",
                                            "csv",    "--output", path};
  Run(command);
  EXPECT_THAT(Run(command, 2), HasSubstr("exists already"));
  std::vector<std::string> forced = command;
  forced.emplace_back("--force");
  Run(forced);
  EXPECT_THAT(Run({"export", "x", "--format", "csv", "--output", path + "x"}, 1),
              HasSubstr("not_found"));
}

TEST_F(ExportProgram, InfoDescribesTheServer) {
  const auto info = boost::json::parse(Run({"info", "--json"}));
  EXPECT_EQ(info.at("headSequence"), "2") << "the store and the campaign";
  EXPECT_EQ(info.at("limits").at("exportsMax"), "16");
  EXPECT_THAT(Run({"info"}), HasSubstr(std::string(info.at("headHash").as_string())));
}

}  // namespace
}  // namespace coupond::test
