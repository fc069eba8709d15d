#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/temporary_directory.h"
#include "system/program/coupon_client.h"
#include "system/program/server_process.h"
#include "tools/coupon_audit/run_audit.h"

// Stores that releases have made (README.md), upgraded and used as their operators would.
namespace coupond::test {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

std::vector<json::object> Objects(std::istream& lines) {
  std::vector<json::object> objects;
  for (std::string line; std::getline(lines, line);) {
    objects.push_back(json::parse(line).as_object());
  }
  return objects;
}

std::string Text(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  return value == nullptr ? "" : std::string(value->as_string());
}

/// Returns an event of format 1 as this version shows it.
json::object AsShownNow(json::object event) {
  if (event.contains("formatVersion")) event["formatVersion"] = 2;
  if (event.contains("claim")) {
    event[event.contains("userId") ? "holder" : "requestKey"] = event.at("claim");
    event.erase("claim");
  }
  return event;
}

api::CouponState StateOf(std::string_view name) {
  if (name == "issued") return api::COUPON_STATE_ISSUED;
  if (name == "redeemed") return api::COUPON_STATE_REDEEMED;
  if (name == "voided") return api::COUPON_STATE_VOIDED;
  if (name == "returned") return api::COUPON_STATE_RETURNED;
  ADD_FAILURE() << name;
  return api::COUPON_STATE_UNSPECIFIED;
}

/// One of the stores, unpacked.
class GoldenStoreTest : public testing::TestWithParam<std::string> {
 protected:
  GoldenStoreTest() {
    const std::string command = "tar -xzf " COUPOND_GOLDEN_STORES "/" + GetParam() + ".tar.gz -C " +
                                directory_.path().string();
    EXPECT_EQ(std::system(command.c_str()), 0);
  }
  [[nodiscard]] std::filesystem::path data() const { return directory_.path() / "data"; }
  [[nodiscard]] std::filesystem::path upgraded() const { return directory_.path() / "upgraded"; }
  /// Returns what the old release said, in the file of that name.
  [[nodiscard]] std::vector<json::object> Facts(const std::string& name) const {
    std::ifstream file(directory_.path() / name);
    std::vector<json::object> facts = Objects(file);
    EXPECT_FALSE(facts.empty()) << name;
    return facts;
  }
  [[nodiscard]] AuditRun Upgrade() const {
    return RunAudit("upgrade " + data().string() + " " + upgraded().string());
  }
  /// Returns the campaigns that still exist at the end.
  [[nodiscard]] std::map<std::string, bool> LiveCampaigns() const {
    std::map<std::string, bool> live;
    for (const json::object& event : Facts("events.jsonl")) {
      const std::string kind = Text(event, "kind");
      if (kind == "campaign_created") live[Text(event, "campaignId")] = true;
      if (kind == "campaign_deleted") live[Text(event, "campaignId")] = false;
    }
    return live;
  }

