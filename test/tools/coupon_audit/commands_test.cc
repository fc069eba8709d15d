#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/codes/coupon_code.h"
#include "storage/commit_record.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/run_audit.h"

// The built program, run as people run it, on stores whose contents are known to the last byte.
namespace coupond::test {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr int kSound = 0;
constexpr int kViolation = 1;
constexpr int kUsage = 2;
constexpr int kCannotRead = 3;

std::string Code(std::uint64_t serial) {
  return CouponCodec(PlantedIdentity().code_key).Encode(Serial(serial));
}
std::string UuidOf(std::uint64_t campaign) {
  return FormatUuid(Id(static_cast<std::uint8_t>(campaign)).bytes);
}
/// 32 hexadecimal digits.
std::string ClaimText(const Claim& claim) {
  std::string text = FormatUuid(claim.bytes);
  std::erase(text, '-');
  return text;
}
/// Every file's path and bytes.
std::map<std::string, std::string> Contents(const std::filesystem::path& directory) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    contents[entry.path()].assign(std::istreambuf_iterator<char>(file), {});
  }
  return contents;
}

TEST(VerifyCommand, ReportsExactNumbers) {
  PlantedStore store;
  store.MakeViews();
  const AuditRun run = RunAudit("verify --json " + store.path().string());
  ASSERT_EQ(run.exit_code, kSound) << run.err;
  EXPECT_EQ(run.err, "");
  json::object report = run.Json();
  std::uintmax_t log_bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(store.path() / "log")) {
    const std::string extension = entry.path().extension();
    if (extension == ".log" || extension == ".sst") log_bytes += entry.file_size();
  }
  EXPECT_GT(report.at("seconds").as_double(), 0);
  EXPECT_GT(report.at("eventsPerSecond").as_double(), 0);
  EXPECT_DOUBLE_EQ(report.at("logBytesPerCoupon").as_double(), static_cast<double>(log_bytes) / 8);
  for (const char* measured : {"seconds", "eventsPerSecond", "logBytesPerCoupon"}) {
    report.erase(measured);
  }
  const json::object expected{
      {"sound", true},
      {"violation", nullptr},
      {"storeId", FormatUuid(PlantedIdentity().store_id.bytes)},
      {"groups", 6},
      {"events", 13},
      {"campaignsLive", 2},
      {"campaignsDeleted", 1},
      {"coupons", 8},
      {"codesChecked", 8},
      {"firstTime", "2023-11-14T22:13:20Z"},
      {"lastTime", "2023-11-14T22:13:33Z"},
      {"headHash", storage::FormatHash(store.tip().hash)},
      {"watermarkGroup", 6},
      {"logBytes", log_bytes},
      {"leftOutBytes", 0},
      {"views", {{"state", "present"}, {"checkpointGroup", 6}, {"rowsCompared", 12}}}};
  EXPECT_EQ(report, expected) << json::serialize(report);
}

TEST(VerifyCommand, TellsPeopleTheSame) {
  PlantedStore store;
  store.MakeViews();
  const AuditRun run = RunAudit("verify " + store.path().string());
  EXPECT_EQ(run.exit_code, kSound);
  EXPECT_THAT(run.out, StartsWith("sound\n"));
  for (const std::string& part :
       {std::string("groups       6\n"), std::string("events       13\n"),
        std::string("2 live, 1 deleted"), std::string("coupons      8\n"),
        std::string("2023-11-14T22:13:20Z to 2023-11-14T22:13:33Z"), std::string(" a coupon\n"),
        std::string("12 rows are as they must be, up to group 6"),
        storage::FormatHash(store.tip().hash)}) {
    EXPECT_THAT(run.out, HasSubstr(part));
  }
}

