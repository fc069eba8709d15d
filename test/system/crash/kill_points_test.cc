#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/entropy.h"
#include "faults/acknowledgements.h"
#include "faults/store_run.h"
#include "storage/files/watermark.h"
#include "support/builders.h"
#include "support/temporary_directory.h"
#include "system/crash/kill_point.h"
#include "system/crash/kill_workload.h"
#include "system/crash/killed_process.h"
#include "system/crash/killing_files.h"

// A process is killed at each step, and everything that it acknowledged must be in what it leaves
// behind: in the log, in the views, and in the answers of the next process.
namespace coupond::test {
namespace {

/// A store on which processes are killed, one after the other, and their replies.
class KilledStore {
 public:
  /// Runs the next round's process until it ends.
  KilledProcess Run(KillPoint point, std::uint64_t at) {
    KilledProcess killed = RunAndKill(path_, point, at, round_);
    const std::vector<Command> commands = KillWorkload(round_);
    for (std::uint64_t ticket = 0; ticket < commands.size(); ++ticket) {
      const auto said = killed.said.find(ticket);
      if (said != killed.said.end()) {
        Add(commands[ticket], said->second);
      } else {
        const Reply unknown{.time = {}, .sequence = {}, .outcome = Unavailable{true}};
        told_.Add({&commands[ticket], 1}, {&unknown, 1});
      }
    }
    ++round_;
    return killed;
  }
  /// Checks what a new process finds, and that it can continue with it.
  void Check() {
    const FakeClock clock(KillTime(round_));
    KillSwitch never(KillPoint::kNever, 0);
    KillingFiles unsynced(never);
    auto run = StoreRun::Start(path_, {.entropy = entropy_, .clock = clock, .env = unsynced.env()});
    ASSERT_TRUE(run) << run.error().message;
    found_ = (*run)->store().log().Tip();
    Compare(**run);
    AskAgain(**run);
    const std::vector<Command> commands = KillWorkload(round_++);
    const std::vector<Reply> replies = (*run)->Submit(commands);
    for (std::size_t i = 0; i < commands.size(); ++i) Add(commands[i], replies[i]);
    Compare(**run);
    const Status stopped = (*run)->Stop();
    ASSERT_TRUE(stopped) << stopped.error().message;
  }

