// `coupon-audit log` on a store whose contents are known to the last byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
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
using testing::Not;

TEST(LogCommand, ShowsEachEventWithItsFields) {
  const PlantedStore store;
  const AuditRun run = RunAudit("log " + store.path().string());
  ASSERT_EQ(run.exit_code, kSound);
  const std::vector<std::string> lines = run.Lines();
  ASSERT_EQ(lines.size(), kBaseEvents);
  const json::object created{{"sequence", 1},
                             {"group", 1},
                             {"time", "2023-11-14T22:13:20Z"},
                             {"kind", "store_created"},
                             {"storeId", FormatUuid(PlantedIdentity().store_id.bytes)},
                             {"formatVersion", 2}};
  EXPECT_EQ(json::parse(lines[0]), json::value(created));
  const json::object campaign{{"sequence", 3},
                              {"group", 2},
                              {"time", "2023-11-14T22:13:21Z"},
                              {"kind", "campaign_created"},
                              {"campaign", 2},
                              {"campaignId", UuidOf(kSummer)},
                              {"name", "summer"},
                              {"totalCoupons", 3},
                              {"startTime", "2023-11-14T22:13:30Z"},
                              {"firstSerial", 6}};
  EXPECT_EQ(json::parse(lines[2]), json::value(campaign));
  const json::object anonymous{{"sequence", 5},
                               {"group", 3},
                               {"time", "2023-11-14T22:13:30Z"},
                               {"kind", "coupon_issued"},
                               {"campaign", 1},
                               {"campaignId", UuidOf(kSpring)},
                               {"serial", 1},
                               {"code", Code(1)}};
  EXPECT_EQ(json::parse(lines[4]), json::value(anonymous));
  const json::object named{{"sequence", 6},
                           {"group", 3},
                           {"time", "2023-11-14T22:13:30Z"},
                           {"kind", "coupon_issued"},
                           {"campaign", 1},
                           {"campaignId", UuidOf(kSpring)},
                           {"serial", 2},
                           {"code", Code(2)},
                           {"holder", ClaimText(HolderOf(kSpring, "minji"))},
                           {"userId", "minji"}};
  EXPECT_EQ(json::parse(lines[5]), json::value(named));
  const json::object deleted{{"sequence", 11},
                             {"group", 5},
                             {"time", "2023-11-14T22:13:32Z"},
                             {"kind", "campaign_deleted"},
                             {"campaign", 3},
                             {"campaignId", UuidOf(kAutumn)}};
  EXPECT_EQ(json::parse(lines[10]), json::value(deleted));
}

/// Returns the lines of a store to which these events were added, without those of the others.
std::vector<json::object> LinesOfAdded(const std::vector<Event>& events,
                                       const std::vector<KeyId>& keys = {}) {
  PlantedStore store;
  store.Add(At(14), events, keys);
  store.WriteFiles();
  const AuditRun run = RunAudit("log --from 14 " + store.path().string());
  EXPECT_EQ(run.exit_code, kSound) << run.err;
  std::vector<json::object> lines;
  for (const std::string& line : run.Lines()) {
    json::object object = json::parse(line).as_object();
    for (const char* const field : {"sequence", "group", "time"}) object.erase(field);
    lines.push_back(std::move(object));
  }
  return lines;
}

TEST(LogCommand, ShowsTheTermsThatACampaignHas) {
  CampaignCreated winter = CreatedEvent(4, "winter", 5, 11, At(14));
  winter.terms.end_time = At(20);
  winter.terms.description = "sleds";
  winter.terms.metadata = {{.key = "a", .value = "1"}, {.key = "b", .value = ""}};
  const json::object created{
      {"kind", "campaign_created"}, {"campaign", 4},
      {"campaignId", UuidOf(4)},    {"name", "winter"},
      {"totalCoupons", 5},          {"startTime", "2023-11-14T22:13:34Z"},
      {"firstSerial", 11},          {"endTime", "2023-11-14T22:13:40Z"},
      {"description", "sleds"},     {"metadata", json::parse(R"({"a":"1","b":""})")}};
  EXPECT_EQ(LinesOfAdded({winter}), std::vector{created});
}