  TemporaryDirectory directory_;
};

TEST_P(GoldenStoreTest, IsRefusedUntilItIsUpgraded) {
  const std::string command = "coupon-audit upgrade " + data().string() + " NEW";
  const Ran server = RunServerProgram({"--listen", "127.0.0.1:0", "--data-dir", data().string()});
  EXPECT_NE(server.exit_status, 0);
  EXPECT_THAT(server.output, testing::AllOf(HasSubstr("format_unsupported"), HasSubstr(command)));
  for (const std::string name :
       {"verify", "log", "replay", "rebuild-views", "repair", "export --campaign 1"}) {
    const AuditRun run = RunAudit(name + " " + data().string());
    EXPECT_EQ(run.exit_code, kCannotRead) << name;
    EXPECT_THAT(run.err, testing::AllOf(HasSubstr("format_unsupported"), HasSubstr(command)));
  }
}

TEST_P(GoldenStoreTest, CanBeRestoredOnceItIsUpgraded) {
  const std::string restored = directory_.path() / "restored";
  const AuditRun early = RunAudit("restore " + data().string() + " " + restored);
  EXPECT_EQ(early.exit_code, kCannotRead);
  EXPECT_THAT(early.err, HasSubstr("coupon-audit upgrade " + data().string() + " NEW"));
  const AuditRun run = Upgrade();
  ASSERT_EQ(run.exit_code, kSound);
  EXPECT_THAT(run.out, HasSubstr("`coupon-audit restore " + upgraded().string() + " DIR`"));
  EXPECT_EQ(RunAudit("restore " + upgraded().string() + " " + restored).exit_code, kSound);
  const AuditRun verify = RunAudit("verify --json " + restored);
  EXPECT_EQ(verify.exit_code, kSound) << verify.out << verify.err;
  EXPECT_EQ(verify.Json().at("events").as_int64(),
            Facts("events.jsonl").back().at("sequence").as_int64() + 1);
}

TEST_P(GoldenStoreTest, IsUpgradedToASoundStore) {
  const AuditRun run = Upgrade();
  ASSERT_EQ(run.exit_code, kSound) << run.err;
  EXPECT_THAT(run.out, HasSubstr("start the server on " + upgraded().string()));
  const AuditRun verify = RunAudit("verify --json " + upgraded().string());
  EXPECT_EQ(verify.exit_code, kSound) << verify.out << verify.err;
  const auto facts = Facts("events.jsonl");
  EXPECT_EQ(verify.Json().at("events"), facts.back().at("sequence"));
  EXPECT_EQ(verify.Json().at("groups"), facts.back().at("group"));
  EXPECT_EQ(verify.Json().at("storeId"), facts.front().at("storeId"));
}

TEST_P(GoldenStoreTest, IsUpgradedForProgramsWithOneObject) {
  const AuditRun run = RunAudit("upgrade --json " + data().string() + " " + upgraded().string());
  ASSERT_EQ(run.exit_code, kSound) << run.err;
  EXPECT_EQ(run.Json().at("formatVersion"), 2);
  EXPECT_EQ(run.Json().at("events"), Facts("events.jsonl").back().at("sequence"));
  EXPECT_EQ(run.Json().at("coupons"), Facts("coupons.jsonl").size());
  const AuditRun again = RunAudit("upgrade --json " + data().string() + " " + upgraded().string());
  EXPECT_EQ(again.exit_code, kCannotRead);
  EXPECT_EQ(again.Json().at("error").at("code"), "invalid_argument");
  EXPECT_THAT(std::string(again.Json().at("error").at("message").as_string()),
              HasSubstr("holds a store; choose another directory"));
}

TEST_P(GoldenStoreTest, KeepsEveryEvent) {
  ASSERT_EQ(Upgrade().exit_code, kSound);
  std::istringstream lines(RunAudit("log " + upgraded().string()).out);
  const std::vector<json::object> events = Objects(lines);
  const std::vector<json::object> facts = Facts("events.jsonl");
  ASSERT_EQ(events.size(), facts.size());
  for (std::size_t i = 0; i < facts.size(); ++i) EXPECT_EQ(events[i], AsShownNow(facts[i]));
}

TEST_P(GoldenStoreTest, KeepsEveryCoupon) {
  ASSERT_EQ(Upgrade().exit_code, kSound);
  std::map<std::string, json::object> coupons;
  for (const auto& [campaign, live] : LiveCampaigns()) {
    std::istringstream lines(
        RunAudit("export --format jsonl --campaign " + campaign + " " + upgraded().string()).out);
    for (json::object& coupon : Objects(lines)) coupons[Text(coupon, "code")] = coupon;
  }
  const std::vector<json::object> facts = Facts("coupons.jsonl");
  EXPECT_EQ(coupons.size(), facts.size());
  for (json::object fact : facts) {
    fact.erase("campaignId");
    const json::object& coupon = coupons[Text(fact, "code")];
    for (const auto& [name, value] : fact) {
      const json::value* const kept = coupon.if_contains(name);
      ASSERT_NE(kept, nullptr) << name << " of " << fact;
      EXPECT_EQ(*kept, value) << name << " of " << fact;
    }
  }
}

TEST_P(GoldenStoreTest, IsServedAsBefore) {
  ASSERT_EQ(Upgrade().exit_code, kSound);
  ServerProcess server(upgraded(), {});
  CouponClient client(server.port());
  const auto live = LiveCampaigns();
  for (const json::object& fact : Facts("coupons.jsonl")) {
    const std::string code = Text(fact, "code");
    const std::string campaign = Text(fact, "campaignId");
    const auto answer = client.GetCoupon(code);
    ASSERT_EQ(answer.ok(), live.at(campaign)) << code << ": " << answer.message;
    if (!answer.ok()) continue;
    const api::Coupon& coupon = answer.response.coupon();
    EXPECT_EQ(coupon.campaign_id(), campaign);
    EXPECT_EQ(coupon.state(), StateOf(Text(fact, "state"))) << code;
    EXPECT_EQ(coupon.user_id(), Text(fact, "userId")) << code;
    EXPECT_EQ(coupon.redemption().order_ref(), Text(fact, "orderRef")) << code;
    if (!fact.contains("userId")) continue;
    const auto again = client.IssueForUser(campaign, coupon.user_id());
    EXPECT_TRUE(again.response.already_issued()) << coupon.user_id();
    EXPECT_EQ(again.response.coupon().code(), code);
  }
  for (const json::object& fact : Facts("requests.jsonl")) {
    const auto again = client.IssueForRequest(Text(fact, "campaignId"), Text(fact, "requestId"));
    EXPECT_TRUE(again.response.already_issued()) << fact;
    EXPECT_EQ(again.response.coupon().code(), Text(fact, "code"));
  }
  EXPECT_EQ(server.Stop(), 0);
  const AuditRun verify = RunAudit("verify --json " + upgraded().string());
  EXPECT_EQ(verify.exit_code, kSound) << verify.out << verify.err;
  EXPECT_EQ(verify.Json().at("events"), Facts("events.jsonl").back().at("sequence"));
}

INSTANTIATE_TEST_SUITE_P(Format1, GoldenStoreTest,
                         testing::Values("format_1/killed", "format_1/stopped"),
                         [](const auto& info) {
                           return std::string(std::filesystem::path(info.param).filename());
                         });

}  // namespace
}  // namespace coupond::test
