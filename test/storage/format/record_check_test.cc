#include "storage/format/record_check.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/format/commit_record.h"
#include "storage/format/event_codec.h"
#include "storage/groups.h"

namespace coupond::storage {
namespace {

using test::CouponsAfter;

std::string Sealed(const CommitGroup& group, const GroupHash& previous) {
  std::string record;
  EventCodec().Write(group, previous, record);
  return record;
}

/// A chain behind its first two groups.
class RecordChainTest : public testing::Test {
 protected:
  RecordChainTest() {
    EXPECT_TRUE(chain_.Take(Sealed(test::FirstGroup(), {})));
    EXPECT_TRUE(chain_.Take(Sealed(CouponsAfter(chain_.tip()), chain_.tip().hash)));
  }
  /// The third group, changed, in an intact record.
  [[nodiscard]] std::string Third(const std::function<void(CommitGroup&)>& change) const {
    CommitGroup group = CouponsAfter(chain_.tip());
    change(group);
    return Sealed(group, chain_.tip().hash);
  }

  RecordChain chain_;
};

TEST_F(RecordChainTest, ReturnsEachGroupAndMovesTheTipBehindIt) {
  const CommitGroup third = CouponsAfter(chain_.tip());
  const auto taken = chain_.Take(Sealed(third, chain_.tip().hash));
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->group, third);
  EXPECT_EQ(chain_.tip(), TipOf(third, taken->hash));
}

TEST_F(RecordChainTest, NamesWhatIsWrongAndStaysWhereItWas) {
  using enum RecordFaultKind;
  std::string altered = Third([](CommitGroup&) {});
  altered[kRecordHeadBytes + 5] ^= 0x01;  // in the time
  const struct {
    RecordFaultKind kind;
    std::string record;
    std::optional<Sequence> sequence;
  } cases[] = {
      {kUndecodable, "short", {}},
      {kChainBroken, altered, {}},
      {kGroupNumberWrong, Third([](auto& group) { group.number = GroupNumber(4); }), {}},
      {kSequenceGap, Third([](auto& group) { group.first_sequence = Sequence(6); }), Sequence(5)},
      {kTimeWentBack, Third([](auto& group) { group.commit_time = test::At(-1); }), Sequence(5)},
      {kStoreCreatedAgain, Third([](auto& group) { group.events[1] = test::SomeStore(); }),
       Sequence(6)},
  };
  const LogTip tip = chain_.tip();
  for (const auto& [kind, record, sequence] : cases) {
    const auto taken = chain_.Take(record);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, kind) << taken.error().detail;
    EXPECT_EQ(taken.error().group, GroupNumber(3));
    EXPECT_EQ(taken.error().sequence, sequence) << taken.error().detail;
    EXPECT_EQ(chain_.tip(), tip);
  }
}

TEST_F(RecordChainTest, TimeGoesBackOnlyWhereAClockResetSaysSo) {
  using enum RecordFaultKind;
  const Timestamp before = chain_.tip().time;
  const ClockReset reset{.previous_time = before};
  const auto third = [&](Timestamp time, std::vector<Event> events) {
    return Third([&](CommitGroup& group) {
      group.commit_time = time;
      group.events = std::move(events);
    });
  };
  const auto coupon = [&] { return CouponsAfter(chain_.tip()).events.front(); };
  const struct {
    std::string record;
    std::optional<RecordFaultKind> fault;
    std::uint64_t sequence;
  } cases[] = {
      {third(test::At(-400), {reset}), {}, 0},
      {third(before, {reset}), {}, 0},
      {third(test::At(400), {reset}), {}, 0},
      {third(test::At(-400), {coupon()}), kTimeWentBack, 5},
      {third(test::At(-400), {reset, coupon()}), kClockResetWrong, 5},
      {third(test::At(-400), {coupon(), reset}), kClockResetWrong, 6},
      {third(before, {coupon(), reset}), kClockResetWrong, 6},
      {third(test::At(-400), {ClockReset{before.Plus(std::chrono::nanoseconds(1))}}),
       kClockResetWrong, 5},
      {third(test::At(-400), {ClockReset{test::At(-400)}}), kClockResetWrong, 5},
      {third(test::At(400), {ClockReset{}}), kClockResetWrong, 5},
  };
  for (const auto& row : cases) {
    RecordChain chain(chain_.tip());
    const auto taken = chain.Take(row.record);
    EXPECT_EQ(taken.has_value(), !row.fault.has_value());
    if (taken || !row.fault) continue;
    EXPECT_EQ(taken.error().kind, *row.fault) << taken.error().detail;
    EXPECT_EQ(taken.error().sequence, Sequence(row.sequence));
  }
}

TEST_F(RecordChainTest, TimeCountsAnewFromAClockReset) {
  const CommitGroup reset{.number = chain_.tip().group.Next(),
                          .first_sequence = chain_.tip().sequence.Next(),
                          .commit_time = test::At(-400),
                          .events = {ClockReset{.previous_time = chain_.tip().time}}};
  ASSERT_TRUE(chain_.Take(Sealed(reset, chain_.tip().hash)));
  EXPECT_EQ(chain_.tip().time, test::At(-400));
  const auto at = [this](std::int64_t seconds) {
    return Third([seconds](CommitGroup& group) { group.commit_time = test::At(seconds); });
  };
  const auto before = chain_.Take(at(-401));
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().kind, RecordFaultKind::kTimeWentBack);
  EXPECT_TRUE(chain_.Take(at(-399)));
}

TEST_F(RecordChainTest, TellsAMissingGroupFromAWrongKey) {
  EXPECT_TRUE(chain_.CheckKey(LogKey(GroupNumber(3))));
  const auto kind_of = [this](std::string_view key) { return chain_.CheckKey(key).error().kind; };
  EXPECT_EQ(kind_of(LogKey(GroupNumber(4))), RecordFaultKind::kGroupMissing);
  EXPECT_EQ(kind_of(LogKey(GroupNumber(2))), RecordFaultKind::kKeyWrong);
  EXPECT_EQ(kind_of("x"), RecordFaultKind::kKeyWrong);
}

TEST(RecordChain, ALogThatBeginsWithoutItsStoreIsRefused) {
  RecordChain chain;
  CommitGroup group = test::FirstGroup();
  group.events = CouponsAfter(TipOf(group, {})).events;
  const auto taken = chain.Take(Sealed(group, {}));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, RecordFaultKind::kStoreNotCreated);
  EXPECT_EQ(taken.error().sequence, Sequence(1));
}

}  // namespace
}  // namespace coupond::storage
