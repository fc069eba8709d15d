#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"
#include "tools/coupon_audit/commands/issuers.h"
#include "tools/coupon_audit/run_audit.h"

// restore as people run it: a backup of a real server becomes a store that goes on, and no code of
// the time after the backup is given out again.
namespace coupond::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Codes = std::vector<std::string>;

class RestoreTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path backups() const { return directory_.path() / "backups"; }
  [[nodiscard]] std::filesystem::path place(const std::string& name) const {
    return directory_.path() / name;
  }
  /// Restores the backup of that name into the place of that name.
  [[nodiscard]] AuditRun Restore(const std::string& backup, const std::string& to,
                                 const std::string& flags = "") const {
    return RunAudit("restore " + flags + (backups() / backup).string() + " " + place(to).string());
  }
  static Codes Issue(CouponClient& client, const std::string& campaign, std::size_t count) {
    Codes codes;
    while (codes.size() < count) {
      const auto answer = client.Issue(campaign);
      EXPECT_TRUE(answer.response.success()) << answer.response.ShortDebugString();
      if (!answer.response.success()) break;
      codes.push_back(answer.response.coupon().code());
    }
    return codes;
  }
  static std::size_t CountDifferent(const std::vector<Codes>& all) {
    std::set<std::string> different;
    for (const Codes& codes : all) different.insert(codes.begin(), codes.end());
    return different.size();
  }
  static void ExpectSound(const std::filesystem::path& data) {
    const AuditRun run = RunAudit("verify " + data.string());
    EXPECT_EQ(run.exit_code, kSound) << run.out << run.err;
  }

  TemporaryDirectory directory_;
};

TEST_F(RestoreTest, NoCodeIsRepeatedAndEveryTotalIsExact) {
  constexpr std::size_t kTotal = 3'000;
  ServerProcess server({"--backup-dir", backups()});
  const std::string campaign = CouponClient(server.port()).CreateStarted("rush", kTotal);
  Codes old;
  {
    const Issuers issuers(server.port(), campaign);
    issuers.WaitForMore(300);
    ASSERT_EQ(AskForBackup(server.port(), "one").status, 200);
    issuers.WaitForMore(300);
  }
  // Created after the backup: the restored store does not know it, but its codes are taken.
  Codes later;
  {
    CouponClient client(server.port());
    old = client.Codes(campaign);
    later = Issue(client, client.CreateStarted("later", 100), 100);
  }
  server.Kill();
  ASSERT_LT(old.size(), kTotal);

  const AuditRun run = Restore("one", "data");
  ASSERT_EQ(run.exit_code, kSound) << run.err;
  ExpectSound(place("data"));
  ServerProcess restored(place("data"), {});
  CouponClient client(restored.port());
  const Codes kept = client.Codes(campaign);
  ASSERT_LT(kept.size(), old.size());
  EXPECT_EQ(kept, Codes(old.begin(), old.begin() + static_cast<std::ptrdiff_t>(kept.size())));
  const Codes rest = Issue(client, campaign, kTotal - kept.size());
  EXPECT_FALSE(client.Issue(campaign).response.success());
  EXPECT_EQ(client.Codes(campaign).size(), kTotal);
  const Codes again = Issue(client, client.CreateStarted("later", 100), 100);
  EXPECT_EQ(CountDifferent({old, later, rest, again}),
            old.size() + later.size() + rest.size() + again.size());
  // A code that was lost is nobody's.
  EXPECT_EQ(client.GetCoupon(old.back()).code, "not_found");
  EXPECT_EQ(client.Redeem(old.back()).response.refusal(), api::REFUSAL_NO_SUCH_COUPON);
  EXPECT_EQ(client.GetCoupon(rest.back()).response.coupon().campaign_id(), campaign);
  EXPECT_TRUE(client.Redeem(rest.front()).response.success());
  EXPECT_EQ(restored.Stop(), 0);
  ExpectSound(place("data"));
}

