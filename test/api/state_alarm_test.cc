#include "api/state_alarm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "support/builders.h"
#include "support/manual_executor.h"

namespace coupond::api {
namespace {

using std::chrono::milliseconds;
using test::At;
using test::Id;
using testing::ElementsAre;
using testing::IsEmpty;

class StateAlarmTest : public testing::Test {
 protected:
  void Wait(milliseconds time) {
    clock_.Set(clock_.Now().Plus(time));
    executor_.Advance(time);
  }

  test::FakeClock clock_{At(0)};
  test::ManualExecutor executor_;
  std::vector<CampaignId> due_;
  StateAlarm alarm_{clock_, executor_, [this] {
                      for (const CampaignId& id : alarm_.TakeDue(clock_.Now())) due_.push_back(id);
                    }};
};

TEST_F(StateAlarmTest, GoesOffOnceForEach) {
  alarm_.Expect(Id(2), At(2));
  alarm_.Expect(Id(1), At(1));
  alarm_.Expect(Id(3), kNever);
  Wait(milliseconds(999));
  EXPECT_THAT(due_, IsEmpty());
  Wait(milliseconds(1));
  EXPECT_THAT(due_, ElementsAre(Id(1)));
  Wait(milliseconds(999));
  EXPECT_THAT(due_, ElementsAre(Id(1)));
  for (int i = 0; i < 10; ++i) Wait(milliseconds(1'000));
  EXPECT_THAT(due_, ElementsAre(Id(1), Id(2)));
}

TEST_F(StateAlarmTest, TheEarlierOfTwoMomentsCounts) {
  alarm_.Expect(Id(1), At(3));
  alarm_.Expect(Id(1), At(1));
  alarm_.Expect(Id(1), At(2));
  Wait(milliseconds(1'000));
  EXPECT_THAT(due_, ElementsAre(Id(1)));
  Wait(milliseconds(5'000));
  EXPECT_THAT(due_, ElementsAre(Id(1)));
}

TEST_F(StateAlarmTest, WhatIsForgottenIsNotDue) {
  alarm_.Expect(Id(1), At(1));
  alarm_.Expect(Id(2), At(1));
  alarm_.Forget(Id(1));
  alarm_.Forget(Id(1));
  Wait(milliseconds(1'000));
  EXPECT_THAT(due_, ElementsAre(Id(2)));
}

TEST_F(StateAlarmTest, AMomentInThePastIsDueAtOnce) {
  alarm_.Expect(Id(1), At(-5));
  EXPECT_THAT(due_, IsEmpty());
  Wait(milliseconds(0));
  EXPECT_THAT(due_, ElementsAre(Id(1)));
}

TEST_F(StateAlarmTest, IsNeverEarlyForAFractionOfAMillisecond) {
  alarm_.Expect(Id(1), At(1).Plus(std::chrono::nanoseconds(1)));
  Wait(milliseconds(1'000));
  EXPECT_THAT(due_, IsEmpty());
  Wait(milliseconds(1));
  EXPECT_THAT(due_, ElementsAre(Id(1)));
}

}  // namespace
}  // namespace coupond::api
