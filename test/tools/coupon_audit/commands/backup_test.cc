#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"
#include "tools/coupon_audit/commands/issuers.h"
#include "tools/coupon_audit/run_audit.h"

// Backups of a real server while it issues: the auditor reads and checks them, and no server starts
// on them.
namespace coupond::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsSupersetOf;

constexpr int kTotal = 1'000'000;

class BackupTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path backups() const { return directory_.path() / "backups"; }
  TemporaryDirectory directory_;
};

TEST_F(BackupTest, HasAllCouponsAcknowledgedBeforeItAndCanBeRead) {
  ServerProcess server({"--backup-dir", backups()});
  const std::string campaign = CouponClient(server.port()).CreateStarted("rush", kTotal);
  std::vector<std::vector<std::string>> before;
  {
    const Issuers issuers(server.port(), campaign);
    for (const char* name : {"one", "two", "three"}) {
      issuers.WaitForMore(300);
      before.push_back(issuers.codes());
      const HttpReply reply = AskForBackup(server.port(), name);
      EXPECT_EQ(reply.status, 200) << reply.body;
      EXPECT_THAT(reply.body, HasSubstr((backups() / name).string()));
    }
    issuers.WaitForMore(100);
  }
  const std::vector<std::string> all = CouponClient(server.port()).Codes(campaign);
  ASSERT_EQ(server.Stop(), 0);

  const char* const names[] = {"one", "two", "three"};
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::filesystem::path backup = backups() / names[i];
    const AuditRun run = RunAudit("verify " + backup.string());
    EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
    std::vector<std::string> codes;
    for (const std::string& line :
         RunAudit("export --format jsonl --campaign " + campaign + " " + backup.string()).Lines()) {
      codes.emplace_back(boost::json::parse(line).at("code").as_string());
    }
    EXPECT_THAT(codes, IsSupersetOf(before[i]));
    ASSERT_LT(codes.size(), all.size());
    EXPECT_TRUE(std::equal(codes.begin(), codes.end(), all.begin())) << "not a beginning";
    EXPECT_EQ(RunAudit("log " + backup.string()).exit_code, kSound);
    EXPECT_EQ(RunAudit("replay " + backup.string()).exit_code, kSound);
  }
}

TEST_F(BackupTest, IsRefusedByWhateverWouldUseIt) {
  ServerProcess server({"--backup-dir", backups()});
  CouponClient(server.port()).CreateStarted("rush", kTotal);
  ASSERT_EQ(AskForBackup(server.port(), "one").status, 200);
  ASSERT_EQ(server.Stop(), 0);
  const std::string backup = backups() / "one";
  const std::string advice = "`coupon-audit restore " + backup + " DIR`";
  const Ran started = RunServerProgram({"--listen", "127.0.0.1:0", "--data-dir", backup});
  EXPECT_EQ(started.exit_status, 1);
  EXPECT_THAT(started.output, AllOf(HasSubstr("(is_backup)"), HasSubstr(advice),
                                    HasSubstr("Use --data-dir to start on that one")));
  for (const char* command : {"repair ", "repair --accept-loss ", "rebuild-views "}) {
    const AuditRun run = RunAudit(command + backup);
    EXPECT_EQ(run.exit_code, kCannotRead) << command;
    EXPECT_THAT(run.err, AllOf(HasSubstr("is_backup: "), HasSubstr(advice))) << command;
  }
  EXPECT_FALSE(std::filesystem::exists(backups() / "one" / "LOCK"));
  EXPECT_FALSE(std::filesystem::exists(backups() / "one" / "views"));
  EXPECT_EQ(RunAudit("verify " + backup).exit_code, kSound);
}

TEST_F(BackupTest, WithoutABackupDirectoryTheServerSaysHowToSetOne) {
  ServerProcess server;
  const HttpReply reply = AskForBackup(server.port(), "one");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr("failed_precondition"));
  EXPECT_THAT(reply.body, HasSubstr("--backup-dir DIR"));
}

TEST_F(BackupTest, AWrongBackupDirectoryIsRefusedAtStart) {
  const std::filesystem::path data = directory_.path() / "data";
  const Ran within = RunServerProgram(
      {"--listen", "127.0.0.1:0", "--data-dir", data, "--backup-dir", data / "backups"});
  EXPECT_EQ(within.exit_status, 1);
  EXPECT_THAT(within.output, HasSubstr("lies within the data directory"));
  const Ran nowhere = RunServerProgram({"--listen", "127.0.0.1:0", "--data-dir", data,
                                        "--backup-dir", directory_.path() / "no" / "such"});
  EXPECT_EQ(nowhere.exit_status, 1);
  EXPECT_THAT(nowhere.output, HasSubstr("no/such"));
}

}  // namespace
}  // namespace coupond::test
