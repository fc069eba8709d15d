#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "faults/fault_fixture.h"
#include "faults/log_facts.h"
#include "storage/text_search.h"

/// What a power failure leaves of a user whose erasure is finished.
namespace coupond::test {
namespace {

using testing::IsEmpty;
using testing::Not;

class ErasureSyncTest : public FaultTest {
 protected:
  ErasureSyncTest() { std::filesystem::create_directories(root_); }

  /// Runs a process that issues to both users.
  void IssueToBoth(std::uint8_t campaign, bool create) {
    FaultyFiles files(root_);
    auto run = StoreRun::Start(root_ / "data", World(files.env()));
    ASSERT_TRUE(run) << run.error().message;
    std::vector<Command> commands;
    if (create) commands = {Create(1, "one", 20, At(0)), Create(2, "two", 20, At(0))};
    commands.push_back(IssueTo(campaign, 1, erased_));
    commands.push_back(IssueTo(campaign, 2, kept_));
    static_cast<void>((*run)->Submit(commands));
  }
  /// Erases until no file has the text, which takes one request unless files are slow to go.
  static void EraseWholly(StoreRun& run, const std::string& user_id) {
    constexpr int kTries = 10;
    for (int i = 0; i < kTries; ++i) {
      const ErasureOutcome outcome = run.Erase(user_id);
      const auto* const report = std::get_if<ErasureReport>(&outcome);
      ASSERT_NE(report, nullptr);
      if (!report->pending) return;
    }
    FAIL() << "the erasure does not end";
  }

  const std::string erased_ = IncompressibleText(1);
  const std::string kept_ = IncompressibleText(2);
  const std::filesystem::path root_ = directory_.path() / "life";
};

TEST_F(ErasureSyncTest, NoFileWithTheTextComesBackAfterAPowerFailure) {
  // Texts are in tables and in the WAL.
  IssueToBoth(1, /*create=*/true);
  IssueToBoth(2, /*create=*/false);
  FaultyFiles files(root_);
  auto run = StoreRun::Start(root_ / "data", World(files.env()));
  ASSERT_TRUE(run) << run.error().message;
  ASSERT_THAT(FilesWith(root_, erased_), Not(IsEmpty()));
  EraseWholly(**run, erased_);
  LogFacts facts;
  ASSERT_TRUE(facts.Read((*run)->store().log()));
  ASSERT_TRUE(facts.IsErased(Serial(1)));
  ASSERT_THAT(facts.unfinished_erasures(), IsEmpty()) << "the log says that it is finished";

  constexpr std::uint32_t kPowerFailures = 20;
  std::vector<std::filesystem::path> left = {FreshDirectory()};
  files.WriteSurvivors(left.back(), Survivors::kSyncedOnly, 0);
  for (std::uint32_t seed = 1; seed < kPowerFailures; ++seed) {
    left.push_back(FreshDirectory());
    files.WriteSurvivors(left.back(), Survivors::kRandomPart, seed);
  }
  for (const std::filesystem::path& disk : left) {
    EXPECT_THAT(FilesWith(disk / "data" / "log", erased_), IsEmpty()) << disk;
    EXPECT_THAT(FilesWith(disk / "data" / "views", erased_), IsEmpty()) << disk;
    EXPECT_THAT(FilesWith(disk / "data" / "log", kept_), Not(IsEmpty())) << disk;
  }
}

}  // namespace
}  // namespace coupond::test