  /// Returns where the log ended when the last process was killed.
  [[nodiscard]] const LogTip& found() const { return found_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::size_t told() const { return asked_.size(); }

  /// Copies the directory as it is now to another store, which continues from there.
  void CopyTo(KilledStore& other) const {
    std::filesystem::copy(path_, other.path_, std::filesystem::copy_options::recursive);
    other.round_ = round_;
    other.told_ = told_;
    other.asked_ = asked_;
  }

 private:
  void Add(const Command& command, const Reply& reply) {
    told_.Add({&command, 1}, {&reply, 1});
    asked_.emplace_back(command, reply);
  }
  void Compare(StoreRun& run) const {
    const auto campaigns = run.ListCampaigns();
    ASSERT_TRUE(campaigns) << campaigns.error().message;
    EXPECT_EQ(told_.Compare(run.store().log(), run.engine().views()), std::vector<std::string>());
  }
  /// Checks that every claim with a coupon gets the same one again, and no user one more.
  void AskAgain(StoreRun& run) const {
    for (const auto& [command, reply] : asked_) {
      const auto* granted = std::get_if<GrantedCoupon>(&reply.outcome);
      const auto* issue = std::get_if<IssueCoupon>(&command);
      if (granted == nullptr || (!issue->holder && !issue->request_key)) continue;
      const std::vector<Reply> again = run.Submit({&command, 1});
      const auto* same = std::get_if<GrantedCoupon>(&again.front().outcome);
      ASSERT_NE(same, nullptr);
      EXPECT_EQ(same->limit_reached, granted->limit_reached);
      EXPECT_EQ(same->already_issued, !granted->limit_reached);
      EXPECT_EQ(same->serial, granted->serial);
    }
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "data";
  SystemEntropy entropy_;
  std::uint8_t round_ = 0;
  Acknowledgements told_;
  std::vector<std::pair<Command, Reply>> asked_;
  LogTip found_;
};

void ExpectKilledAt(const KilledProcess& killed, KillPoint point) {
  EXPECT_EQ(killed.status, -SIGKILL) << killed.output;
  EXPECT_EQ(killed.killed_at, std::string(NameOf(point))) << killed.output;
}

/// What must have become of the group at which the process was killed.
enum class Group : std::uint8_t {
  kNone,     ///< no group was in flight, and the log is unchanged
  kAbsent,   ///< its write had not begun
  kLast,     ///< it is the last one in the log
  kPresent,  ///< it is in the log, perhaps with others after it
  kSaid,     ///< the same, identified by the acknowledged sequence
};

struct Step {
  KillPoint point;
  std::uint64_t at;
  Group group;
};

/// How the process before the one that is killed ended.
enum class Before : std::uint8_t { kKilled, kStopped, kNone };

void PrintTo(const Step& step, std::ostream* out) { *out << NameOf(step.point) << '-' << step.at; }

class KillPointTest : public testing::TestWithParam<std::tuple<Step, Before>> {
 protected:
  /// Makes a store with some history, whose views are on disk or not.
  void Prepare(Before before) {
    if (before == Before::kNone) return;
    const KillPoint point =
        before == Before::kKilled ? KillPoint::kBeforeViewFlush : KillPoint::kNever;
    const KilledProcess first = store_.Run(point, 1);
    ASSERT_EQ(first.status, before == Before::kKilled ? -SIGKILL : 0) << first.output;
    ASSERT_EQ(first.said.size(), KillWorkload(0).size());
  }

  KilledStore store_;
};

std::string NameOfCase(const testing::TestParamInfo<std::tuple<Step, Before>>& info) {
  const auto& [step, before] = info.param;
  std::string name;
  bool word_begins = true;
  for (const char letter : NameOf(step.point)) {
    if (letter != '-') name += static_cast<char>(word_begins ? std::toupper(letter) : letter);
    word_begins = letter == '-';
  }
  name += std::to_string(step.at);
  if (before == Before::kKilled) return name + "AfterAKill";
  return name + (before == Before::kStopped ? "AfterAStop" : "OfANewStore");
}

TEST_P(KillPointTest, KeepsWhatWasAcknowledged) {
  const auto& [step, before] = GetParam();
  ASSERT_NO_FATAL_FAILURE(Prepare(before));
  const KilledProcess killed = store_.Run(step.point, step.at);
  ExpectKilledAt(killed, step.point);
  if (step.point == KillPoint::kAfterWatermark) {
    const auto watermark = storage::ReadWatermark(store_.path() / "WATERMARK");
    ASSERT_TRUE(watermark) << watermark.error().message;
    EXPECT_EQ(watermark->group, GroupNumber(killed.killed_detail));
  }
  store_.Check();
  const LogTip found = store_.found();
  store_.Check();  // again, after a clean stop
  const GroupNumber group(killed.killed_detail);
  switch (step.group) {
    case Group::kNone:
      EXPECT_TRUE(killed.said.empty());
      break;
    case Group::kAbsent:
      EXPECT_EQ(found.group.Next(), group);
      break;
    case Group::kLast:
      EXPECT_EQ(found.group, group);
      break;
    case Group::kPresent:
      EXPECT_GE(found.group, group);
      break;
    case Group::kSaid:
      EXPECT_GE(found.sequence, Sequence(killed.killed_detail));
      break;
  }
}

constexpr Step kOpening[] = {
    {KillPoint::kStoreOpened, 1, Group::kNone},
    {KillPoint::kReadCheckpoint, 1, Group::kNone},
    {KillPoint::kEngineStarted, 1, Group::kNone},
};
/// Only views on disk have campaigns and claims.
constexpr Step kReadingViews[] = {
    {KillPoint::kReadCampaigns, 1, Group::kNone},
    {KillPoint::kReadClaims, 1, Group::kNone},
};
/// If the views have only a checkpoint, the whole log is the tail; after a clean stop there is
/// none.
constexpr Step kReadingTheTail[] = {
    {KillPoint::kReadLog, 1, Group::kNone},
    {KillPoint::kReadLog, 5, Group::kNone},
    // The projector's first writes are those of the tail.
    {KillPoint::kBeforeViewWrite, 1, Group::kPresent},
    {KillPoint::kAfterViewWrite, 1, Group::kPresent},
};
constexpr Step kServing[] = {
    {KillPoint::kBeforeAppend, 1, Group::kAbsent},
    {KillPoint::kBeforeAppend, 2, Group::kAbsent},
    {KillPoint::kBeforeAppend, 7, Group::kAbsent},
    {KillPoint::kAfterAppend, 1, Group::kLast},
    {KillPoint::kAfterAppend, 2, Group::kLast},
    {KillPoint::kAfterAppend, 7, Group::kLast},
    {KillPoint::kAfterReply, 1, Group::kSaid},
    {KillPoint::kAfterReply, 7, Group::kSaid},
    {KillPoint::kBeforeViewWrite, 3, Group::kPresent},
    {KillPoint::kAfterViewWrite, 3, Group::kPresent},
    {KillPoint::kBeforeViewFlush, 1, Group::kPresent},
    {KillPoint::kAfterViewFlush, 1, Group::kPresent},
    {KillPoint::kBeforeWatermark, 1, Group::kPresent},
    {KillPoint::kBeforeWatermark, 6, Group::kPresent},
    {KillPoint::kAfterWatermark, 1, Group::kPresent},
    {KillPoint::kAfterWatermark, 6, Group::kPresent},
};

INSTANTIATE_TEST_SUITE_P(Opening, KillPointTest,
                         testing::Combine(testing::ValuesIn(kOpening),
                                          testing::Values(Before::kKilled, Before::kStopped)),
                         NameOfCase);
INSTANTIATE_TEST_SUITE_P(ReadingViews, KillPointTest,
                         testing::Combine(testing::ValuesIn(kReadingViews),
                                          testing::Values(Before::kStopped)),
                         NameOfCase);
INSTANTIATE_TEST_SUITE_P(ReadingTheTail, KillPointTest,
                         testing::Combine(testing::ValuesIn(kReadingTheTail),
                                          testing::Values(Before::kKilled)),
                         NameOfCase);
INSTANTIATE_TEST_SUITE_P(Serving, KillPointTest,
                         testing::Combine(testing::ValuesIn(kServing),
                                          testing::Values(Before::kNone, Before::kKilled,
                                                          Before::kStopped)),
                         NameOfCase);

/// The sweep over all file operations is split into parts, which can run in parallel.
constexpr std::uint64_t kParts = 4;

class FileOperationTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  /// Kills one process at each operation of this part; each starts from a copy of `before`.
  static void Sweep(const KilledStore* before) {
    std::uint64_t kills = 0;
    for (std::uint64_t at = 1 + GetParam();; at += kParts) {
      KilledStore store;
      if (before != nullptr) before->CopyTo(store);
      const std::size_t told_before = store.told();
      const KilledProcess killed = store.Run(KillPoint::kFileOperation, at);
      if (killed.status == 0) break;
      SCOPED_TRACE("file operation " + std::to_string(at));
      ExpectKilledAt(killed, KillPoint::kFileOperation);
      store.Check();
      ASSERT_FALSE(testing::Test::HasFailure())
          << store.told() - told_before << " replies were given";
      ++kills;
    }
    std::printf("%llu kills\n", static_cast<unsigned long long>(kills));
    EXPECT_GT(kills, 10U);
  }
};

TEST_P(FileOperationTest, KeepsWhatANewStoreAcknowledged) { Sweep(nullptr); }

TEST_P(FileOperationTest, KeepsWhatAStoreAcknowledgedAfterAKill) {
  KilledStore before;
  ASSERT_EQ(before.Run(KillPoint::kBeforeViewFlush, 1).status, -SIGKILL);
  Sweep(&before);
}

INSTANTIATE_TEST_SUITE_P(Part, FileOperationTest, testing::Range(std::uint64_t{0}, kParts));

}  // namespace
}  // namespace coupond::test
