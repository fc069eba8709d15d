#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/rules/limits.h"
#include "storage/repair/log_repair_fixture.h"

/// How a repair lets the store go on, and what it leaves when it is interrupted.
namespace coupond::storage {
namespace {

using test::Outcome;

class RepairStepsTest : public LogRepairTest {
 protected:
  /// Calls `try_step` for each step, with the store as it is now.
  void ForEachStep(const std::function<void(RepairStep step)>& try_step) {
    const std::filesystem::path damaged = directory_.path() / "damaged";
    std::filesystem::rename(path(), damaged);
    for (const RepairStep step :
         {RepairStep::kCopyLog, RepairStep::kVerifyCopy, RepairStep::kKeepOld,
          RepairStep::kRemoveWatermark, RepairStep::kSwapLog, RepairStep::kRemoveViews,
          RepairStep::kWriteWatermark}) {
      SCOPED_TRACE("until step " + std::to_string(static_cast<int>(step)));
      std::filesystem::remove_all(path());
      std::filesystem::copy(damaged, path(), std::filesystem::copy_options::recursive);
      try_step(step);
    }
    std::filesystem::remove_all(damaged);
  }
  /// Repairs until that step, and leaves the directory as a crash does, without cleaning up.
  void RepairUntil(RepairStep last) {
    const std::filesystem::path crashed = directory_.path() / "crashed";
    {
      const auto repair = Inspect();
      ASSERT_EQ(Outcome(repair), "ok");
      std::vector<RepairStep> seen;
      const auto ended = (*repair)->AcceptLoss(entropy_, clock_, nullptr, [&](RepairStep step) {
        seen.push_back(step);
        return step != last;
      });
      EXPECT_EQ(Outcome(ended), "unavailable");
      ASSERT_FALSE(seen.empty());
      EXPECT_EQ(seen.back(), last);
      std::filesystem::copy(path(), crashed, std::filesystem::copy_options::recursive);
    }
    std::filesystem::remove_all(path());
    std::filesystem::rename(crashed, path());
  }
  /// Reports whether all of the log with these files is still somewhere.
  [[nodiscard]] bool IsKept(const std::map<std::string, std::string>& bytes) const {
    bool kept = LogBytes(path()) == bytes;
    for (const auto& entry : std::filesystem::directory_iterator(path())) {
      if (std::filesystem::exists(entry.path() / "log")) kept |= LogBytes(entry.path()) == bytes;
    }
    return kept;
  }
  /// Returns the serial with which the log's last event lets the store go on; nullopt if it is
  /// another event.
  std::optional<Serial> NewSerial() {
    const auto store = Open();
    if (!store) return std::nullopt;
    std::optional<Serial> serial;
    const auto note = [&](const CommitGroup& group, const GroupHash&) -> Status {
      const auto* const restored = std::get_if<StoreRestored>(&group.events.back());
      if (restored != nullptr) serial = restored->first_serial;
      return {};
    };
    EXPECT_EQ(Outcome((*store)->log().Read((*store)->log().Tip().group, note)), "ok");
    return serial;
  }
  /// Creates a store with a campaign of that total behind `first`, and loses its WATERMARK.
  void CreateStoreWithACampaign(Serial first, std::int64_t total) {
    std::filesystem::remove_all(path());
    CreateStore(1, 1);
    {
      const auto store = Open();
      EventLog& log = (*store)->log();
      CommitGroup group = test::AnonymousCouponsAfter(log.Tip(), 1);
      group.commit_time = test::At(100);
      group.events = {CampaignCreated{.number = CampaignNumber(1),
                                      .id = test::Id(7),
                                      .terms = {.name = "spring", .total_coupons = total},
                                      .first_serial = first}};
      ASSERT_EQ(Outcome(log.Append(group)), "ok");
    }
    std::filesystem::remove(path() / "WATERMARK");
  }
};

TEST_F(RepairStepsTest, AnInterruptedRepairIsRefusedAndCanBeFinished) {
  constexpr std::uint64_t kKept = 11;
  const auto damage_the_next_group = [&] {
    ChangeWal([&](auto& wal) { wal[PlaceOf(kKept + 1) + 40] ^= 1; });
  };
  const struct {
    const char* name;
    std::uint64_t groups;
    std::uint64_t marked;  ///< by WATERMARK
    std::function<void()> damage;
  } cases[] = {
      {"many acknowledged groups are lost", 20, 20, damage_the_next_group},
      // The new log has a group of that number, but another one.
      {"WATERMARK names the first lost group", 20, kKept + 1, damage_the_next_group},
      {"nothing acknowledged is lost", 20, kKept, damage_the_next_group},
      {"the log just ends before WATERMARK", kKept + 1, kKept + 1,
       [&] { std::filesystem::resize_file(Wal(), PlaceOf(kKept + 1) - 20); }},
  };
  for (const auto& damaged : cases) {
    CreateKnownStore(damaged.groups, damaged.groups);
    damaged.damage();
    ASSERT_EQ(Outcome(WriteWatermark(path() / "WATERMARK", {.group = GroupNumber(damaged.marked),
                                                            .hash = HashOf(damaged.marked)})),
              "ok");
    const auto bytes = LogBytes(path());
    const std::string refused = Reopen();
    ASSERT_FALSE(refused.starts_with("ok")) << refused;
    ForEachStep([&](RepairStep last) {
      SCOPED_TRACE(damaged.name);
      RepairUntil(last);
      const bool removed = last > RepairStep::kRemoveWatermark;
      EXPECT_EQ(Reopen(), removed ? "watermark_missing" : refused);
      EXPECT_TRUE(IsKept(bytes));
      const std::uint64_t repairs = last > RepairStep::kSwapLog ? 2 : 1;
      EXPECT_EQ(Repair(), "ok with " + std::to_string(kKept + repairs - 1) + " groups");
      ExpectFirstGroups(kKept, repairs);
      EXPECT_FALSE(std::filesystem::exists(path() / "repair-scratch"));
    });
  }
}

TEST_F(RepairStepsTest, ViewsAheadStopNoInterruptedRepair) {
  for (const std::uint64_t seen : {kInTable + 1, kInTable + 2, kInTable + 3}) {
    CreateKnownStore(kInTable, kInTable);
    {
      const auto store = Open();
      ASSERT_EQ(Outcome(test::AppendUpTo((*store)->log(), seen)), "ok");
      WriteViews(**store);
    }
    std::filesystem::remove(Wal());
    ASSERT_EQ(Reopen(), "log_behind_watermark");
    ForEachStep([&](RepairStep last) {
      SCOPED_TRACE(std::to_string(seen) + " groups in the views");
      RepairUntil(last);
      EXPECT_FALSE(Reopen().starts_with("ok"));
      const std::uint64_t repairs = last > RepairStep::kSwapLog ? 2 : 1;
      EXPECT_EQ(Repair(), "ok with " + std::to_string(kInTable + repairs - 1) + " groups");
      ExpectFirstGroups(kInTable, repairs);
    });
  }
}

TEST_F(RepairStepsTest, TheStoreGoesOnWithNewSerialsForWhatIsLeft) {
  CreateStoreWithACampaign(Serial(5), 10);
  clock_.Set(test::At(99));
  const auto repair = Inspect();
  ASSERT_EQ(Outcome(repair), "ok");
  const auto repaired = (*repair)->AcceptLoss(entropy_, clock_, nullptr, nullptr);
  ASSERT_EQ(Outcome(repaired), "ok");
  EXPECT_EQ(repaired->tip.group, GroupNumber(3));
  EXPECT_EQ(repaired->tip.sequence, Sequence(3));
  EXPECT_EQ(repaired->tip.time, test::At(100));  // the clock is behind the log
  EXPECT_EQ(repaired->serials.live_campaigns, 1U);
  EXPECT_EQ(repaired->serials.places_left, 10U);
  EXPECT_GE(repaired->serials.first, Serial(15));
  const Watermark watermark = ReadWatermark(path() / "WATERMARK").value();
  EXPECT_EQ(watermark, (Watermark{.group = repaired->tip.group, .hash = repaired->tip.hash}));
}

TEST_F(RepairStepsTest, EachRepairDrawsOtherSerials) {
  CreateStoreWithACampaign(Serial(5), 10);
  EXPECT_EQ(Repair(), "ok with 2 groups");
  const auto first = NewSerial();
  ASSERT_TRUE(first);
  CreateStoreWithACampaign(Serial(5), 10);
  EXPECT_EQ(Repair(), "ok with 2 groups");
  const auto second = NewSerial();
  ASSERT_TRUE(second);
  EXPECT_NE(*second, *first);
}

TEST_F(RepairStepsTest, TooFewSerialsLeaveEverythingAsItIs) {
  CreateStoreWithACampaign(Serial(limits::kRestoredSerialEnd - 20), 10);
  const auto before = Contents();
  EXPECT_EQ(Repair(), "serials_exhausted");
  EXPECT_EQ(Contents(), before);
}

}  // namespace
}  // namespace coupond::storage
