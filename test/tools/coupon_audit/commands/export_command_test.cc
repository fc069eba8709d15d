// `coupon-audit export` on stores whose contents are known to the last byte.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tools/coupon_audit/commands/shown_values.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/run_audit.h"

namespace coupond::test {
namespace {

namespace json = boost::json;

TEST(ExportCommand, WritesRfc4180) {
  PlantedStore store;
  store.Add(At(14), {IssuedToEvent(kSpring, 5, "Kim, \"Minji\"\nof Seoul")});
  store.WriteFiles();
  const AuditRun run = RunAudit("export --campaign 1 " + store.path().string());
  ASSERT_EQ(run.exit_code, kSound) << run.err;
  EXPECT_EQ(
      run.out,
      "ordinal,code,serial,issued_at,user_id,state,redeemed_at,order_ref,redeemed_by,voided_at,"
      "expire_time\r\n"
      "0," +
          Code(1) +
          ",1,2023-11-14T22:13:30Z,,issued,,,,,\r\n"
          "1," +
          Code(2) +
          ",2,2023-11-14T22:13:30Z,minji,issued,,,,,\r\n"
          "2," +
          Code(3) +
          ",3,2023-11-14T22:13:30Z,,issued,,,,,\r\n"
          "3," +
          Code(4) +
          ",4,2023-11-14T22:13:33Z,,issued,,,,,\r\n"
          "4," +
          Code(5) +
          ",5,2023-11-14T22:13:34Z,"
          "\"Kim, \"\"Minji\"\"\nof Seoul\",issued,,,,,\r\n");
}

TEST(ExportCommand, NoUserIdIsAFormulaUnlessRequested) {
  const std::vector<std::pair<std::string, std::string>> cells = {
      {"=HYPERLINK(0)", "'=HYPERLINK(0)"},
      {"+82 10", "'+82 10"},
      {"-1", "'-1"},
      {"@SUM(A1)", "'@SUM(A1)"},
      {"\tx", "'\tx"},
      {"＝1", "'＝1"},
      {"a=b", "a=b"},
      {"'=1", "'=1"},
      {"kim-1", "kim-1"}};
  PlantedStore store;
  std::vector<Event> events{CreatedEvent(4, "winter", cells.size(), 11, At(14))};
  for (std::size_t i = 0; i < cells.size(); ++i) {
    events.emplace_back(IssuedToEvent(4, 11 + i, cells[i].first));
  }
  store.Add(At(14), events);
  store.WriteFiles();
  const std::string command = "export --campaign 4 " + store.path().string();
  const auto guarded = RunAudit(command).Lines();
  const auto raw = RunAudit(command + " --no-formula-guard").Lines();
  ASSERT_EQ(guarded.size(), cells.size() + 1);
  ASSERT_EQ(raw.size(), cells.size() + 1);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    EXPECT_TRUE(guarded[i + 1].ends_with("," + cells[i].second + ",issued,,,,,\r"))
        << guarded[i + 1];
    EXPECT_TRUE(raw[i + 1].ends_with("," + cells[i].first + ",issued,,,,,\r")) << raw[i + 1];
  }
}

TEST(ExportCommand, BeginsWithAByteOrderMarkOnRequest) {
  const PlantedStore store;
  const std::string command = "export --campaign 1 " + store.path().string();
  EXPECT_EQ(RunAudit(command + " --bom").out, "\xEF\xBB\xBF" + RunAudit(command).out);
  EXPECT_EQ(RunAudit(command + " --bom --format jsonl").exit_code, kUsage);
  EXPECT_EQ(RunAudit(command + " --no-formula-guard --format jsonl").exit_code, kUsage);
}

TEST(ExportCommand, WritesJsonLinesEvenOfADeletedCampaign) {
  const PlantedStore store;
  const AuditRun run =
      RunAudit("export --format jsonl --campaign " + UuidOf(kAutumn) + " " + store.path().string());
  ASSERT_EQ(run.exit_code, kSound) << run.err;
  ASSERT_EQ(run.Lines().size(), 1U);
  const json::object coupon{{"ordinal", 0},      {"code", Code(9)},
                            {"serial", 9},       {"issuedAt", "2023-11-14T22:13:31Z"},
                            {"state", "issued"}, {"userId", "sora"}};
  EXPECT_EQ(run.Json(), coupon);
}

TEST(ExportCommand, DoesNotShowWhoIsErasedWhereTheTextIsLeft) {
  PlantedStore store;
  store.AddErasure();
  const std::string directory = " " + store.path().string();
  const std::vector<std::string> spring = RunAudit("export --campaign 1" + directory).Lines();
  ASSERT_EQ(spring.size(), 5U);
  EXPECT_EQ(spring[2], "1," + Code(2) + ",2,2023-11-14T22:13:30Z,,issued,,,,,\r");
  // It was deleted before.
  const AuditRun autumn = RunAudit("export --format jsonl --campaign 3" + directory);
  ASSERT_EQ(autumn.Lines().size(), 1U);
  EXPECT_EQ(autumn.Json().at("serial"), json::value(9));
  EXPECT_FALSE(autumn.Json().contains("userId"));
  EXPECT_TRUE(RunAudit("export --campaign 2" + directory).out.contains(",joon,"));
}

TEST(ExportCommand, OrdinalsGoOnThroughAddedSerials) {
  PlantedStore store;
  store.Add(At(14), {UpdatedEvent(kSummer, {.total_coupons = 5}, SerialRange{Serial(11), 2}),
                     IssuedEvent(kSummer, 11), IssuedEvent(kSummer, 12)});
  store.WriteFiles();
  const AuditRun run = RunAudit("export --campaign 2 " + store.path().string());
  ASSERT_EQ(run.exit_code, kSound) << run.err;
  const std::vector<std::string> lines = run.Lines();
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[3], "2," + Code(8) + ",8,2023-11-14T22:13:32Z,,issued,,,,,\r");
  EXPECT_EQ(lines[4], "3," + Code(11) + ",11,2023-11-14T22:13:34Z,,issued,,,,,\r");
  EXPECT_EQ(lines[5], "4," + Code(12) + ",12,2023-11-14T22:13:34Z,,issued,,,,,\r");
}

