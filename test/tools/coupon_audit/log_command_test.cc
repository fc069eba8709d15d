// `coupon-audit log` on a store whose contents are known to the last byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/run_audit.h"
#include "tools/coupon_audit/shown_values.h"

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
  // 5e 00 … 00 a1, in any notation.
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

TEST(LogCommand, ACampaignCreatedAfterTheRangeIsKnown) {
  const PlantedStore store;
  const AuditRun run = RunAudit("log --campaign 3 --to 1 " + store.path().string());
  EXPECT_EQ(run.exit_code, kSound) << run.err;
  EXPECT_EQ(run.out, "");
}

}  // namespace
}  // namespace coupond::test
