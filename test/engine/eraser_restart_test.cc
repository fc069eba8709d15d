#include <gmock/gmock.h>

#include <tuple>

#include "engine/eraser_fixture.h"

// What was logged is finished, whenever the engine ends.
namespace coupond {
namespace {

using test::At;
using test::Create;
using test::IssueTo;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class EraserRestartTest : public EraserFixture {
 protected:
  /// Campaign 1, and the users kim, with the coupons 1 and 3, and lee, with coupon 2.
  void SetUp() override {
    Start();
    Do(Create(1, "one", 100, At(0)));
    Do(IssueTo(1, 7, "kim"));
    Do(IssueTo(1, 8, "lee"));
    Do(IssueTo(1, 9, "kim"));
  }
  /// Expects that nothing is left to be done, and that nothing has a text of kim's.
  void ExpectAllDone() {
    EXPECT_EQ(unfinished(), 0U);
    EXPECT_THAT(texts_->hidden(), IsEmpty());
    EXPECT_THAT(views_.ListErasures().value(), IsEmpty());
    EXPECT_EQ(OnDisk("kim"), 0);
    EXPECT_EQ(OnDisk("lee"), 1);
    EXPECT_EQ(InViews(1, 0), "");
    EXPECT_EQ(InViews(1, 1), "lee");
    EXPECT_EQ(InViews(1, 2), "");
  }
};

/// After so many steps, with the views as they were written, or empty.
class EraserRestartAfterTest : public EraserRestartTest,
                               public testing::WithParamInterface<std::tuple<int, bool>> {
 protected:
  static constexpr int kStepsMax = 14;
};

TEST_P(EraserRestartAfterTest, WhatWasLoggedIsFinished) {
  const auto [steps, without_views] = GetParam();
  TryErase("kim");
  int left = steps;
  while (left > 0 &&
         (engine_->StepEraser() || engine_->StepSequencer() || engine_->StepProjector())) {
    --left;
  }
  // Or some of the steps were not interrupted.
  if (steps == kStepsMax) {
    ASSERT_GT(left, 0);
  }
  if (without_views) views_.Crash();
  Start();
  const bool was_logged = !Logged<UserErased>().empty();
  EXPECT_EQ(Readable("kim"), was_logged ? 0 : 2) << "from the start on";
  RunAll();
  EXPECT_THAT(Logged<ErasureFinished>(), SizeIs(was_logged ? 1 : 0));
  if (!was_logged) {
    EXPECT_EQ(OnDisk("kim"), 2) << "a request alone is lost";
    Erase("kim");
  }
  ExpectAllDone();
  EXPECT_THAT(Logged<UserErased>(), SizeIs(1));
  // The log is one that a start accepts, and there is nothing to do.
  Start();
  EXPECT_FALSE(engine_->StepEraser());
  ExpectAllDone();
}

INSTANTIATE_TEST_SUITE_P(Steps, EraserRestartAfterTest,
                         testing::Combine(testing::Range(0, 15), testing::Bool()));

TEST_F(EraserRestartTest, AnErasureJoinsAnInterruptedOne) {
  texts_->AnswerPurge(false);
  EXPECT_TRUE(Erase("kim").pending);
  Do(IssueTo(1, 10, "park"));
  Start();
  EXPECT_EQ(unfinished(), 2U);
  const ErasureReport report = Erase("park");
  EXPECT_EQ(report.coupons, 1U);
  EXPECT_FALSE(report.pending);
  ASSERT_THAT(texts_->purges(), SizeIs(1));
  EXPECT_THAT(texts_->purges()[0].groups,
              ElementsAre(GroupNumber(2), GroupNumber(4), GroupNumber(6)));
  EXPECT_EQ(OnDisk("park"), 0);
  ExpectAllDone();
}

TEST_F(EraserRestartTest, OnlyWhatIsUnfinishedIsHidden) {
  Erase("lee");
  texts_->AnswerPurge(false);
  EXPECT_TRUE(Erase("kim").pending);
  for (const bool without_views : {false, true}) {
    if (without_views) views_.Crash();
    Start();
    EXPECT_THAT(texts_->hidden(), ElementsAre(Serial(1), Serial(3)));
  }
}

TEST_F(EraserRestartTest, WhatIsUnfinishedIsOfADeletedCampaign) {
  texts_->AnswerPurge(false);
  EXPECT_TRUE(Erase("kim").pending);
  Do(test::Delete(1));
  Start();
  EXPECT_EQ(Readable("kim"), 0);
  RunAll();
  EXPECT_EQ(OnDisk("kim"), 0);
  EXPECT_EQ(unfinished(), 0U);
  ASSERT_THAT(texts_->purges(), SizeIs(1));
  EXPECT_THAT(texts_->purges()[0].campaigns, ElementsAre(CampaignNumber(1)));
}

}  // namespace
}  // namespace coupond
