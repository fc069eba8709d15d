#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>
#include <string>

#include "system/program/coupon_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"
#include "tools/coupon_audit/issuers.h"
#include "tools/coupon_audit/run_audit.h"

// A restore that is killed leaves no store, or a whole one: never a part of one on which a server
// starts.
namespace coupond::test {
namespace {

using std::chrono::steady_clock;
using testing::HasSubstr;

constexpr int kBatches = 4;
constexpr int kBatch = 10'000;
constexpr std::chrono::seconds kPatience{120};
/// Moments at which a restore is killed, evenly from its beginning to its end.
constexpr int kMoments = 10;

class RestoreKilledTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path backup() const {
    return directory_.path() / "backups" / "one";
  }
  [[nodiscard]] std::filesystem::path data() const { return directory_.path() / "data"; }

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

  /// Restores, and kills that after a time. Returns the exit status, or minus the signal.
  [[nodiscard]] std::optional<int> RestoreFor(std::chrono::nanoseconds time) const {
    Process restore({COUPON_AUDIT_PATH, "restore", backup().string(), data().string()});
    const auto ended =
        restore.WaitForExit(std::chrono::duration_cast<std::chrono::milliseconds>(time));
    if (ended) return ended;
    restore.Signal(SIGKILL);
    return restore.WaitForExit(kPatience);
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
  const auto began = steady_clock::now();
  ASSERT_EQ(RestoreFor(kPatience), 0);
  const auto whole = steady_clock::now() - began;
  ExpectWhole();

  int killed = 0;
  int parts = 0;
  for (int moment = 0; moment < kMoments; ++moment) {
    SCOPED_TRACE("moment " + std::to_string(moment));
    std::filesystem::remove_all(data());
    const auto status = RestoreFor(whole * moment / (kMoments - 1));
    ASSERT_TRUE(status == 0 || status == -SIGKILL);
    if (status != 0) ++killed;
    const std::set<std::string> files = Files();
    if (files.contains("FORMAT")) {
      ExpectWhole();
    } else if (files.empty() || files == std::set<std::string>{"LOCK"}) {
      // As good as nothing.
      EXPECT_EQ(RestoreFor(kPatience), 0);
      ExpectWhole();
    } else {
      ++parts;
      ExpectRefused();
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(killed, kMoments / 2);
  EXPECT_GT(parts, 0);

  // Whatever was left, it can be removed and restored again.
  std::filesystem::remove_all(data());
  EXPECT_EQ(RestoreFor(kPatience), 0);
  ExpectWhole();
}

}  // namespace
}  // namespace coupond::test
