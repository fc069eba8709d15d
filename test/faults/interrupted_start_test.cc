#include <functional>
#include <string>

#include "faults/faulty_files.h"
#include "storage/store_fixture.h"

/// A start that leaves out a torn record, and is itself interrupted at any of its steps.
namespace coupond::storage {
namespace {

using test::Outcome;
using test::Survivors;

class InterruptedStart : public test::StoreTest {
 protected:
  static constexpr std::uint64_t kWhole = 4;
  static constexpr std::uint64_t kAppended = 3;

  /// Creates a store with a long group after kWhole ones, of which a power failure left a part.
  void CreateTornStore(const std::function<void(std::string& wal, std::size_t begin)>& tear) {
    CreateStore(kWhole - 1, kWhole - 1);
    std::size_t begin = 0;
    {
      const auto store = Open();  // moves the earlier groups into a table
      EventLog& log = (*store)->log();
      ASSERT_EQ(Outcome(log.Append(test::CouponsAfter(log.Tip()))), "ok");
      (*store)->watermark().Advance({.group = log.Tip().group, .hash = log.Tip().hash});
      ASSERT_EQ(Outcome((*store)->watermark().Stop()), "ok");
      begin = std::filesystem::file_size(Wal());
      ASSERT_EQ(Outcome(log.Append(test::CouponsAfter(log.Tip(), 500))), "ok");
    }
    std::string wal = test::ReadFile(Wal());
    tear(wal, begin);
    test::WriteFile(Wal(), wal);
  }

  /// Starts on a copy, appends, and loses power at the nth change of a file. The rest must open
  /// with everything that was acknowledged. Returns whether there was an nth change.
  bool Interrupt(std::uint64_t nth) {
    const std::filesystem::path root = directory_.path() / "copy";
    const std::filesystem::path after = directory_.path() / "after";
    std::filesystem::create_directory(root);
    std::filesystem::copy(path(), root / "data", std::filesystem::copy_options::recursive);
    test::FaultyFiles files(root);
    files.Inject({.effect = test::Fault::Effect::kPowerLoss, .nth = nth});
    std::uint64_t acknowledged = kWhole;
    if (const auto store = Store::Open(root / "data", entropy_, clock_, files.env())) {
      EventLog& log = (*store)->log();
      while (acknowledged < kWhole + kAppended && test::AppendUpTo(log, acknowledged + 1)) {
        ++acknowledged;
      }
    }
    for (const Survivors survivors : {Survivors::kEverything, Survivors::kSyncedOnly,
                                      Survivors::kRandomPart, Survivors::kTornSectors}) {
      SCOPED_TRACE("survivors " + std::to_string(static_cast<int>(survivors)));
      files.WriteSurvivors(after, survivors, static_cast<std::uint32_t>(nth));
      ExpectOpens(after / "data", acknowledged);
      std::filesystem::remove_all(after);
    }
    std::filesystem::remove_all(root);
    return files.faults() > 0;
  }
  void InterruptEverywhere() {
    const test::SweepSteps steps = test::SweepSteps::Choose();
    std::uint64_t injected = 0;
    for (std::uint64_t nth = 1; !HasFailure(); nth = steps.After(nth)) {
      SCOPED_TRACE("interrupted at change " + std::to_string(nth));
      if (!Interrupt(nth)) break;
      ++injected;
    }
    std::printf("injected %llu faults\n", static_cast<unsigned long long>(injected));
    EXPECT_GT(injected, 5U);
  }

 private:
  void ExpectOpens(const std::filesystem::path& data, std::uint64_t acknowledged) {
    test::FaultyFiles healthy(directory_.path());  // no slow syncs
    for (int start = 1; start <= 2; ++start) {
      const auto store = Store::Open(data, entropy_, clock_, healthy.env());
      ASSERT_TRUE(store) << "start " << start << ": " << store.error().message;
      EventLog& log = (*store)->log();
      ASSERT_GE(log.Tip().group, GroupNumber(acknowledged));
      ASSERT_EQ(
          Outcome(log.Read(GroupNumber(1),
                           [](const CommitGroup&, const GroupHash&) -> Status { return {}; })),
          "ok");
      acknowledged = log.Tip().group.value() + 1;
      ASSERT_EQ(Outcome(test::AppendUpTo(log, acknowledged)), "ok");
    }
  }
};

TEST_F(InterruptedStart, IsFinishedByTheNextIfTheRecordHasAHole) {
  CreateTornStore([](std::string& wal, std::size_t begin) {
    const std::size_t sector = (begin / 512 + 1) * 512;
    wal.replace(sector, 512, 512, '\0');
  });
  InterruptEverywhere();
}

TEST_F(InterruptedStart, IsFinishedByTheNextIfTheRecordIsCutOff) {
  CreateTornStore([](std::string& wal, std::size_t) { wal.resize(wal.size() - 700); });
  InterruptEverywhere();
}

TEST_F(InterruptedStart, TheNextFinishesIfTheRecordHasNoBeginning) {
  CreateTornStore([](std::string& wal, std::size_t begin) {
    const std::size_t size = wal.size() - begin;
    wal.replace(begin, size, size, '\0');
  });
  InterruptEverywhere();
}

}  // namespace
}  // namespace coupond::storage
