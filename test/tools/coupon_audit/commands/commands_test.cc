// The built program, run as people run it: what is true of all its commands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "tools/coupon_audit/commands/shown_values.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/run_audit.h"

namespace coupond::test {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

/// Returns every file's path and bytes.
std::map<std::string, std::string> Contents(const std::filesystem::path& directory) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    contents[entry.path()].assign(std::istreambuf_iterator<char>(file), {});
  }
  return contents;
}

TEST(AuditCommands, ExitWith2ForWrongUsageAndSayWhatIsWrong) {
  PlantedStore store;
  const std::string directory = store.path().string();
  const struct {
    std::string arguments;
    std::string says;
  } cases[] = {
      {"", "no command given; give one of: verify, replay"},
      {"dance", "unknown command \"dance\"; give one of: verify, replay"},
      {"verify", "DIR is required"},
      {"verify --dance " + directory, "unknown option --dance"},
      {"replay --until tomorrow " + directory, "not an RFC 3339 time"},
      {"log --from minus " + directory, "--from: \"minus\" is not a whole number"},
      {"log --from 07 " + directory, "--from: \"07\" begins with a zero"},
      {"log --from 5 --to 4 " + directory, "--from is greater than --to"},
      {"replay --until 07 " + directory, "--until: \"07\" begins with a zero"},
      {"verify \"\"", "DIR: the value is empty"},
      {"log --campaign spring " + directory, "neither a campaign"},
      {"export " + directory, "--campaign is required"},
      {"export --campaign 1 --format xml " + directory, "--format"},
      {"restore " + directory, "DIR is required"},
      {"restore --campaign 1 " + directory + " new", "--campaign is an option of: log, export"},
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

TEST(AuditCommands, ChangeNothing) {
  PlantedStore store;
  store.MakeViews();
  const auto before = Contents(store.path());
  for (const char* const command :
       {"verify ", "replay --until 5 ", "log ", "export --campaign 1 "}) {
    ASSERT_EQ(RunAudit(command + store.path().string()).exit_code, kSound) << command;
  }
  EXPECT_EQ(Contents(store.path()), before);
}

TEST(AuditCommands, AClosedPipeIsAnOutputThatCannotBeWritten) {
  PlantedStore store;
  constexpr std::uint64_t kCoupons = 20'000;  // far more than a pipe holds
  std::vector<Event> events{CreatedEvent(4, "large", kCoupons, 11, At(14))};
  for (std::uint64_t i = 0; i < kCoupons; ++i) events.emplace_back(IssuedEvent(4, 11 + i));
  store.Add(At(14), events);
  const std::string directory = store.path().string();
  for (const std::string& command : {"export --campaign 4 " + directory, "log " + directory}) {
    const AuditRun run = RunAudit(command + " | head -n 1");
    EXPECT_EQ(run.exit_code, kCannotRead) << command;
    EXPECT_EQ(run.err, "coupon-audit: cannot write to standard output (Broken pipe)\n") << command;
    EXPECT_EQ(run.Lines().size(), 1U) << command;
  }
}

}  // namespace
}  // namespace coupond::test
