#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>

#include "faults/fault_fixture.h"

/// One fault at the first operation of its kind, then at another, and so on to the last, while a
/// store is created or opened, serves and stops. Whatever happens, the next start on healthy files
/// finds everything that was acknowledged, and is never refused.
namespace coupond::test {
namespace {

constexpr std::size_t kBatches = 8;

/// The state of the store at first: new, or with a history.
enum class Begin : std::uint8_t { kNew, kExisting };

void PrintTo(Begin begin, std::ostream* out) {
  *out << (begin == Begin::kNew ? "in a new store" : "in an old store");
}

struct Sweep {
  const char* name;
  Fault fault;
  /// What may be left of unsynced changes when the process has ended.
  std::vector<Survivors> survivors;

  friend void PrintTo(const Sweep& sweep, std::ostream* out) { *out << sweep.name; }
};

using Effect = Fault::Effect;

/// When only the process ends, and when the power fails too.
const std::vector<Survivors> kProcessEnds{Survivors::kEverything, Survivors::kSyncedOnly};
const std::vector<Survivors> kPowerGoes{Survivors::kSyncedOnly, Survivors::kEverything,
                                        Survivors::kRandomPart, Survivors::kTornSectors};

const Sweep kSweeps[] = {
    {"PowerLoss", {.effect = Effect::kPowerLoss}, kPowerGoes},
    {"IoErrorOnce", {.effect = Effect::kIoError, .once = true}, kProcessEnds},
    {"IoErrorForever", {.effect = Effect::kIoError}, kProcessEnds},
    {"NoSpaceOnce", {.effect = Effect::kNoSpace, .once = true}, kProcessEnds},
    {"NoSpaceForever", {.effect = Effect::kNoSpace}, kProcessEnds},
    {"ShortWriteOnce",
     {.effect = Effect::kShortWrite, .operation = FileOperation::kAppend, .once = true},
     kProcessEnds},
    {"AppendThatMayHaveHappened",
     {.effect = Effect::kUnsureWrite, .operation = FileOperation::kAppend, .once = true},
     kProcessEnds},
    {"SyncThatMayHaveHappened",
     {.effect = Effect::kUnsureWrite, .operation = FileOperation::kSync, .once = true},
     kProcessEnds},
    {"DirectorySyncThatMayHaveHappened",
     {.effect = Effect::kUnsureWrite, .operation = FileOperation::kSyncDirectory, .once = true},
     kProcessEnds},
    {"RenameThatMayHaveHappened",
     {.effect = Effect::kUnsureWrite, .operation = FileOperation::kRename, .once = true},
     kProcessEnds},
    {"IoErrorOnOpenForReading",
     {.effect = Effect::kIoError, .operation = FileOperation::kOpenForReading, .once = true},
     kProcessEnds},
    {"IoErrorOnRead",
     {.effect = Effect::kIoError, .operation = FileOperation::kRead, .once = true},
     kProcessEnds},
    {"FlippedBitOnRead",
     {.effect = Effect::kFlippedBit, .operation = FileOperation::kRead, .once = true, .bit = 77},
     kProcessEnds},
    {"FlippedFirstBitOnRead",
     {.effect = Effect::kFlippedBit, .operation = FileOperation::kRead, .once = true},
     kProcessEnds},
};

class FaultSweepTest : public FaultTest,
                       public testing::WithParamInterface<std::tuple<Begin, Sweep>> {
 protected:
  [[nodiscard]] Begin begin() const { return std::get<0>(GetParam()); }
  [[nodiscard]] const Sweep& sweep() const { return std::get<1>(GetParam()); }

  /// A store with tables, a WAL, and views that are behind the log.
  void MakeThePast() {
    std::filesystem::create_directories(past_path_);
    FaultyFiles files(past_path_);
    for (const bool clean : {true, true, false}) {
      auto run = StoreRun::Start(past_path_ / "data", World(files.env()));
      ASSERT_TRUE(run) << run.error().message;
      for (std::size_t i = 0; i < kBatches; ++i) {
        const std::vector<Command> batch = commands_.Next();
        const std::vector<Reply> replies = (*run)->Submit(batch);
        commands_.Learn(batch, replies);
        past_told_.Add(batch, replies);
      }
      if (!clean) files.LosePower();
      EXPECT_EQ((*run)->Stop().has_value(), clean);
    }
    EXPECT_GT(past_told_.redeemed(), 0U);
  }

  /// Runs a life with a fault in it, and the next start. Returns whether the fault happened.
  bool LiveWith(const Fault& fault) {
    const std::filesystem::path root = FreshDirectory();
    std::filesystem::create_directories(root);
    Acknowledgements told;
    CommandSource commands = commands_;
    if (begin() == Begin::kExisting) {
      told = past_told_;
      std::filesystem::copy(past_path_ / "data", root / "data",
                            std::filesystem::copy_options::recursive);
    }
    FaultyFiles files(root);
    files.Inject(fault);
    const Status end = Live(root / "data", files, commands, kBatches, told);
    const bool happened = files.faults() > 0;
    if (happened) {
      ++ends_[end ? "ok" : std::string(ErrorCodeName(end.error().code))];
      ExpectSilenceAfterAFailedAppend(files);
      for (const Survivors survivors : sweep().survivors) {
        SCOPED_TRACE("survivors " + std::to_string(static_cast<int>(survivors)));
        const std::filesystem::path after = FreshDirectory();
        files.WriteSurvivors(after, survivors, static_cast<std::uint32_t>(fault.nth));
        ExpectSound(after / "data", told);
        std::filesystem::remove_all(after);
      }
    } else {
      EXPECT_TRUE(end) << end.error().message;
    }
    std::filesystem::remove_all(root);
    return happened;
  }

  static void ExpectSilenceAfterAFailedAppend(const FaultyFiles& files) {
    const FaultyFiles::Done fault = *files.first_fault();
    const bool append =
        fault.operation == FileOperation::kAppend || fault.operation == FileOperation::kSync;
    if (!append || !fault.path.ends_with(".log")) return;
    EXPECT_EQ(files.CountSinceFault(FileOperation::kAppend, ".log"), 0U);
    EXPECT_EQ(files.CountSinceFault(FileOperation::kSync, ".log"), 0U);
  }

  const std::filesystem::path past_path_ = directory_.path() / "past";
  Acknowledgements past_told_;
  CommandSource commands_{7};  // after the history: no two campaigns ever have the same id
  std::map<std::string, int> ends_;
};

TEST_P(FaultSweepTest, TheNextStartFindsEverythingAcknowledged) {
  if (begin() == Begin::kExisting) MakeThePast();
  std::uint64_t injected = 0;
  const SweepSteps steps = SweepSteps::Choose();
  Fault fault = sweep().fault;
  for (; !HasFailure(); fault.nth = steps.After(fault.nth)) {
    SCOPED_TRACE("at operation " + std::to_string(fault.nth));
    if (!LiveWith(fault)) break;
    ++injected;
  }
  std::printf("injected %llu faults; the process ended with:",
              static_cast<unsigned long long>(injected));
  for (const auto& [end, count] : ends_) std::printf(" %s %d", end.c_str(), count);
  std::printf("\n");
  EXPECT_GT(injected, 0U);
}

INSTANTIATE_TEST_SUITE_P(, FaultSweepTest,
                         testing::Combine(testing::Values(Begin::kNew, Begin::kExisting),
                                          testing::ValuesIn(kSweeps)),
                         [](const auto& param) {
                           return std::string(std::get<1>(param.param).name) +
                                  (std::get<0>(param.param) == Begin::kNew ? "InANewStore"
                                                                           : "InAnOldStore");
                         });

}  // namespace
}  // namespace coupond::test
