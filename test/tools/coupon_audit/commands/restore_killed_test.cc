#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>

#include "system/program/coupon_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"
#include "tools/coupon_audit/commands/issuers.h"
#include "tools/coupon_audit/run_audit.h"

// A restore that is killed leaves no store, or a whole one: never a part of one on which a server
// starts.
namespace coupond::test {
namespace {

using testing::HasSubstr;

constexpr int kBatches = 4;
constexpr int kBatch = 10'000;
constexpr std::chrono::seconds kPatience{120};
/// A restore is killed at this many of its calls that change files, evenly from the first on, and
/// at as many of the last ones, which make the directory a store.
constexpr long kKills = 10;

class RestoreKilledTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path backup() const {
    return directory_.path() / "backups" / "one";
  }
  [[nodiscard]] std::filesystem::path data() const { return directory_.path() / "data"; }
  [[nodiscard]] std::filesystem::path count_file() const { return directory_.path() / "calls"; }

  void MakeBackup() {
    ServerProcess server({"--backup-dir", directory_.path() / "backups"});
    CouponClient client(server.port(), Form::kConnectProto);
    api::BatchIssueCouponsRequest request;
    request.set_campaign_id(client.CreateStarted("rush", 2 * kBatches * kBatch));
    request.set_count(kBatch);
    for (int i = 0; i < kBatches; ++i) {
      const auto answer = client.BatchIssue(request);
      ASSERT_TRUE(answer.ok()) << answer.raw_body;
    }
    ASSERT_EQ(AskForBackup(server.port(), "one").status, 200);
    EXPECT_EQ(server.Stop(), 0);
  }

  /// Restores, and kills that before its call number `call` that changes a file; 0 is never.
  /// Returns the exit status, or minus the signal.
  [[nodiscard]] std::optional<int> Restore(long call = 0) const {
    Process restore({"/usr/bin/env", "LD_PRELOAD=" COUPOND_KILL_AT_FILE_CALL,
                     "COUPOND_KILL_AT=" + std::to_string(call),
                     "COUPOND_KILL_COUNT=" + count_file().string(), COUPON_AUDIT_PATH, "restore",
                     backup().string(), data().string()});
    return restore.WaitForExit(kPatience);
  }
  /// Returns the number of such calls that the last restore that was not killed has made.
  [[nodiscard]] long Calls() const {
    long calls = 0;
    std::ifstream(count_file()) >> calls;
    return calls;
  }

  /// Returns what is in the directory; nothing if there is none.
  [[nodiscard]] std::set<std::string> Files() const {
    std::set<std::string> names;
    if (!std::filesystem::exists(data())) return names;
    for (const auto& entry : std::filesystem::directory_iterator(data())) {
      names.insert(entry.path().filename());
    }
    return names;
  }

  void ExpectWhole() const {
    const AuditRun verified = RunAudit("verify --json " + data().string());
    ASSERT_EQ(verified.exit_code, kSound) << verified.out << verified.err;
    ServerProcess server(data(), {});
    CouponClient client(server.port(), Form::kConnectProto);
    const auto campaigns = client.ListCampaigns(0, "");
    ASSERT_EQ(campaigns.response.campaigns_size(), 1) << campaigns.raw_body;
    EXPECT_EQ(campaigns.response.campaigns(0).issued_coupons(), kBatches * kBatch);
    EXPECT_TRUE(client.Issue(campaigns.response.campaigns(0).id()).response.success());
    EXPECT_EQ(server.Stop(), 0);
  }
  /// Expects that neither a server nor another restore takes the directory for something else.
  void ExpectRefused() const {
    const Ran started =
        RunServerProgram({"--data-dir", data().string(), "--listen", "127.0.0.1:0"});
    EXPECT_GT(started.exit_status, 0) << started.output;
    EXPECT_THAT(started.output, HasSubstr(data().string()));
    const AuditRun again = RunAudit("restore " + backup().string() + " " + data().string());
    EXPECT_EQ(again.exit_code, kCannotRead) << again.out;
    EXPECT_THAT(again.err, HasSubstr(data().string()));
    EXPECT_NE(RunAudit("verify " + data().string()).exit_code, kSound);
  }

  TemporaryDirectory directory_;
};

TEST_F(RestoreKilledTest, LeavesNoStoreOrAWholeOne) {
  ASSERT_NO_FATAL_FAILURE(MakeBackup());
  ASSERT_EQ(Restore(), 0);
  const long calls = Calls();
  ASSERT_GT(calls, 2 * kKills);
  ExpectWhole();

  std::set<long> kills;
  for (long kill = 0; kill < kKills; ++kill) {
    kills.insert(1 + (calls - 1) * kill / kKills);
    kills.insert(calls - kill);
  }
  int parts = 0;
  int whole = 0;
  for (const long call : kills) {
    SCOPED_TRACE("killed at call " + std::to_string(call) + " of " + std::to_string(calls));
    std::filesystem::remove_all(data());
    const auto status = Restore(call);
    // RocksDB's own threads may make a few calls less than before.
    ASSERT_TRUE(status == -SIGKILL || (status == 0 && call > calls - kKills)) << status.value_or(0);
    if (status == 0) {
      ExpectWhole();
      continue;
    }
    const std::set<std::string> files = Files();
    if (files.contains("FORMAT")) {
      ++whole;
      ExpectWhole();
    } else if (files.empty() || files == std::set<std::string>{"LOCK"}) {
      // As good as nothing.
      EXPECT_EQ(Restore(), 0);
      ExpectWhole();
    } else {
      ++parts;
      ExpectRefused();
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(parts, 0);
  EXPECT_GT(whole, 0);

  // Whatever was left, it can be removed and restored again.
  std::filesystem::remove_all(data());
  EXPECT_EQ(Restore(), 0);
  ExpectWhole();
}

}  // namespace
}  // namespace coupond::test
