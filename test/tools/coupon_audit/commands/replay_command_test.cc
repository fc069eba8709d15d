// `coupon-audit replay` on a store whose contents are known to the last byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tools/coupon_audit/commands/shown_values.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/run_audit.h"

namespace coupond::test {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::StartsWith;

/// issued coupons, and whether it lives, by campaign.
std::vector<std::pair<std::uint64_t, bool>> ReplayedCampaigns(const PlantedStore& store,
                                                              const std::string& until) {
  const AuditRun run = RunAudit("replay --json " + until + " " + store.path().string());
  EXPECT_EQ(run.exit_code, kSound) << run.err;
  std::vector<std::pair<std::uint64_t, bool>> campaigns;
  const json::object report = run.Json();
  for (const json::value& campaign : report.at("campaigns").as_array()) {
    campaigns.emplace_back(campaign.at("issuedCoupons").to_number<std::uint64_t>(),
                           campaign.at("live").as_bool());
  }
  return campaigns;
}

TEST(ReplayCommand, ShowsTheCampaignsAsTheyWereAfterASequence) {
  const PlantedStore store;
  using Campaigns = std::vector<std::pair<std::uint64_t, bool>>;
  EXPECT_EQ(ReplayedCampaigns(store, "--until 0"), Campaigns());
  EXPECT_EQ(ReplayedCampaigns(store, "--until 3"), Campaigns({{0, true}, {0, true}}));
  // In the middle of group 3.
  EXPECT_EQ(ReplayedCampaigns(store, "--until 6"), Campaigns({{2, true}, {0, true}, {0, true}}));
  EXPECT_EQ(ReplayedCampaigns(store, "--until 10"), Campaigns({{3, true}, {2, true}, {1, true}}));
  EXPECT_EQ(ReplayedCampaigns(store, "--until 11"), Campaigns({{3, true}, {2, true}, {1, false}}));
  EXPECT_EQ(ReplayedCampaigns(store, ""), Campaigns({{4, true}, {3, true}, {1, false}}));
  EXPECT_EQ(ReplayedCampaigns(store, "--until 999"), ReplayedCampaigns(store, ""));
}

TEST(ReplayCommand, ShowsTheSerialsThatARestoredStoreGoesOnWith) {
  PlantedStore store;
  store.Add(At(14), {RestoredEvent(100), IssuedEvent(kSpring, 100)});
  store.WriteFiles();
  const std::string directory = " " + store.path().string();
  const auto serials = [&directory](const std::string& until, std::size_t campaign) {
    const json::object report = RunAudit("replay --json " + until + directory).Json();
    return report.at("campaigns").as_array().at(campaign).at("serials");
  };
  EXPECT_EQ(serials("--until 13", 0), json::parse(R"([{"first":1,"count":5}])"));
  EXPECT_EQ(serials("", 0), json::parse(R"([{"first":1,"count":4},{"first":100,"count":1}])"));
  EXPECT_EQ(serials("", 1), json::parse(R"([{"first":6,"count":3}])"));
}

TEST(ReplayCommand, ShowsTheCampaignsAsTheyWereAtATime) {
  const PlantedStore store;
  // At(10) is 2023-11-14T22:13:30Z.
  EXPECT_EQ(ReplayedCampaigns(store, "--until 2023-11-14T22:13:29.999999999Z"),
            ReplayedCampaigns(store, "--until 4"));
  EXPECT_EQ(ReplayedCampaigns(store, "--until 2023-11-14T22:13:30Z"),
            ReplayedCampaigns(store, "--until 8"));
  EXPECT_EQ(ReplayedCampaigns(store, "--until 2023-11-15T07:13:30+09:00"),
            ReplayedCampaigns(store, "--until 8"));
  EXPECT_EQ(ReplayedCampaigns(store, "--until 2000-01-01T00:00:00Z"),
            ReplayedCampaigns(store, "--until 0"));
}

TEST(ReplayCommand, BeforeTheFirstEventThereIsNoTime) {
  const PlantedStore store;
  const std::string until = "--until 0 " + store.path().string();
  EXPECT_THAT(RunAudit("replay " + until).out,
              StartsWith("before the first event: 0 live, 0 deleted, 0 coupons\n"));
  EXPECT_EQ(RunAudit("replay --json " + until).Json().at("time"), json::value(nullptr));
}

TEST(ReplayCommand, ShowsTheTermsOfEachCampaign) {
  const PlantedStore store;
  const AuditRun run = RunAudit("replay --json --until 11 " + store.path().string());
  const json::object report = run.Json();
  EXPECT_EQ(report.at("sequence"), json::value(11));
  EXPECT_EQ(report.at("group"), json::value(5));
  EXPECT_EQ(report.at("time"), json::value("2023-11-14T22:13:32Z"));
  const json::object autumn{{"campaign", 3},
                            {"campaignId", UuidOf(kAutumn)},
                            {"name", "autumn"},
                            {"description", ""},
                            {"metadata", json::object()},
                            {"totalCoupons", 2},
                            {"issuedCoupons", 1},
                            {"redeemedCoupons", 0},
                            {"voidedCoupons", 0},
                            {"returnedCoupons", 0},
                            {"startTime", "2023-11-14T22:13:30Z"},
                            {"endTime", nullptr},
                            {"couponsPerUser", 1},
                            {"userRequired", false},
                            {"redeemStartTime", nullptr},
                            {"expireTime", nullptr},
                            {"validDuration", nullptr},
                            {"redeemByHolderOnly", false},
                            {"createdAt", "2023-11-14T22:13:21Z"},
                            {"serials", json::parse(R"([{"first":9,"count":2}])")},
                            {"revision", 4},
                            {"issuingPaused", false},
                            {"redeemingPaused", false},
                            {"soldOutAt", nullptr},
                            {"archivedAt", nullptr},
                            {"live", false},
                            {"deletedAt", "2023-11-14T22:13:32Z"}};
  EXPECT_EQ(report.at("campaigns").as_array().at(2), json::value(autumn));
  const AuditRun text = RunAudit("replay --until 11 " + store.path().string());
  EXPECT_THAT(text.out, StartsWith("after sequence 11 in group 5, 2023-11-14T22:13:32Z: 2 live, "
                                   "1 deleted, 6 coupons\n"));
  EXPECT_THAT(text.out, HasSubstr("deleted 2023-11-14T22:13:32Z"));
}

TEST(ReplayCommand, ShowsACampaignAsItWasChanged) {
  PlantedStore store;
  const std::vector<MetadataEntry> metadata = {{.key = "a", .value = "1"}};
  store.Add(At(14),
            {UpdatedEvent(kSummer, {.total_coupons = 4, .end_time = At(20), .metadata = metadata},
                          SerialRange{Serial(11), 1}),
             IssuedEvent(kSummer, 11), PausedEvent(kSummer, {.issuing = true, .redeeming = true}),
             ResumedEvent(kSummer, {.redeeming = true})});
  store.Add(At(15), {ArchivedEvent(kSummer)});
  store.WriteFiles();
  const std::string directory = " " + store.path().string();
  const json::object report = RunAudit("replay --json" + directory).Json();
  const json::object summer{{"campaign", 2},
                            {"campaignId", UuidOf(kSummer)},
                            {"name", "summer"},
                            {"description", ""},
                            {"metadata", json::parse(R"({"a":"1"})")},
                            {"totalCoupons", 4},
                            {"issuedCoupons", 4},
                            {"redeemedCoupons", 0},
                            {"voidedCoupons", 0},
                            {"returnedCoupons", 0},
                            {"startTime", "2023-11-14T22:13:30Z"},
                            {"endTime", "2023-11-14T22:13:40Z"},
                            {"couponsPerUser", 1},
                            {"userRequired", false},
                            {"redeemStartTime", nullptr},
                            {"expireTime", nullptr},
                            {"validDuration", nullptr},
                            {"redeemByHolderOnly", false},
                            {"createdAt", "2023-11-14T22:13:21Z"},
                            {"serials", json::parse(R"([{"first":6,"count":3},
                                                        {"first":11,"count":1}])")},
                            {"revision", 14},
                            {"issuingPaused", true},
                            {"redeemingPaused", false},
                            {"soldOutAt", "2023-11-14T22:13:34Z"},
                            {"archivedAt", "2023-11-14T22:13:35Z"},
                            {"live", true},
                            {"deletedAt", nullptr}};
  EXPECT_EQ(report.at("campaigns").as_array().at(1), json::value(summer));
  EXPECT_THAT(RunAudit("replay --until 16" + directory).out, HasSubstr("  paused\n"));
  EXPECT_THAT(RunAudit("replay --until 17" + directory).out, HasSubstr("  issuing paused\n"));
  EXPECT_THAT(RunAudit("replay" + directory).out, HasSubstr("archived 2023-11-14T22:13:35Z"));
}

TEST(ReplayCommand, ShowsTheLimitsOfACampaign) {
  PlantedStore store;
  CampaignCreated winter = CreatedEvent(4, "winter", 5, 11, At(14));
  winter.terms.coupons_per_user = 2;
  winter.terms.user_required = true;
  winter.terms.redeem_start_time = At(15);
  winter.terms.expire_time = At(200'000);
  winter.terms.redeem_by_holder_only = true;
  store.Add(At(14), {winter});
  store.Add(At(15), {UpdatedEvent(4, {.valid_duration = std::chrono::hours(26)})});
  store.Add(At(16), {UpdatedEvent(4, {.expire_time = kNever})});
  store.WriteFiles();
  const std::string directory = " " + store.path().string();
  const json::object report = RunAudit("replay --json --until 15" + directory).Json();
  const json::object& row = report.at("campaigns").as_array().at(3).as_object();
  EXPECT_EQ(row.at("couponsPerUser"), json::value(2));
  EXPECT_EQ(row.at("userRequired"), json::value(true));
  EXPECT_EQ(row.at("redeemStartTime"), json::value("2023-11-14T22:13:35Z"));
  EXPECT_EQ(row.at("expireTime"), json::value("2023-11-17T05:46:40Z"));
  EXPECT_EQ(row.at("validDuration"), json::value("93600s"));
  EXPECT_EQ(row.at("redeemByHolderOnly"), json::value(true));
  EXPECT_THAT(RunAudit("replay --until 14" + directory).out,
              HasSubstr("         2  2023-11-14T22:13:34Z  -     2023-11-17T05:46:40Z "));
  EXPECT_THAT(RunAudit("replay --until 15" + directory).out,
              HasSubstr("-     2023-11-17T05:46:40Z, 1d 2h after issue  "));
  EXPECT_THAT(RunAudit("replay" + directory).out, HasSubstr("-     1d 2h after issue  "));
}

TEST(ReplayCommand, CountsCouponsByTheirState) {
  PlantedStore store;
  store.AddCouponLives();
  const auto counts = [&store](const std::string& until, std::size_t campaign) {
    const AuditRun run = RunAudit("replay --json " + until + " " + store.path().string());
    EXPECT_EQ(run.exit_code, kSound) << run.err;
    const json::object report = run.Json();
    const json::object& row = report.at("campaigns").as_array().at(campaign - 1).as_object();
    std::vector<std::uint64_t> numbers;
    for (const char* const name :
         {"issuedCoupons", "redeemedCoupons", "voidedCoupons", "returnedCoupons"}) {
      numbers.push_back(row.at(name).to_number<std::uint64_t>());
    }
    return numbers;
  };
  using Numbers = std::vector<std::uint64_t>;
  EXPECT_EQ(counts("--until 15", kSpring), Numbers({4, 2, 0, 0}));
  EXPECT_EQ(counts("--until 17", kSpring), Numbers({4, 1, 1, 0}));
  EXPECT_EQ(counts("--until 18", kSummer), Numbers({2, 0, 0, 1}));
  EXPECT_EQ(counts("", kSummer), Numbers({3, 1, 0, 1}));
  const AuditRun text = RunAudit("replay " + store.path().string());
  EXPECT_THAT(text.out, HasSubstr("2 live, 1 deleted, 9 coupons\n"));
  EXPECT_THAT(text.out, HasSubstr("  ISSUED  TOTAL  REDEEMED  VOIDED  RETURNED  PER USER  STARTS"));
  EXPECT_THAT(text.out,
              HasSubstr("  spring       4      5         1       1         0         1  2023"));
}

TEST(ReplayCommand, ABatchMustBeWholeWhereTheLogEnds) {
  PlantedStore store;
  store.Add(At(14), {BatchEvent(kSpring, 1)});
  store.WriteFiles();
  const std::string directory = " " + store.path().string();
  const AuditRun run = RunAudit("replay" + directory);
  EXPECT_EQ(run.exit_code, kViolation);
  EXPECT_THAT(run.out + run.err, HasSubstr("batch_incomplete at group 7, sequence 14, campaign 1"));
  EXPECT_EQ(RunAudit("replay --until 13" + directory).exit_code, kSound);
  // Up to the announcement, whose coupons may still come.
  store.Add(At(15), {IssuedEvent(kSummer, 9)});
  store.WriteFiles();
  EXPECT_EQ(RunAudit("replay --until 14" + directory).exit_code, kSound);
}

TEST(ReplayCommand, TextsOfErasedUsersMayBeMissing) {
  PlantedStore store;
  store.AddErasure();
  store.RemoveText(3, "minji");
  const std::string directory = " " + store.path().string();
  EXPECT_EQ(RunAudit("replay" + directory).exit_code, kSound);
  EXPECT_EQ(RunAudit("replay --until 6" + directory).exit_code, kSound);
  store.RemoveText(4, "joon");
  EXPECT_EQ(RunAudit("replay --until 8" + directory).exit_code, kSound);
  const AuditRun run = RunAudit("replay" + directory);
  EXPECT_EQ(run.exit_code, kViolation);
  EXPECT_TRUE((run.out + run.err).contains("user_id_missing at group 4, sequence 9"))
      << run.out << run.err;
}

}  // namespace
}  // namespace coupond::test
