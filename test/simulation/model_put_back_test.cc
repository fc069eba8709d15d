#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "simulation/histories.h"
#include "simulation/model_fixture.h"

// What the model knows of a store that was put back.
namespace coupond::test {
namespace {

class ModelPutBackTest : public ModelTest {
 protected:
  [[nodiscard]] const ModelCampaign& Campaign(std::uint64_t number) const {
    return model_.campaigns().at(CampaignNumber(number));
  }
  [[nodiscard]] std::vector<SerialRange> SerialsOf(std::uint64_t number) const {
    return Campaign(number).state().serials;
  }
  static SerialRange Range(std::uint64_t first, std::uint64_t count) {
    return {.first = Serial(first), .count = count};
  }
};

TEST_F(ModelPutBackTest, CampaignsGetNewSerialsForFreePlaces) {
  model_.Judge(Create(2, "two", 3, At(10)), At(10));
  model_.Judge(Create(3, "three", 3, At(10)), At(10));
  model_.Judge(Issue(1), At(10));
  model_.Judge(Issue(3), At(10));
  model_.Judge(Delete(2), At(10));
  model_.PutBack(Serial(100), At(20));
  EXPECT_EQ(SerialsOf(1), (std::vector{Range(1, 1), Range(100, 1)}));
  EXPECT_EQ(SerialsOf(2), std::vector{Range(3, 3)});
  EXPECT_EQ(SerialsOf(3), (std::vector{Range(6, 1), Range(101, 2)}));
  EXPECT_EQ(model_.next_serial(), Serial(103));
  EXPECT_EQ(model_.last_event_time(), At(20));
  EXPECT_EQ(model_.Judge(Issue(1), At(20)).serial, Serial(100));
  EXPECT_EQ(model_.Judge(Issue(1), At(20)).reason, RefusalReason::kSoldOut);
  EXPECT_EQ(model_.Judge(Issue(3), At(20)).serial, Serial(101));
}

TEST_F(ModelPutBackTest, WhatWasGivenUpIsKnown) {
  model_.Judge(Issue(1), At(10));
  model_.PutBack(Serial(100), At(20));
  ASSERT_EQ(model_.given_up().size(), 1U);
  EXPECT_EQ(model_.given_up().front().since, model_.last_sequence());
  EXPECT_EQ(model_.given_up().front().serials, Range(2, 1));
  EXPECT_EQ(RefusalOf(Redeem(2), At(20)), RefusalReason::kNoSuchCoupon);
}

TEST_F(ModelPutBackTest, ThePastStaysAsItWas) {
  const Sequence before = model_.last_sequence();
  model_.PutBack(Serial(100), At(20));
  const Sequence after = model_.last_sequence();
  EXPECT_EQ(Campaign(1).StateAt(before).serials, std::vector{Range(1, 2)});
  EXPECT_EQ(Campaign(1).StateAt(after).serials, std::vector{Range(100, 2)});
  EXPECT_EQ(model_.NextNumbersAt(before).second, Serial(3));
  EXPECT_EQ(model_.NextNumbersAt(after).second, Serial(102));
}

TEST_F(ModelPutBackTest, WithoutFreePlacesTheFirstNewSerialIsNext) {
  model_.Judge(Delete(1), At(10));
  model_.PutBack(Serial(100), At(20));
  EXPECT_EQ(model_.NextNumbersAt(model_.last_sequence()).second, Serial(100));
  EXPECT_EQ(model_.Judge(Create(2, "two", 3, At(20)), At(20)).serial, Serial(100));
}

TEST_F(ModelPutBackTest, AReturnedPlaceNeedsSerialsAnew) {
  model_.Judge(Issue(1), At(10));
  model_.Judge(Issue(1), At(10));
  model_.Judge(Return(1), At(10));
  model_.PutBack(Serial(9'000), At(20));
  EXPECT_EQ(SerialsOf(1), (std::vector{Range(1, 2), Range(9'000, 1)}));
  const ModelOutcome again = model_.Judge(Return(2), At(20));
  EXPECT_EQ(std::get<CouponVoided>(*again.event).added_serials, Range(9'001, 1'024));
}

TEST(SimulatedHistories, AnEventIsOfTheHistoryThatWroteIt) {
  simulation::Histories histories;
  EXPECT_EQ(histories.WriterOf(Sequence(9)), 0U);
  histories.Branch(0, Sequence(5));  // 1
  EXPECT_EQ(histories.WriterOf(Sequence(5)), 0U);
  EXPECT_EQ(histories.WriterOf(Sequence(6)), 1U);
  histories.Branch(1, Sequence(8));  // 2
  EXPECT_EQ(histories.WriterOf(Sequence(5)), 0U);
  EXPECT_EQ(histories.WriterOf(Sequence(8)), 1U);
  EXPECT_EQ(histories.WriterOf(Sequence(9)), 2U);
  // Back to a backup of the first one, which the others have left.
  histories.Branch(0, Sequence(7));  // 3
  EXPECT_EQ(histories.WriterOf(Sequence(7)), 0U);
  EXPECT_EQ(histories.WriterOf(Sequence(8)), 3U);
  EXPECT_EQ(histories.present(), 3U);
}

}  // namespace
}  // namespace coupond::test