TEST(ExportCommand, ACampaignWithoutCouponsHasAHeaderOnly) {
  PlantedStore store;
  store.Add(At(14), {CreatedEvent(4, "winter", 5, 11, At(20))});
  const AuditRun run = RunAudit("export --campaign 4 " + store.path().string());
  EXPECT_EQ(run.exit_code, kSound);
  EXPECT_EQ(
      run.out,
      "ordinal,code,serial,issued_at,user_id,state,redeemed_at,order_ref,redeemed_by,voided_at,"
      "expire_time\r\n");
}

TEST(ExportCommand, SaysWhatHasBecomeOfEachCoupon) {
  PlantedStore store;
  store.AddCouponLives();
  store.Add(At(16), {ReturnedEvent(kSummer, 7)});
  store.WriteFiles();
  const std::string directory = " " + store.path().string();
  const std::vector<std::string> spring = RunAudit("export --campaign 1" + directory).Lines();
  ASSERT_EQ(spring.size(), 5U);
  EXPECT_EQ(spring[1], "0," + Code(1) + ",1,2023-11-14T22:13:30Z,,issued,,,,,\r");
  EXPECT_EQ(spring[2],
            "1," + Code(2) +
                ",2,2023-11-14T22:13:30Z,minji,redeemed,2023-11-14T22:13:34Z,order 1,till 7,,\r");
  EXPECT_EQ(spring[3],
            "2," + Code(3) + ",3,2023-11-14T22:13:30Z,,voided,,,,2023-11-14T22:13:34Z,\r");
  const auto summer = RunAudit("export --campaign 2 --format jsonl" + directory).Lines();
  ASSERT_EQ(summer.size(), 4U);
  const json::object returned{{"ordinal", 1},
                              {"code", Code(7)},
                              {"serial", 7},
                              {"issuedAt", "2023-11-14T22:13:31Z"},
                              {"userId", "joon"},
                              {"state", "returned"},
                              {"voidedAt", "2023-11-14T22:13:36Z"}};
  const json::object redeemed{{"ordinal", 3},        {"code", Code(11)},
                              {"serial", 11},        {"issuedAt", "2023-11-14T22:13:35Z"},
                              {"state", "redeemed"}, {"redeemedAt", "2023-11-14T22:13:35Z"}};
  EXPECT_EQ(json::parse(summer[1]), json::value(returned));
  EXPECT_EQ(json::parse(summer[3]), json::value(redeemed));
}