TEST(LogCommand, ShowsTheLimitsThatACampaignHas) {
  CampaignCreated winter = CreatedEvent(4, "winter", 5, 11, At(14));
  winter.terms.coupons_per_user = 2;
  winter.terms.user_required = true;
  winter.terms.redeem_start_time = At(15);
  winter.terms.expire_time = At(20);
  winter.terms.valid_duration = std::chrono::milliseconds(2'500);
  winter.terms.redeem_by_holder_only = true;
  winter.request = RequestKeyFor("request 1");
  const json::object created{{"kind", "campaign_created"},
                             {"campaign", 4},
                             {"campaignId", UuidOf(4)},
                             {"name", "winter"},
                             {"totalCoupons", 5},
                             {"startTime", "2023-11-14T22:13:34Z"},
                             {"firstSerial", 11},
                             {"couponsPerUser", 2},
                             {"userRequired", true},
                             {"redeemStartTime", "2023-11-14T22:13:35Z"},
                             {"expireTime", "2023-11-14T22:13:40Z"},
                             {"validDuration", "2.500s"},
                             {"redeemByHolderOnly", true},
                             {"requestKey", ClaimText(RequestKeyFor("request 1").digest)},
                             {"requestContent", "0123456789abcdef"}};
  const json::object issued{{"kind", "coupon_issued"},
                            {"campaign", 4},
                            {"campaignId", UuidOf(4)},
                            {"serial", 11},
                            {"code", Code(11)},
                            {"holder", ClaimText(HolderOf(4, "minji"))},
                            {"requestKey", ClaimText(ClaimOf(0xB1))},
                            {"userId", "minji"}};
  const json::object voided{
      {"kind", "coupon_voided"}, {"campaign", 4},     {"campaignId", UuidOf(4)}, {"serial", 11},
      {"code", Code(11)},        {"returned", false}, {"claimFreed", true}};
  const std::vector<Event> events{winter, IssuedToOnRequestEvent(4, 11, "minji", 0xB1),
                                  FreedEvent(VoidedEvent(4, 11))};
  EXPECT_EQ(LinesOfAdded(events), (std::vector{created, issued, voided}));
}

TEST(LogCommand, ShowsWhichLimitsAnUpdateChanges) {
  const json::object set{{"kind", "campaign_updated"},
                         {"campaign", 4},
                         {"campaignId", UuidOf(4)},
                         {"couponsPerUser", 3},
                         {"userRequired", true},
                         {"redeemStartTime", "2023-11-14T22:13:35Z"},
                         {"expireTime", "2023-11-14T22:13:40Z"},
                         {"validDuration", "86400s"},
                         {"redeemByHolderOnly", true}};
  const json::object cleared{{"kind", "campaign_updated"}, {"campaign", 4},
                             {"campaignId", UuidOf(4)},    {"couponsPerUser", 1},
                             {"userRequired", false},      {"redeemStartTime", nullptr},
                             {"expireTime", nullptr},      {"validDuration", nullptr},
                             {"redeemByHolderOnly", false}};
  const std::vector<Event> events{CreatedEvent(4, "winter", 5, 11, At(14)),
                                  UpdatedEvent(4, {.coupons_per_user = 3,
                                                   .user_required = true,
                                                   .redeem_start_time = At(15),
                                                   .expire_time = At(20),
                                                   .valid_duration = std::chrono::days(1),
                                                   .redeem_by_holder_only = true}),
                                  UpdatedEvent(4, {.coupons_per_user = 1,
                                                   .user_required = false,
                                                   .redeem_start_time = kAlways,
                                                   .expire_time = kNever,
                                                   .valid_duration = kUnlimited,
                                                   .redeem_by_holder_only = false})};
  const std::vector<json::object> lines = LinesOfAdded(events);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1], set);
  EXPECT_EQ(lines[2], cleared);
}

TEST(LogCommand, ShowsWhatAnUpdateChanges) {
  const json::object raised{
      {"kind", "campaign_updated"}, {"campaign", 1},     {"campaignId", UuidOf(kSpring)},
      {"name", "sprung"},           {"totalCoupons", 7}, {"firstAddedSerial", 11},
      {"addedSerials", 2}};
  const json::object cleared{
      {"kind", "campaign_updated"}, {"campaign", 1},     {"campaignId", UuidOf(kSpring)},
      {"endTime", nullptr},         {"description", ""}, {"metadata", json::object()}};
  const std::vector<Event> events{
      UpdatedEvent(kSpring, {.name = "sprung", .total_coupons = 7}, SerialRange{Serial(11), 2}),
      UpdatedEvent(
          kSpring,
          {.end_time = kNever, .description = "", .metadata = std::vector<MetadataEntry>()})};
  EXPECT_EQ(LinesOfAdded(events), (std::vector{raised, cleared}));
}

TEST(LogCommand, ShowsPausesAndArchiving) {
  const auto line = [](const char* kind) {
    return json::object{{"kind", kind}, {"campaign", 1}, {"campaignId", UuidOf(kSpring)}};
  };
  json::object paused = line("campaign_paused");
  paused["issuing"] = true;
  paused["redeeming"] = false;
  paused["reason"] = "a leak";
  json::object resumed = line("campaign_resumed");
  resumed["issuing"] = true;
  resumed["redeeming"] = false;
  const std::vector<Event> events{PausedEvent(kSpring, {.issuing = true}, "a leak"),
                                  ResumedEvent(kSpring, {.issuing = true}), ArchivedEvent(kSpring),
                                  UnarchivedEvent(kSpring)};
  EXPECT_EQ(LinesOfAdded(events),
            (std::vector{paused, resumed, line("campaign_archived"), line("campaign_unarchived")}));
}

