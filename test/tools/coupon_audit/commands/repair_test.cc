#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "storage/store_fixture.h"
#include "system/program/coupon_client.h"
#include "system/program/server_process.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/run_audit.h"

// repair and rebuild-views as people run them, on the directory of a real server.
namespace coupond::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class RepairTest : public testing::Test {
 protected:
  RepairTest() : campaign_(CouponClient(server_.port()).CreateStarted("rush", 1'000)) {
    Issue(100);
    codes_ = CouponClient(server_.port()).Codes(campaign_);
  }
  void Issue(int count) {
    CouponClient client(server_.port());
    for (int i = 0; i < count; ++i) ASSERT_TRUE(client.Issue(campaign_).response.success());
  }
  void Stop() { ASSERT_EQ(server_.Stop(), 0); }
  [[nodiscard]] std::filesystem::path data() const { return server_.data_directory(); }
  [[nodiscard]] AuditRun Run(const std::string& command) const {
    return RunAudit(command + " " + data().string());
  }
  /// Returns the log's file with the newest groups.
  [[nodiscard]] std::filesystem::path Wal() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(data() / "log")) {
      if (entry.path().extension() == ".log") files.push_back(entry.path());
    }
    return *std::ranges::max_element(files);
  }
  [[nodiscard]] std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(data())) {
      if (entry.is_regular_file() && entry.path().filename() != "LOCK") {
        files[entry.path()] = ReadFile(entry.path());
      }
    }
    return files;
  }

  ServerProcess server_;
  std::string campaign_;
  std::vector<std::string> codes_;
};

