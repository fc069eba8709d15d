#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"
#include "tools/coupon_audit/run_audit.h"

// Backups of a real server while it issues: the auditor checks them, and a server starts from them.
namespace coupond::test {
namespace {

using testing::HasSubstr;
using testing::IsSupersetOf;

constexpr int kTotal = 1'000'000;

HttpReply AskForBackup(std::uint16_t port, const std::string& name) {
  HttpClient http(port);
  const auto reply = http.Ask(PostRequest("/coupon.v1.AdminService/CreateBackup",
                                          "application/json", R"({"name":")" + name + R"("})"));
  return reply.value_or(HttpReply{});
}

/// Four clients that issue from one campaign until this is destroyed.
class Issuers {
 public:
  Issuers(std::uint16_t port, const std::string& campaign) {
    for (int i = 0; i < 4; ++i) {
      threads_.emplace_back([this, port, campaign](const std::stop_token& stop) {
        CouponClient client(port);
        while (!stop.stop_requested()) {
          const auto answer = client.Issue(campaign);
          ASSERT_TRUE(answer.ok() && answer.response.success()) << answer.message;
          const std::lock_guard lock(mutex_);
          codes_.push_back(answer.response.coupon().code());
          ++issued_;
          issued_.notify_all();
        }
      });
    }
  }
  void WaitForMore(std::uint64_t count) const {
    const std::uint64_t enough = issued_ + count;
    for (std::uint64_t seen = issued_; seen < enough; seen = issued_) issued_.wait(seen);
  }
  /// Returns the codes that clients have received so far.
  [[nodiscard]] std::vector<std::string> codes() const {
    const std::lock_guard lock(mutex_);
    return codes_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> codes_;
  std::atomic<std::uint64_t> issued_ = 0;
  std::vector<std::jthread> threads_;
};

class BackupTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path backups() const { return directory_.path() / "backups"; }
  TemporaryDirectory directory_;
};

TEST_F(BackupTest, HasAllCouponsAcknowledgedBeforeItAndCanBeServed) {
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
    ServerProcess restored({"--data-dir", backup});
    CouponClient client(restored.port());
    const std::vector<std::string> codes = client.Codes(campaign);
    EXPECT_THAT(codes, IsSupersetOf(before[i]));
    ASSERT_LT(codes.size(), all.size());
    EXPECT_TRUE(std::equal(codes.begin(), codes.end(), all.begin())) << "not a beginning";
    EXPECT_TRUE(client.Issue(campaign).response.success());
    EXPECT_EQ(restored.Stop(), 0);
  }
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
