#include "support/model.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "support/builders.h"

namespace coupond::test {
namespace {

using Kind = ModelOutcome::Kind;

/// The model with a campaign of two coupons, which starts at second 10.
class ModelTest : public ::testing::Test {
 protected:
  ModelTest() { EXPECT_EQ(model_.Judge(Create(1, "one", 2, At(10)), At(0)).kind, Kind::kCreated); }

  RefusalReason RefusalOf(const Command& command, Timestamp time) {
    const ModelOutcome outcome = model_.Judge(command, time);
    EXPECT_EQ(outcome.kind, Kind::kRefused) << Describe(outcome);
    return outcome.reason;
  }

  Model model_{Sequence(1)};
};

TEST_F(ModelTest, IssuesFromTheStartOnUntilAllAreGone) {
  const ModelOutcome early = model_.Judge(Issue(1), At(9));
  EXPECT_EQ(early.reason, RefusalReason::kNotStarted);
  EXPECT_EQ(early.start_time, At(10));
  EXPECT_EQ(model_.Judge(Issue(1), At(10)).serial, Serial(1));
  EXPECT_EQ(model_.Judge(Issue(1), At(11)).serial, Serial(2));
  EXPECT_EQ(RefusalOf(Issue(1), At(12)), RefusalReason::kSoldOut);
}

TEST_F(ModelTest, AClaimKeepsItsCouponAlsoWhenSoldOut) {
  EXPECT_EQ(model_.Judge(IssueTo(1, 7), At(10)).kind, Kind::kIssued);
  EXPECT_EQ(model_.Judge(Issue(1), At(10)).kind, Kind::kIssued);
  const ModelOutcome again = model_.Judge(IssueTo(1, 7), At(20));
  EXPECT_EQ(again.kind, Kind::kHeld);
  EXPECT_EQ(again.serial, Serial(1));
  EXPECT_EQ(again.sequence, Sequence(4));
}

TEST_F(ModelTest, WhatIsDeletedIsGoneButItsSerialsAreNotFree) {
  EXPECT_EQ(model_.Judge(Delete(1), At(1)).kind, Kind::kDeleted);
  EXPECT_EQ(RefusalOf(Issue(1), At(20)), RefusalReason::kNoSuchCampaign);
  EXPECT_EQ(RefusalOf(Delete(1), At(20)), RefusalReason::kNoSuchCampaign);
  const ModelOutcome same_name = model_.Judge(Create(2, "one", 1, At(30)), At(20));
  EXPECT_EQ(same_name.campaign, CampaignNumber(2));
  EXPECT_EQ(same_name.serial, Serial(3));
}

TEST_F(ModelTest, ThePastCanBeLookedUp) {
  model_.Judge(Issue(1), At(10));
  model_.Judge(Issue(1), At(10));
  model_.Judge(Delete(1), At(10));
  const ModelCampaign& campaign = model_.campaigns().at(CampaignNumber(1));
  EXPECT_FALSE(campaign.IsThereAt(Sequence(1)));
  EXPECT_TRUE(campaign.IsThereAt(Sequence(4)));
  EXPECT_FALSE(campaign.IsThereAt(Sequence(5)));
  EXPECT_EQ(campaign.IssuedAt(Sequence(2)), 0U);
  EXPECT_EQ(campaign.IssuedAt(Sequence(3)), 1U);
  EXPECT_EQ(campaign.IssuedAt(Sequence(4)), 2U);
}

/// Breaks every rule of creating at once, then mends one in each row.
TEST_F(ModelTest, RefusesInTheOrderOfPrecedence) {
  CreateCampaign command{.id = Id(2), .name = "", .total_coupons = 0, .start_time = {}};
  struct Row {
    RefusalReason refused;
    std::function<void()> mend;
  };
  const std::vector<Row> rows = {
      {RefusalReason::kNameEmpty,
       [&] {
         for (int i = 0; i < 201; ++i) command.name += "봄";
       }},
      {RefusalReason::kNameTooLong, [&] { command.name = "one"; }},
      {RefusalReason::kTotalTooSmall, [&] { command.total_coupons = 100'000'001; }},
      {RefusalReason::kTotalTooLarge, [&] { command.total_coupons = 100'000'000; }},
      {RefusalReason::kStartTimeMissing, [&] { command.start_time = At(4); }},
      {RefusalReason::kStartTimeInPast,
       [&] { command.start_time = Timestamp::FromUnixNanoseconds(7'258'118'400'000'000'000); }},
      {RefusalReason::kStartTimeTooLate, [&] { command.start_time = At(5); }},
      {RefusalReason::kNameTaken, [&] { command.name = "two"; }},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Describe(RefusalOf(command, At(5))), Describe(row.refused));
    row.mend();
  }
  EXPECT_EQ(model_.Judge(command, At(5)).kind, Kind::kCreated);
}

TEST_F(ModelTest, EveryPartOfAReplyCounts) {
  const ModelOutcome expected = model_.Judge(IssueTo(1, 7), At(10));
  const GrantedCoupon granted{CampaignNumber(1), Serial(1), At(10)};
  const Reply right{At(10), Sequence(3), granted};
  EXPECT_FALSE(Difference(expected, At(10), right));
  const std::vector<Reply> wrong = {
      {At(11), Sequence(3), granted},
      {At(10), Sequence(4), granted},
      {At(10), Sequence(3), GrantedCoupon{CampaignNumber(2), Serial(1), At(10)}},
      {At(10), Sequence(3), GrantedCoupon{CampaignNumber(1), Serial(2), At(10)}},
      {At(10), Sequence(3), GrantedCoupon{CampaignNumber(1), Serial(1), At(10), true}},
      {At(10), Sequence(3), GrantedCoupon{CampaignNumber(1), Serial(1), At(9)}},
      {At(10), Sequence(3), Done{}},
      {At(10), Sequence(3), Refusal{RefusalReason::kSoldOut, {}}},
      {At(10), Sequence(3), Unavailable{}},
  };
  for (const Reply& reply : wrong) EXPECT_TRUE(Difference(expected, At(10), reply));

  const ModelOutcome refused = model_.Judge(Issue(9), At(10));
  EXPECT_FALSE(Difference(refused, At(10),
                          {At(10), Sequence(3), Refusal{RefusalReason::kNoSuchCampaign, {}}}));
  EXPECT_TRUE(
      Difference(refused, At(10), {At(10), Sequence(3), Refusal{RefusalReason::kNotStarted, {}}}));
  EXPECT_TRUE(Difference(refused, At(10),
                         {At(10), Sequence(3), Refusal{RefusalReason::kNoSuchCampaign, At(1)}}));
}

}  // namespace
}  // namespace coupond::test
