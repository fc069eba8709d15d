// `coupon-audit verify` on stores whose contents are known to the last byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "storage/format/commit_record.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/run_audit.h"

namespace coupond::test {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::StartsWith;

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
      {"views", {{"state", "present"}, {"checkpointGroup", 6}, {"rowsCompared", 19}}}};
  EXPECT_EQ(report, expected) << json::serialize(report);
}

TEST(VerifyCommand, PrintsTheSameForPeople) {
  PlantedStore store;
  store.MakeViews();
  const AuditRun run = RunAudit("verify " + store.path().string());
  EXPECT_EQ(run.exit_code, kSound);
  EXPECT_THAT(run.out, StartsWith("sound\n"));
  for (const std::string& part :
       {std::string("groups       6\n"), std::string("events       13\n"),
        std::string("2 live, 1 deleted"), std::string("coupons      8\n"),
        std::string("2023-11-14T22:13:20Z to 2023-11-14T22:13:33Z"), std::string(" a coupon\n"),
        std::string("all 19 rows are right, up to group 6"),
        storage::FormatHash(store.tip().hash)}) {
    EXPECT_THAT(run.out, HasSubstr(part));
  }
}

TEST(VerifyCommand, ReportsWhatAPowerFailureLeftOfAWrite) {
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

}  // namespace
}  // namespace coupond::test