TEST(LogCommand, ShowsWhatBecomesOfCoupons) {
  CouponRedeemed redeemed = RedeemedEvent(kSpring, 2, "request 1");
  redeemed.order_ref = "order 1";
  redeemed.redeemed_by = "till 7";
  RedemptionCanceled canceled = CanceledEvent(kSpring, 2, 14, "a typo");
  canceled.request = RequestKeyFor("request 2");
  const auto line = [](const char* kind, std::uint64_t campaign, std::uint64_t serial) {
    return json::object{{"kind", kind},
                        {"campaign", campaign},
                        {"campaignId", UuidOf(campaign)},
                        {"serial", serial},
                        {"code", Code(serial)}};
  };
  json::object first = line("coupon_redeemed", kSpring, 2);
  first["orderRef"] = "order 1";
  first["redeemedBy"] = "till 7";
  first["requestId"] = "request 1";
  first["requestKey"] = ClaimText(RequestKeyFor("request 1").digest);
  first["requestContent"] = "0123456789abcdef";
  json::object undone = line("redemption_canceled", kSpring, 2);
  undone["redemption"] = 14;
  undone["reason"] = "a typo";
  undone["requestKey"] = ClaimText(RequestKeyFor("request 2").digest);
  undone["requestContent"] = "0123456789abcdef";
  json::object voided = line("coupon_voided", kSpring, 2);
  voided["returned"] = false;
  voided["reason"] = "a leak";
  json::object returned = line("coupon_voided", kSummer, 8);
  returned["returned"] = true;
  returned["firstAddedSerial"] = 11;
  returned["addedSerials"] = 1'024;
  const std::vector<Event> events{redeemed, canceled, VoidedEvent(kSpring, 2, "a leak"),
                                  ReturnedEvent(kSummer, 8, SerialRange{Serial(11), 1'024})};
  EXPECT_EQ(LinesOfAdded(events), (std::vector{first, undone, voided, returned}));
}

TEST(LogCommand, ShowsTheKeysThatThereAre) {
  json::object issued{{"kind", "coupon_issued"},
                      {"campaign", 1},
                      {"campaignId", UuidOf(kSpring)},
                      {"serial", 5},
                      {"code", Code(5)}};
  json::object voided{{"kind", "coupon_voided"},
                      {"campaign", 1},
                      {"campaignId", UuidOf(kSpring)},
                      {"serial", 5},
                      {"code", Code(5)},
                      {"returned", false},
                      {"keyId", "k2p9x7qd"}};
  EXPECT_EQ(LinesOfAdded({IssuedEvent(kSpring, 5), VoidedEvent(kSpring, 5)},
                         {kNoKey, KeyId(0x6b32'7039'7837'7164)}),
            (std::vector{issued, voided}));
}

TEST(LogCommand, ShowsARestoredStore) {
  const json::object restored{{"kind", "store_restored"}, {"firstSerial", 100}};
  EXPECT_EQ(LinesOfAdded({RestoredEvent(100)}), std::vector{restored});
}

TEST(LogCommand, ShowsABatchAndItsCoupons) {
  json::object batch{
      {"kind", "batch_issued"}, {"campaign", 1}, {"campaignId", UuidOf(kSpring)}, {"coupons", 1}};
  json::object issued{{"kind", "coupon_issued"},
                      {"campaign", 1},
                      {"campaignId", UuidOf(kSpring)},
                      {"serial", 5},
                      {"code", Code(5)}};
  EXPECT_EQ(LinesOfAdded({BatchEvent(kSpring, 1), IssuedEvent(kSpring, 5)}),
            (std::vector{batch, issued}));
  batch["requestKey"] = ClaimText(RequestKeyFor("request 1").digest);
  batch["requestContent"] = "0123456789abcdef";
  EXPECT_EQ(LinesOfAdded({BatchEvent(kSpring, 1, "request 1"), IssuedEvent(kSpring, 5)}),
            (std::vector{batch, issued}));
}

TEST(LogCommand, ShowsErasures) {
  UserErased minji = ErasedEvent(kSpring, {2}, /*claims_freed=*/true);
  minji.request = RequestKeyFor("request 1");
  const json::object first{{"kind", "user_erased"},
                           {"campaign", 1},
                           {"campaignId", UuidOf(kSpring)},
                           {"serials", json::parse("[2]")},
                           {"claimsFreed", true},
                           {"requestKey", ClaimText(minji.request->digest)},
                           {"requestContent", "0123456789abcdef"}};
  const json::object second{{"kind", "user_erased"},
                            {"campaign", 2},
                            {"campaignId", UuidOf(kSummer)},
                            {"serials", json::parse("[6,7]")}};
  const json::object finished{{"kind", "erasure_finished"}, {"erasure", 15}};
  EXPECT_EQ(LinesOfAdded({minji, ErasedEvent(kSummer, {6, 7}), ErasureFinishedEvent(15)}),
            (std::vector{first, second, finished}));
}

TEST(LogCommand, DoesNotShowWhoIsErasedEvenIfTheTextIsStillThere) {
  PlantedStore store;
  store.AddErasure();
  const std::string directory = " " + store.path().string();
  const AuditRun run = RunAudit("log" + directory);
  EXPECT_EQ(run.exit_code, kSound);
  EXPECT_THAT(run.out, Not(HasSubstr("minji")));
  EXPECT_THAT(run.out, Not(HasSubstr("sora")));
  EXPECT_THAT(run.out, HasSubstr("joon"));
  EXPECT_THAT(RunAudit("log --campaign 3 --from 12" + directory).out,
              HasSubstr(R"("sequence":15,)"));
}

TEST(LogCommand, NeverShowsTheKey) {
  const PlantedStore store;
  // 5e 00 … 00 a1, in any notation.
  const AuditRun run = RunAudit("log " + store.path().string());
  EXPECT_THAT(run.out, Not(HasSubstr("5e000000")));
  EXPECT_THAT(run.out, Not(HasSubstr(FormatUuid(PlantedIdentity().code_key.bytes))));
  EXPECT_THAT(run.out, Not(HasSubstr("odeKey")));
  EXPECT_THAT(run.out, Not(HasSubstr("code_key")));
}

std::vector<std::uint64_t> SequencesOf(const AuditRun& run) {
  std::vector<std::uint64_t> sequences;
  for (const std::string& line : run.Lines()) {
    sequences.push_back(json::parse(line).at("sequence").to_number<std::uint64_t>());
  }
  return sequences;
}

TEST(LogCommand, ShowsTheRequestedEvents) {
  const PlantedStore store;
  const std::string directory = " " + store.path().string();
  using Sequences = std::vector<std::uint64_t>;
  EXPECT_EQ(SequencesOf(RunAudit("log --from 12" + directory)), Sequences({12, 13}));
  EXPECT_EQ(SequencesOf(RunAudit("log --to 2" + directory)), Sequences({1, 2}));
  EXPECT_EQ(SequencesOf(RunAudit("log --from 6 --to 7" + directory)), Sequences({6, 7}));
  EXPECT_EQ(SequencesOf(RunAudit("log --from 14" + directory)), Sequences());
  EXPECT_EQ(SequencesOf(RunAudit("log --campaign 3" + directory)), Sequences({4, 10, 11}));
  EXPECT_EQ(SequencesOf(RunAudit("log --campaign " + UuidOf(kAutumn) + directory)),
            Sequences({4, 10, 11}));
  EXPECT_EQ(SequencesOf(RunAudit("log --campaign 3 --from 10 --to 10" + directory)),
            Sequences({10}));
}

TEST(LogCommand, ACampaignsChangesAreItsEvents) {
  PlantedStore store;
  store.Add(At(14), {ArchivedEvent(kSummer), PausedEvent(kSpring, {.redeeming = true}),
                     UpdatedEvent(kSpring, {.name = "sprung"})});
  const std::string directory = " " + store.path().string();
  EXPECT_EQ(SequencesOf(RunAudit("log --from 13 --campaign 1" + directory)),
            std::vector<std::uint64_t>({13, 15, 16}));
}

TEST(LogCommand, ARestoreIsAnEventOfEachCampaignThatIsLive) {
  PlantedStore store;
  store.Add(At(14), {RestoredEvent(100), CreatedEvent(4, "winter", 5, 101, At(14)),
                     RestoredEvent(200), DeletedEvent(4), RestoredEvent(300)});
  store.WriteFiles();
  const std::string directory = " " + store.path().string();
  using Sequences = std::vector<std::uint64_t>;
  EXPECT_EQ(SequencesOf(RunAudit("log --from 13 --campaign 1" + directory)),
            Sequences({13, 14, 16, 18}));
  EXPECT_EQ(SequencesOf(RunAudit("log --campaign 4" + directory)), Sequences({15, 16, 17}));
  EXPECT_EQ(SequencesOf(RunAudit("log --from 12 --campaign 3" + directory)), Sequences());
}

TEST(LogCommand, ACampaignCreatedAfterTheRangeIsKnown) {
  const PlantedStore store;
  const AuditRun run = RunAudit("log --campaign 3 --to 1 " + store.path().string());
  EXPECT_EQ(run.exit_code, kSound) << run.err;
  EXPECT_EQ(run.out, "");
}

}  // namespace
}  // namespace coupond::test
