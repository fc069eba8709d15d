#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "faults/fault_fixture.h"
#include "faults/log_facts.h"
#include "storage/repair/log_repair.h"
#include "storage/text_search.h"
#include "support/model.h"

/// One fault at the first operation of its kind, then at another, and so on to the last, while a
/// user is erased. Whatever happens, an erasure that was logged is finished by the next processes,
/// and the other users keep their texts.
namespace coupond::test {
namespace {

using Effect = Fault::Effect;

struct Sweep {
  const char* name;
  Fault fault;
  std::vector<Survivors> survivors;

  friend void PrintTo(const Sweep& sweep, std::ostream* out) { *out << sweep.name; }
};

const Sweep kSweeps[] = {
    {"PowerLoss",
     {.effect = Effect::kPowerLoss},
     {Survivors::kSyncedOnly, Survivors::kRandomPart, Survivors::kTornSectors}},
    {"IoErrorOnce", {.effect = Effect::kIoError, .once = true}, {Survivors::kEverything}},
    {"NoSpaceForever", {.effect = Effect::kNoSpace}, {Survivors::kEverything}},
};

class ErasureSweepTest : public FaultTest, public testing::WithParamInterface<Sweep> {
 protected:
  /// A store with coupons of both users, in tables and in the WAL.
  ErasureSweepTest() {
    std::filesystem::create_directories(past_path_);
    FaultyFiles files(past_path_);
    Ask(*StartAt(past_path_, files), past_told_,
        {Create(1, "one", 20, At(0)), Create(2, "two", 20, At(0)), IssueTo(1, 1, kErased),
         IssueTo(1, 2, kKept)});
    Ask(*StartAt(past_path_, files), past_told_, {IssueTo(2, 1, kErased), IssueTo(2, 2, kKept)});
  }

  std::unique_ptr<StoreRun> StartAt(const std::filesystem::path& root, FaultyFiles& files) {
    auto run = StoreRun::Start(root / "data", World(files.env()));
    EXPECT_TRUE(run) << run.error().message;
    return run ? *std::move(run) : nullptr;
  }
  static void Ask(StoreRun& run, Acknowledgements& told, const std::vector<Command>& commands) {
    told.Add(commands, run.Submit(commands));
  }
  static std::string ResultOf(const ErasureOutcome& outcome) {
    if (const auto* const error = std::get_if<Error>(&outcome)) return error->message;
    const auto* const report = std::get_if<ErasureReport>(&outcome);
    if (report == nullptr) return Describe(std::get<Reply>(outcome));
    return report->pending ? "pending" : "done";
  }

  /// Asks again while files are slow to go.
  static std::string EraseWholly(StoreRun& run, const std::string& user_id) {
    constexpr int kTries = 10;
    std::string result;
    for (int i = 0; i < kTries && result != "done"; ++i) result = ResultOf(run.Erase(user_id));
    return result;
  }

  /// Runs a life in which the user is erased, with a fault in it, and the next one. Returns whether
  /// the fault happened.
  bool LiveWith(const Fault& fault) {
    const std::filesystem::path root = FreshDirectory();
    std::filesystem::create_directories(root);
    std::filesystem::copy(past_path_ / "data", root / "data",
                          std::filesystem::copy_options::recursive);
    FaultyFiles files(root);
    files.Inject(fault);
    Acknowledgements told = past_told_;
    bool done = false;
    if (const auto run = StoreRun::Start(root / "data", World(files.env()))) {
      Ask(**run, told, {IssueTo(1, 3, kKept)});
      done = ResultOf((*run)->Erase(kErased)) == "done";
      Ask(**run, told, {IssueTo(2, 3, kKept)});
    }
    const bool happened = files.faults() > 0;
    EXPECT_TRUE(happened || done);
    done_ += happened && done ? 1 : 0;
    for (const Survivors survivors : GetParam().survivors) {
      SCOPED_TRACE("survivors " + std::to_string(static_cast<int>(survivors)));
      const std::filesystem::path after = FreshDirectory();
      files.WriteSurvivors(after, survivors, static_cast<std::uint32_t>(fault.nth));
      if (done) {
        EXPECT_THAT(FilesWith(after, kErased), testing::IsEmpty()) << "before a start";
      }
      ExpectErased(after, done);
      ExpectSound(after / "data", told);
      std::filesystem::remove_all(after);
    }
    std::filesystem::remove_all(root);
    return happened;
  }

  /// Runs another life on healthy files, which finishes what was begun.
  void ExpectErased(const std::filesystem::path& root, bool must_be_done) {
    {
      FaultyFiles healthy(root);
      const auto run = StartAt(root, healthy);
      ASSERT_NE(run, nullptr);
      // It is answered when nothing of anybody is left. Nothing else is asked before.
      ASSERT_EQ(EraseWholly(*run, "nobody"), "done");
      LogFacts facts;
      ASSERT_TRUE(facts.Read(run->store().log()));
      const bool is_logged = facts.IsErased(Serial(1));
      EXPECT_TRUE(is_logged || !must_be_done);
      EXPECT_THAT(facts.unfinished_erasures(), testing::IsEmpty());
      if (!is_logged) {
        ASSERT_EQ(EraseWholly(*run, kErased), "done");
      }
      ++(is_logged ? logged_ : not_logged_);
    }
    EXPECT_THAT(FilesWith(root, kErased), testing::IsEmpty());
    EXPECT_THAT(FilesWith(root, kKept), testing::Not(testing::IsEmpty()));
    // Records with fewer holders than events are whole.
    const auto repair = storage::LogRepair::Inspect(root / "data", nullptr);
    ASSERT_TRUE(repair) << repair.error().message;
    EXPECT_FALSE((*repair)->findings().needs_repair());
  }

  const std::string kErased = IncompressibleText(1);
  const std::string kKept = IncompressibleText(2);
  const std::filesystem::path past_path_ = directory_.path() / "past";
  Acknowledgements past_told_;
  int done_ = 0;
  int logged_ = 0;
  int not_logged_ = 0;
};

TEST_P(ErasureSweepTest, WhatWasLoggedIsFinishedByTheNextStart) {
  std::uint64_t injected = 0;
  const SweepSteps steps = SweepSteps::Choose();
  Fault fault = GetParam().fault;
  for (; !HasFailure(); fault.nth = steps.After(fault.nth)) {
    SCOPED_TRACE("at operation " + std::to_string(fault.nth));
    if (!LiveWith(fault)) break;
    ++injected;
  }
  std::printf("injected %llu faults; answered as done %d, found as logged %d, not %d\n",
              static_cast<unsigned long long>(injected), done_, logged_, not_logged_);
  EXPECT_GT(logged_, 0);
  EXPECT_GT(not_logged_, 0);
}

INSTANTIATE_TEST_SUITE_P(, ErasureSweepTest, testing::ValuesIn(kSweeps),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace coupond::test