/// Adds winter, whose coupons expire five seconds after they were issued, but by At(22): 11 is
/// issued at At(14) and redeemed, 12 at At(14), 13 at At(16), 14 at At(18).
void AddExpiringCampaign(PlantedStore& store) {
  CampaignCreated winter = CreatedEvent(4, "winter", 5, 11, At(14));
  winter.terms.expire_time = At(22);
  winter.terms.valid_duration = std::chrono::seconds(5);
  store.Add(At(14), {winter, IssuedEvent(4, 11), IssuedEvent(4, 12), RedeemedEvent(4, 11)});
  store.Add(At(16), {IssuedEvent(4, 13)});
  store.Add(At(18), {IssuedEvent(4, 14)});
}

/// Returns the state and the expire_time of each coupon of winter.
std::vector<std::string> ExpiriesIn(const PlantedStore& store) {
  const AuditRun run = RunAudit("export --format jsonl --campaign 4 " + store.path().string());
  EXPECT_EQ(run.exit_code, kSound) << run.err;
  std::vector<std::string> expiries;
  for (const std::string& line : run.Lines()) {
    const json::object coupon = json::parse(line).as_object();
    expiries.push_back(std::string(coupon.at("state").as_string()) + " " +
                       std::string(coupon.at("expireTime").as_string()));
  }
  return expiries;
}

TEST(ExportCommand, SaysWhatHadExpiredAtTheEndOfTheLog) {
  PlantedStore store;
  AddExpiringCampaign(store);
  store.Add(At(21), {ArchivedEvent(kSpring)});
  store.WriteFiles();
  EXPECT_EQ(
      ExpiriesIn(store),
      std::vector<std::string>({"redeemed 2023-11-14T22:13:39Z", "expired 2023-11-14T22:13:39Z",
                                "expired 2023-11-14T22:13:41Z", "issued 2023-11-14T22:13:42Z"}));
  const auto csv = RunAudit("export --campaign 4 " + store.path().string()).Lines();
  ASSERT_EQ(csv.size(), 5U);
  EXPECT_EQ(csv[2],
            "1," + Code(12) + ",12,2023-11-14T22:13:34Z,,expired,,,,,2023-11-14T22:13:39Z\r");
}

TEST(ExportCommand, AProlongedCouponIsNotExpired) {
  PlantedStore store;
  AddExpiringCampaign(store);
  store.Add(At(21),
            {UpdatedEvent(4, {.expire_time = kNever, .valid_duration = std::chrono::seconds(60)})});
  store.WriteFiles();
  EXPECT_EQ(ExpiriesIn(store), std::vector<std::string>(
                                   {"redeemed 2023-11-14T22:14:34Z", "issued 2023-11-14T22:14:34Z",
                                    "issued 2023-11-14T22:14:36Z", "issued 2023-11-14T22:14:38Z"}));
}

TEST(ExportCommand, CouponsOfADeletedCampaignStayAsTheyWere) {
  PlantedStore store;
  AddExpiringCampaign(store);
  store.Add(At(20), {DeletedEvent(4)});
  store.Add(At(30), {ArchivedEvent(kSpring)});
  store.WriteFiles();
  EXPECT_EQ(ExpiriesIn(store), std::vector<std::string>(
                                   {"redeemed 2023-11-14T22:13:39Z", "expired 2023-11-14T22:13:39Z",
                                    "issued 2023-11-14T22:13:41Z", "issued 2023-11-14T22:13:42Z"}));
}

TEST(ExportCommand, NoTextOfARedemptionIsAFormula) {
  CouponRedeemed redeemed = RedeemedEvent(kSpring, 4);
  redeemed.order_ref = "=1";
  redeemed.redeemed_by = "+1";
  PlantedStore store;
  store.Add(At(14), {redeemed});
  const std::string command = "export --campaign 1 " + store.path().string();
  EXPECT_TRUE(RunAudit(command).Lines().at(4).ends_with(",'=1,'+1,,\r"));
  EXPECT_TRUE(RunAudit(command + " --no-formula-guard").Lines().at(4).ends_with(",=1,+1,,\r"));
}

}  // namespace
}  // namespace coupond::test