TEST_F(RepairTest, ShowsTheLossThenCutsAndKeepsWhatItRemoves) {
  Stop();
  FlipBit(Wal(), static_cast<std::int64_t>(std::filesystem::file_size(Wal()) / 2));
  const auto before = Files();
  const AuditRun look = Run("repair");
  EXPECT_EQ(look.exit_code, 1) << look.err;
  EXPECT_THAT(look.out, AllOf(HasSubstr("log_damaged"), HasSubstr("sound:   groups 1 to "),
                              HasSubstr("groups that were acknowledged to callers"),
                              HasSubstr("nothing was changed"), HasSubstr("--accept-loss"),
                              HasSubstr((data() / "removed-").string())));
  EXPECT_EQ(Files(), before);
  const auto json = Run("repair --json").Json();
  EXPECT_EQ(json.at("sound"), false);
  EXPECT_EQ(json.at("repaired"), false);
  EXPECT_EQ(json.at("damage").at(0).at("code"), "log_damaged");
  const std::int64_t kept = json.at("kept").at("groups").as_int64();
  EXPECT_GT(kept, 1);
  EXPECT_EQ(kept + json.at("acknowledgedGroupsLost").as_int64(), 102);
  EXPECT_EQ(json.at("lostAtLeast").at("groups"), json.at("acknowledgedGroupsLost"));
  EXPECT_EQ(json.at("lostAtLeast").at("events"), json.at("acknowledgedGroupsLost"));
  EXPECT_GT(json.at("lostAtLeast").at("coupons").as_int64(), 0);
  EXPECT_THAT(look.out, AllOf(HasSubstr("to lose: at least "), HasSubstr(" coupons\n")));

  const AuditRun repaired = Run("repair --accept-loss");
  EXPECT_EQ(repaired.exit_code, 0) << repaired.err;
  EXPECT_THAT(repaired.out, AllOf(HasSubstr("log_damaged"), HasSubstr("to lose: ")));
  EXPECT_LT(repaired.out.find("to lose: "), repaired.out.find("repaired: "));
  EXPECT_THAT(repaired.out,
              AllOf(HasSubstr("the store ends at group " + std::to_string(kept + 1)),
                    HasSubstr("gives the 1 live campaigns new serials from "),
                    HasSubstr(" for the " + std::to_string(1'002 - kept) + " coupons ")));
  EXPECT_EQ(Run("verify").exit_code, 0);
  EXPECT_EQ(Run("repair").exit_code, 0);

  server_.Start();
  CouponClient client(server_.port());
  const std::vector<std::string> codes = client.Codes(campaign_);
  ASSERT_EQ(codes.size(), static_cast<std::size_t>(kept) - 2);
  EXPECT_TRUE(std::equal(codes.begin(), codes.end(), codes_.begin()));
  // All that are left, and none with the code of a coupon that was lost.
  Issue(1'002 - static_cast<int>(kept));
  EXPECT_FALSE(client.Issue(campaign_).response.success());
  std::vector<std::string> all = client.Codes(campaign_);
  EXPECT_EQ(all.size(), 1'000U);
  all.insert(all.end(), codes_.begin() + (kept - 2), codes_.end());
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
  Stop();
  EXPECT_EQ(Run("verify").exit_code, 0);
}

TEST_F(RepairTest, WithoutAWatermarkCodesThatMayBeLostAreNotRepeated) {
  ASSERT_EQ(server_.Stop(), 0);
  std::filesystem::remove(data() / "WATERMARK");
  const AuditRun look = Run("repair");
  EXPECT_EQ(look.exit_code, 1);
  EXPECT_THAT(look.out, HasSubstr("without WATERMARK it is unknown how far the log must reach"));
  const AuditRun repaired = Run("repair --accept-loss --json");
  ASSERT_EQ(repaired.exit_code, 0) << repaired.err;
  const auto json = repaired.Json();
  EXPECT_EQ(json.at("repaired"), true);
  EXPECT_EQ(json.at("kept").at("groups"), 102);
  EXPECT_EQ(json.at("groups"), 103);
  EXPECT_EQ(json.at("placesLeft"), 900);
  EXPECT_EQ(json.at("liveCampaigns"), 1);
  EXPECT_GT(json.at("firstNewSerial").as_int64(), 1'000);
  const AuditRun verified = Run("verify --json");
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_EQ(verified.Json().at("headHash"), json.at("headHash"));
}

TEST_F(RepairTest, ARunningServerIsNamedAndLeftAlone) {
  for (const char* command : {"repair", "repair --accept-loss", "rebuild-views"}) {
    const AuditRun run = Run(command);
    EXPECT_EQ(run.exit_code, 3) << command;
    EXPECT_THAT(run.err, AllOf(HasSubstr("data_directory_in_use"),
                               HasSubstr("process " + std::to_string(server_.pid()))));
  }
}

TEST_F(RepairTest, ViewsAreRebuiltFromASoundLog) {
  Stop();
  WriteFile(data() / "views" / "CURRENT", "damaged");
  const AuditRun run = Run("rebuild-views --json");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.Json().at("campaigns"), 1);
  EXPECT_EQ(run.Json().at("coupons"), 100);
  EXPECT_EQ(Run("verify").exit_code, 0);
  EXPECT_THAT(Run("rebuild-views").out, HasSubstr("1 live campaigns, 100 coupons"));
  const AuditRun unsaid = RunAudit("rebuild-views " + data().string() + " >/dev/full");
  EXPECT_EQ(unsaid.exit_code, 3);
  EXPECT_THAT(unsaid.err, HasSubstr("cannot write to standard output"));
  server_.Start();
  EXPECT_EQ(CouponClient(server_.port()).Codes(campaign_), codes_);
}

TEST(RebuildViews, KeepWhatHasBecomeOfCoupons) {
  PlantedStore planted;  // is still open
  planted.AddCouponLives();
  const TemporaryDirectory directory;
  std::filesystem::copy(planted.path(), directory.path(), std::filesystem::copy_options::recursive);
  const AuditRun run = RunAudit("rebuild-views --json " + directory.path().string());
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.Json().at("coupons"), 8);  // a returned one is still there
  const AuditRun verified = RunAudit("verify --json " + directory.path().string());
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_EQ(verified.Json().at("views").at("rowsCompared"), 31);
}

TEST_F(RepairTest, ViewsOfADamagedLogStayAsTheyAre) {
  Stop();
  FlipBit(Wal(), static_cast<std::int64_t>(std::filesystem::file_size(Wal()) / 2));
  const auto before = Files();
  const AuditRun run = Run("rebuild-views");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.err, HasSubstr("log_damaged"));
  EXPECT_EQ(Files(), before);
}

TEST_F(RepairTest, ADirectoryWithoutAStoreStaysEmpty) {
  const TemporaryDirectory empty;
  for (const char* command : {"repair", "repair --accept-loss", "rebuild-views"}) {
    const AuditRun run = RunAudit(std::string(command) + " " + empty.path().string());
    EXPECT_EQ(run.exit_code, 3) << command;
    EXPECT_THAT(run.err, HasSubstr("not_a_data_directory"));
    EXPECT_TRUE(std::filesystem::is_empty(empty.path()));
  }
}

}  // namespace
}  // namespace coupond::test