TEST_F(RestoreTest, StoresOfOneBackupShareNoCode) {
  constexpr std::size_t kTotal = 400;
  ServerProcess server({"--backup-dir", backups()});
  const std::string campaign = CouponClient(server.port()).CreateStarted("rush", kTotal);
  {
    CouponClient client(server.port());
    Issue(client, campaign, 100);
  }
  ASSERT_EQ(AskForBackup(server.port(), "one").status, 200);
  ASSERT_EQ(server.Stop(), 0);

  std::vector<Codes> rest;
  for (const char* name : {"first", "second"}) {
    ASSERT_EQ(Restore("one", name).exit_code, kSound);
    ServerProcess restored(place(name), {"--backup-dir", backups()});
    CouponClient client(restored.port());
    rest.push_back(Issue(client, campaign, 100));
    ASSERT_EQ(AskForBackup(restored.port(), std::string(name) + "-later").status, 200);
    rest.push_back(Issue(client, campaign, 200));
    EXPECT_EQ(restored.Stop(), 0);
    ExpectSound(place(name));
  }
  for (const char* name : {"first", "second"}) {
    const std::string place_of = std::string(name) + "-again";
    ASSERT_EQ(Restore(std::string(name) + "-later", place_of).exit_code, kSound);
    ServerProcess restored(place(place_of), {});
    CouponClient client(restored.port());
    rest.push_back(Issue(client, campaign, 200));
    EXPECT_FALSE(client.Issue(campaign).response.success());
    EXPECT_EQ(restored.Stop(), 0);
    ExpectSound(place(place_of));
  }
  EXPECT_EQ(CountDifferent(rest), 2 * (100 + 200) + 2 * 200U);
}

TEST_F(RestoreTest, SaysWhatItHasMadeAndWhatIsUnknown) {
  ServerProcess server({"--backup-dir", backups()});
  {
    CouponClient client(server.port());
    Issue(client, client.CreateStarted("rush", 50), 20);
    Issue(client, client.CreateStarted("calm", 10), 5);
  }
  ASSERT_EQ(AskForBackup(server.port(), "one").status, 200);
  ASSERT_EQ(server.Stop(), 0);

  const AuditRun run = Restore("one", "data");
  ASSERT_EQ(run.exit_code, kSound) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("restored: 28 events in 28 groups, 25 coupons, up to 20"),
                             HasSubstr("group 29 gives the 2 live campaigns new serials from "),
                             HasSubstr(" for the 35 coupons that they can still issue"),
                             HasSubstr("coupons that were issued later are not valid"),
                             HasSubstr("start the server on " + place("data").string()),
                             HasSubstr("never again on the store that " +
                                       (backups() / "one").string() + " is of")));

  const auto json = Restore("one", "other", "--json ").Json();
  const auto verified = RunAudit("verify --json " + place("other").string()).Json();
  EXPECT_EQ(json.at("storeId"), verified.at("storeId"));
  EXPECT_EQ(json.at("groups"), verified.at("groups"));
  EXPECT_EQ(json.at("events"), verified.at("events"));
  EXPECT_EQ(json.at("headHash"), verified.at("headHash"));
  EXPECT_EQ(json.at("coupons"), 25);
  EXPECT_EQ(json.at("liveCampaigns"), 2);
  EXPECT_EQ(json.at("placesLeft"), 35);
  EXPECT_GT(json.at("firstNewSerial").as_int64(), 60);
  EXPECT_EQ(json.at("leftOutBytes"), 0);
  const auto backup = RunAudit("verify --json " + (backups() / "one").string()).Json();
  EXPECT_EQ(json.at("backupHeadHash"), backup.at("headHash"));
  EXPECT_EQ(json.at("backupEndsAt"), backup.at("lastTime"));

  const AuditRun full = Restore("one", "data", "--json ");
  EXPECT_EQ(full.exit_code, kCannotRead);
  EXPECT_EQ(full.Json().at("error").at("code"), "invalid_argument");
  const AuditRun unsaid = RunAudit("restore " + (backups() / "one").string() + " " +
                                   place("unsaid").string() + " >/dev/full");
  EXPECT_EQ(unsaid.exit_code, kCannotRead);
  EXPECT_THAT(unsaid.err,
              HasSubstr("; the store is complete in " + place("unsaid").string() + "\n"));
  EXPECT_THAT(RunAudit("restore --help").out,
              HasSubstr("Example: coupon-audit restore /var/backups/coupond/"));
}

TEST_F(RestoreTest, ADirectoryThatAServerUsesIsNamedAndLeftAlone) {
  ServerProcess server;
  const AuditRun run =
      RunAudit("restore " + server.data_directory().string() + " " + place("data").string());
  EXPECT_EQ(run.exit_code, kCannotRead);
  EXPECT_THAT(run.err, AllOf(HasSubstr("data_directory_in_use"),
                             HasSubstr("process " + std::to_string(server.pid()))));
  EXPECT_FALSE(std::filesystem::exists(place("data")));
}

}  // namespace
}  // namespace coupond::test