TEST(VerifyCommand, SaysWhatAPowerFailureLeftOfAWrite) {
  PlantedStore store;
  store.WriteFiles();
  for (const auto& entry : std::filesystem::directory_iterator(store.path() / "log")) {
    if (entry.path().extension() != ".log") continue;
    std::ofstream(entry.path(), std::ios::binary | std::ios::app) << std::string(1'000, '\0');
  }
  const AuditRun text = RunAudit("verify " + store.path().string());
  EXPECT_EQ(text.exit_code, kSound) << text.out << text.err;
  EXPECT_THAT(text.out, HasSubstr("left out     1,000 bytes at the end of the log"));
  const AuditRun programs = RunAudit("verify --json " + store.path().string());
  EXPECT_EQ(programs.Json().at("leftOutBytes"), json::value(1'000));
}

TEST(VerifyCommand, AViolationIsNamedWithItsPlaceAndExitsWith1) {
  PlantedStore store;
  store.Add(At(14), {IssuedEvent(kSpring, 5), IssuedEvent(kSpring, 6)});
  store.WriteFiles();
  const AuditRun text = RunAudit("verify " + store.path().string());
  EXPECT_EQ(text.exit_code, kViolation);
  EXPECT_THAT(text.out, StartsWith("VIOLATION over_issue at group 7, sequence 15, campaign 1\n"
                                   "  coupon 6 of 5 was issued\n"
                                   "  meaning: more coupons were issued than there are\n"));
  const AuditRun programs = RunAudit("verify --json " + store.path().string());
  EXPECT_EQ(programs.exit_code, kViolation);
  const json::object report = programs.Json();
  EXPECT_EQ(report.at("sound"), json::value(false));
  const json::object violation{{"name", "over_issue"},
                               {"group", 7},
                               {"sequence", 15},
                               {"campaign", 1},
                               {"detail", "coupon 6 of 5 was issued"},
                               {"meaning", "more coupons were issued than there are"}};
  EXPECT_EQ(report.at("violation"), json::value(violation));
}

TEST(AuditCommands, ExitWith2ForWrongUsageAndSayWhatIsWrong) {
  PlantedStore store;
  const std::string directory = store.path().string();
  const struct {
    std::string arguments;
    std::string says;
  } cases[] = {
      {"", "no command is given; give one of: verify, replay"},
      {"dance", "there is no command \"dance\"; give one of: verify, replay"},
      {"verify", "DIR is required"},
      {"verify --dance " + directory, "not expected"},
      {"replay --until tomorrow " + directory, "not a time"},
      {"log --from minus " + directory, "--from"},
      {"log --campaign spring " + directory, "neither a campaign"},
      {"export " + directory, "--campaign is required"},
      {"export --campaign 1 --format xml " + directory, "--format"},
      {"export --campaign 99 " + directory, "never had such a campaign"},
      {"log --campaign 99 " + directory, "never had such a campaign"},
      {"log --campaign 99 --to 4 " + directory, "never had such a campaign"},
      {"log --campaign 99 --from 4 " + directory, "never had such a campaign"},
      {"log --campaign " + UuidOf(99) + " " + directory, "never had such a campaign"},
  };
  for (const auto& [arguments, says] : cases) {
    const AuditRun run = RunAudit(arguments);
    EXPECT_EQ(run.exit_code, kUsage) << arguments;
    EXPECT_THAT(run.err, HasSubstr(says)) << arguments;
    EXPECT_EQ(run.out, "") << arguments;
  }
}

TEST(AuditCommands, ExitWith3ForWhatIsNoStore) {
  const TemporaryDirectory empty;
  const std::string directory = empty.path().string();
  for (const std::string& command : {std::string("verify "), std::string("replay "),
                                     std::string("log "), std::string("export --campaign 1 ")}) {
    const AuditRun run = RunAudit(command + directory);
    EXPECT_EQ(run.exit_code, kCannotRead) << command;
    EXPECT_THAT(run.err, HasSubstr("not_a_data_directory")) << command;
    EXPECT_EQ(run.out, "") << command;
  }
  const AuditRun run = RunAudit("verify --json " + directory);
  EXPECT_EQ(run.exit_code, kCannotRead);
  EXPECT_EQ(run.Json().at("error").at("code"), json::value("not_a_data_directory"));
}

TEST(AuditCommands, ExitWith1ForADamagedLogAndKeepWhatCameBefore) {
  PlantedStore store;
  store.DeleteLogRow(LogKey(4));
  const AuditRun log = RunAudit("log " + store.path().string());
  EXPECT_EQ(log.exit_code, kViolation);
  EXPECT_THAT(log.err, HasSubstr("VIOLATION group_missing at group 4"));
  EXPECT_EQ(log.Lines().size(), 8U);
  EXPECT_EQ(RunAudit("replay " + store.path().string()).exit_code, kViolation);
  EXPECT_EQ(RunAudit("replay --until 4 " + store.path().string()).exit_code, kSound);
  EXPECT_EQ(RunAudit("export --campaign 1 " + store.path().string()).exit_code, kViolation);
}

TEST(AuditCommands, ChangeNotAByte) {
  PlantedStore store;
  store.MakeViews();
  const auto before = Contents(store.path());
  for (const char* const command :
       {"verify ", "replay --until 5 ", "log ", "export --campaign 1 "}) {
    ASSERT_EQ(RunAudit(command + store.path().string()).exit_code, kSound) << command;
  }
  EXPECT_EQ(Contents(store.path()), before);
}

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

TEST(ReplayCommand, TellsTheTermsOfEachCampaign) {
  const PlantedStore store;
  const AuditRun run = RunAudit("replay --json --until 11 " + store.path().string());
  const json::object report = run.Json();
  EXPECT_EQ(report.at("sequence"), json::value(11));
  EXPECT_EQ(report.at("group"), json::value(5));
  EXPECT_EQ(report.at("time"), json::value("2023-11-14T22:13:32Z"));
  const json::object autumn{{"campaign", 3},
                            {"campaignId", UuidOf(kAutumn)},
                            {"name", "autumn"},
                            {"totalCoupons", 2},
                            {"issuedCoupons", 1},
                            {"startTime", "2023-11-14T22:13:30Z"},
                            {"createdAt", "2023-11-14T22:13:21Z"},
                            {"firstSerial", 9},
                            {"live", false},
                            {"deletedAt", "2023-11-14T22:13:32Z"}};
  EXPECT_EQ(report.at("campaigns").as_array().at(2), json::value(autumn));
  const AuditRun text = RunAudit("replay --until 11 " + store.path().string());
  EXPECT_THAT(text.out, StartsWith("after sequence 11 in group 5, 2023-11-14T22:13:32Z: 2 live, "
                                   "1 deleted, 6 coupons\n"));
  EXPECT_THAT(text.out, HasSubstr("deleted 2023-11-14T22:13:32Z"));
}

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
                             {"formatVersion", 1}};
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
                           {"claim", ClaimText(*IssuedToEvent(kSpring, 2, "minji").claim)},
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

TEST(LogCommand, NeverShowsTheKey) {
  const PlantedStore store;
  // 5e 00 … 00 a1, in whatever way it might be written.
  const AuditRun run = RunAudit("log " + store.path().string());
  EXPECT_THAT(run.out, Not(HasSubstr("5e000000")));
  EXPECT_THAT(run.out, Not(HasSubstr(FormatUuid(PlantedIdentity().code_key.bytes))));
  EXPECT_THAT(run.out, Not(HasSubstr("ey\"")));
}

std::vector<std::uint64_t> SequencesOf(const AuditRun& run) {
  std::vector<std::uint64_t> sequences;
  for (const std::string& line : run.Lines()) {
    sequences.push_back(json::parse(line).at("sequence").to_number<std::uint64_t>());
  }
  return sequences;
}

TEST(LogCommand, ShowsWhatIsAskedFor) {
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

TEST(ExportCommand, WritesRfc4180) {
  PlantedStore store;
  store.Add(At(14), {IssuedToEvent(kSpring, 5, "Kim, \"Minji\"\nof Seoul")});
  store.WriteFiles();
  const AuditRun run = RunAudit("export --campaign 1 " + store.path().string());
  ASSERT_EQ(run.exit_code, kSound) << run.err;
  EXPECT_EQ(run.out,
            "ordinal,code,serial,issued_at,user_id\r\n"
            "0," +
                Code(1) +
                ",1,2023-11-14T22:13:30Z,\r\n"
                "1," +
                Code(2) +
                ",2,2023-11-14T22:13:30Z,minji\r\n"
                "2," +
                Code(3) +
                ",3,2023-11-14T22:13:30Z,\r\n"
                "3," +
                Code(4) +
                ",4,2023-11-14T22:13:33Z,\r\n"
                "4," +
                Code(5) +
                ",5,2023-11-14T22:13:34Z,"
                "\"Kim, \"\"Minji\"\"\nof Seoul\"\r\n");
}

TEST(ExportCommand, WritesJsonLinesAlsoOfADeletedCampaign) {
  const PlantedStore store;
  const AuditRun run =
      RunAudit("export --format jsonl --campaign " + UuidOf(kAutumn) + " " + store.path().string());
  ASSERT_EQ(run.exit_code, kSound) << run.err;
  ASSERT_EQ(run.Lines().size(), 1U);
  const json::object coupon{{"ordinal", 0},
                            {"code", Code(9)},
                            {"serial", 9},
                            {"issuedAt", "2023-11-14T22:13:31Z"},
                            {"userId", "sora"}};
  EXPECT_EQ(run.Json(), coupon);
}

TEST(ExportCommand, ACampaignWithoutCouponsHasAHeaderOnly) {
  PlantedStore store;
  store.Add(At(14), {CreatedEvent(4, "winter", 5, 11, At(20))});
  const AuditRun run = RunAudit("export --campaign 4 " + store.path().string());
  EXPECT_EQ(run.exit_code, kSound);
  EXPECT_EQ(run.out, "ordinal,code,serial,issued_at,user_id\r\n");
}

TEST(LogCommand, ACampaignThatCameLaterIsKnownAllTheSame) {
  const PlantedStore store;
  const AuditRun run = RunAudit("log --campaign 3 --to 1 " + store.path().string());
  EXPECT_EQ(run.exit_code, kSound) << run.err;
  EXPECT_EQ(run.out, "");
}

TEST(AuditCommands, AReaderThatHasSeenEnoughIsFine) {
  PlantedStore store;
  constexpr std::uint64_t kCoupons = 20'000;  // far more than a pipe holds
  std::vector<Event> events{CreatedEvent(4, "large", kCoupons, 11, At(14))};
  for (std::uint64_t i = 0; i < kCoupons; ++i) events.emplace_back(IssuedEvent(4, 11 + i));
  store.Add(At(14), events);
  const std::string directory = store.path().string();
  for (const std::string& command : {"export --campaign 4 " + directory, "log " + directory}) {
    const AuditRun run = RunAudit(command + " | head -n 1");
    EXPECT_EQ(run.exit_code, 0) << command;
    EXPECT_EQ(run.err, "") << command;
    EXPECT_EQ(run.Lines().size(), 1U) << command;
  }
}

}  // namespace
}  // namespace coupond::test
