#include "support/model.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "support/builders.h"

namespace coupond::test {
namespace {

using Kind = ModelOutcome::Kind;

constexpr Timestamp kYear2200 = Timestamp::FromUnixNanoseconds(7'258'118'400'000'000'000);

/// The model with a campaign of two coupons, which starts at second 10.
class ModelTest : public ::testing::Test {
 protected:
  ModelTest() { EXPECT_EQ(model_.Judge(Create(1, "one", 2, At(10)), At(0)).kind, Kind::kCreated); }

  /// One row of a table of refusals: what is refused at first, and what mends it.
  struct Row {
    RefusalReason refused;
    std::function<void()> mend;
  };
  /// Judges the command again and again, and mends one row after each refusal.
  template <typename AnyCommand>
  void ExpectRefusals(const AnyCommand& command, Timestamp time, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      EXPECT_EQ(Describe(RefusalOf(command, time)), Describe(row.refused));
      row.mend();
    }
    EXPECT_TRUE(model_.Judge(command, time).has_event());
  }

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
  EXPECT_EQ(early.at, At(10));
  EXPECT_EQ(model_.Judge(Issue(1), At(10)).serial, Serial(1));
  EXPECT_EQ(model_.Judge(Issue(1), At(11)).serial, Serial(2));
  const ModelOutcome late = model_.Judge(Issue(1), At(12));
  EXPECT_EQ(late.reason, RefusalReason::kSoldOut);
  EXPECT_EQ(late.at, At(11));
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
  CreateCampaign command{.id = Id(2),
                         .name = "",
                         .total_coupons = 0,
                         .start_time = {},
                         .end_time = kYear2200,
                         .description = std::string(2'001, 'x'),
                         .metadata = std::vector<MetadataEntry>(33)};
  ExpectRefusals(command, At(5),
                 {
                     {RefusalReason::kNameEmpty,
                      [&] {
                        for (int i = 0; i < 201; ++i) command.name += "봄";
                      }},
                     {RefusalReason::kNameTooLong, [&] { command.name = "one"; }},
                     {RefusalReason::kTotalTooSmall, [&] { command.total_coupons = 100'000'001; }},
                     {RefusalReason::kTotalTooLarge, [&] { command.total_coupons = 100'000'000; }},
                     {RefusalReason::kStartTimeMissing, [&] { command.start_time = At(4); }},
                     {RefusalReason::kStartTimeInPast, [&] { command.start_time = kYear2200; }},
                     {RefusalReason::kStartTimeTooLate, [&] { command.start_time = At(5); }},
                     {RefusalReason::kDescriptionTooLong, [&] { command.description.pop_back(); }},
                     {RefusalReason::kEndTimeTooLate, [&] { command.end_time = At(5); }},
                     {RefusalReason::kMetadataTooLarge, [&] { command.metadata.pop_back(); }},
                     {RefusalReason::kEndTimeNotAfterStart, [&] { command.end_time = At(6); }},
                     {RefusalReason::kNameTaken, [&] { command.name = "two"; }},
                 });
}

/// The same for updating.
TEST_F(ModelTest, RefusesUpdatesInTheOrderOfPrecedence) {
  model_.Judge(Create(2, "two", 2, At(10)), At(0));
  model_.Judge(Issue(2), At(10));
  model_.Judge(Issue(2), At(10));
  model_.Judge(Create(3, "three", 1, At(10)), At(10));
  model_.Judge(Archive(3), At(10));
  UpdateCampaign command = Update(9, {.name = "",
                                      .total_coupons = 0,
                                      .start_time = At(10),
                                      .end_time = kYear2200,
                                      .description = std::string(2'001, 'x'),
                                      .metadata = std::vector<MetadataEntry>(33)});
  command.if_revision = Sequence(1);
  TermChanges& changes = command.changes;
  ExpectRefusals(command, At(11),
                 {
                     {RefusalReason::kNameEmpty, [&] { changes.name->assign(201, 'x'); }},
                     {RefusalReason::kNameTooLong, [&] { changes.name = "one"; }},
                     {RefusalReason::kTotalTooSmall, [&] { changes.total_coupons = 100'000'001; }},
                     {RefusalReason::kTotalTooLarge, [&] { changes.total_coupons = 1; }},
                     {RefusalReason::kStartTimeInPast, [&] { changes.start_time = kYear2200; }},
                     {RefusalReason::kStartTimeTooLate, [&] { changes.start_time = At(12); }},
                     {RefusalReason::kDescriptionTooLong, [&] { changes.description->pop_back(); }},
                     {RefusalReason::kEndTimeTooLate, [&] { changes.end_time = At(10); }},
                     {RefusalReason::kMetadataTooLarge, [&] { changes.metadata->pop_back(); }},
                     {RefusalReason::kNoSuchCampaign, [&] { command.campaign_id = Id(3); }},
                     {RefusalReason::kCampaignArchived, [&] { command.campaign_id = Id(2); }},
                     {RefusalReason::kChangedMeanwhile, [&] { command.if_revision = Sequence(3); }},
                     {RefusalReason::kStartTimeFixed, [&] { changes.start_time = At(10); }},
                     {RefusalReason::kTotalBelowIssued, [&] { changes.total_coupons = 2; }},
                     {RefusalReason::kEndTimeNotAfterStart, [&] { changes.end_time = kNever; }},
                     {RefusalReason::kNameTaken, [&] { changes.name = "2"; }},
                 });
}

TEST_F(ModelTest, RefusesIssuesInTheOrderOfPrecedence) {
  const auto expect_refused = [&](std::uint8_t campaign, Timestamp time, RefusalReason reason,
                                  Timestamp at) {
    const ModelOutcome outcome = model_.Judge(Issue(campaign), time);
    EXPECT_EQ(Describe(outcome.reason), Describe(reason));
    EXPECT_EQ(outcome.at, at);
  };
  model_.Judge(Pause(1), At(0));
  expect_refused(1, At(9), RefusalReason::kNotStarted, At(10));
  model_.Judge(Resume(1), At(10));
  model_.Judge(IssueTo(1, 7), At(10));
  model_.Judge(Pause(1), At(10));
  model_.Judge(Update(1, {.total_coupons = 1, .end_time = At(20)}), At(11));
  model_.Judge(Archive(1), At(12));
  EXPECT_EQ(model_.Judge(IssueTo(1, 7), At(20)).kind, Kind::kHeld);
  expect_refused(1, At(20), RefusalReason::kEnded, At(12));
  model_.Judge(Unarchive(1), At(20));
  expect_refused(1, At(20), RefusalReason::kEnded, At(20));
  model_.Judge(Update(1, {.end_time = kNever}), At(20));
  expect_refused(1, At(21), RefusalReason::kSoldOut, At(11));
  model_.Judge(Update(1, {.total_coupons = 2}), At(21));
  expect_refused(1, At(22), RefusalReason::kPaused, {});
}

TEST_F(ModelTest, ARaisedTotalGetsTheSerialsThatAreLacking) {
  model_.Judge(Create(2, "two", 1, At(10)), At(0));
  const ModelOutcome raised = model_.Judge(Update(1, {.total_coupons = 4}), At(1));
  const Event event = CampaignUpdated{.campaign = CampaignNumber(1),
                                      .changes = {.total_coupons = 4},
                                      .added_serials = SerialRange{Serial(4), 2}};
  EXPECT_EQ(raised.event, event);
  EXPECT_EQ(model_.next_serial(), Serial(6));
  for (const Serial serial : {Serial(1), Serial(2), Serial(4), Serial(5)}) {
    EXPECT_EQ(model_.Judge(Issue(1), At(10)).serial, serial);
  }
  EXPECT_EQ(model_.NextNumbersAt(Sequence(3)), std::pair(CampaignNumber(3), Serial(4)));
  EXPECT_EQ(model_.NextNumbersAt(Sequence(4)), std::pair(CampaignNumber(3), Serial(6)));
}

TEST_F(ModelTest, AnEventHasOnlyWhatChanges) {
  const ModelOutcome updated =
      model_.Judge(Update(1, {.name = "one", .start_time = At(10), .end_time = At(20)}), At(1));
  const Event event = CampaignUpdated{
      .campaign = CampaignNumber(1), .changes = {.end_time = At(20)}, .added_serials = {}};
  EXPECT_EQ(updated.event, event);
  EXPECT_EQ(model_.Judge(Update(1, {.end_time = At(20)}), At(1)).kind, Kind::kUnchanged);
  model_.Judge(Pause(1, {.issuing = true}), At(1));
  const ModelOutcome paused = model_.Judge(Pause(1, {.issuing = true, .redeeming = true}), At(1));
  const Event second = CampaignPaused{
      .campaign = CampaignNumber(1), .activities = {.redeeming = true}, .reason = {}};
  EXPECT_EQ(paused.event, second);
  EXPECT_EQ(model_.Judge(Pause(1), At(1)).kind, Kind::kUnchanged);
  EXPECT_EQ(model_.Judge(Unarchive(1), At(1)).kind, Kind::kUnchanged);
}

TEST_F(ModelTest, AnyPastStateIsShown) {
  model_.Judge(Update(1, {.name = "first", .total_coupons = 1}), At(1));
  model_.Judge(Issue(1), At(10));
  model_.Judge(Update(1, {.total_coupons = 3}), At(11));
  model_.Judge(Pause(1), At(12));
  model_.Judge(Archive(1), At(13));
  const ModelCampaign& campaign = model_.campaigns().at(CampaignNumber(1));
  Campaign expected{.number = CampaignNumber(1),
                    .id = Id(1),
                    .terms = {.name = "one", .total_coupons = 2, .start_time = At(10)},
                    .serials = SerialRanges({.first = Serial(1), .count = 2}),
                    .created_at = At(0),
                    .revision = Sequence(2)};
  EXPECT_EQ(campaign.ShownAt(Sequence(2)), expected);
  expected.terms.name = "first";
  expected.terms.total_coupons = 1;
  expected.revision = Sequence(3);
  EXPECT_EQ(campaign.ShownAt(Sequence(3)), expected);
  expected.issued_coupons = 1;
  expected.sold_out_at = At(10);
  EXPECT_EQ(campaign.ShownAt(Sequence(4)), expected);
  expected.terms.total_coupons = 3;
  expected.serials.Add({.first = Serial(3), .count = 1});
  expected.revision = Sequence(5);
  expected.sold_out_at.reset();
  EXPECT_EQ(campaign.ShownAt(Sequence(5)), expected);
  expected.paused.issuing = true;
  EXPECT_EQ(campaign.ShownAt(Sequence(6)), expected);
  expected.archived_at = At(13);
  EXPECT_EQ(campaign.ShownAt(Sequence(7)), expected);
}

/// Breaks every rule of redeeming at once, then mends one in each row; the same for the others.
TEST_F(ModelTest, RefusesChangesOfCouponsInTheOrderOfPrecedence) {
  for (int i = 0; i < 2; ++i) model_.Judge(Issue(1), At(10));
  model_.Judge(Create(2, "two", 2, At(10)), At(10));
  model_.Judge(Issue(2), At(10));
  model_.Judge(Issue(2), At(10));
  EXPECT_EQ(model_.Judge(Void(1, RequestOf(1)), At(10)).sequence, Sequence(8));
  EXPECT_EQ(model_.Judge(Redeem(3), At(10)).sequence, Sequence(9));
  model_.Judge(Pause(2, {.redeeming = true}), At(10));
  RedeemCoupon redeem = Redeem(9, RequestOf(1, 2));
  redeem.campaign_id = Id(1);
  ExpectRefusals(redeem, At(11),
                 {
                     {RefusalReason::kNoSuchCoupon, [&] { redeem.serial = Serial(3); }},
                     {RefusalReason::kNoSuchCoupon, [&] { redeem.campaign_id.reset(); }},
                     {RefusalReason::kRequestIdReused, [&] { redeem.request = RequestOf(2); }},
                     {RefusalReason::kCouponAlreadyRedeemed, [&] { redeem.serial = Serial(1); }},
                     {RefusalReason::kCouponVoided, [&] { redeem.serial = Serial(4); }},
                     {RefusalReason::kRedeemingPaused,
                      [&] { model_.Judge(Resume(2, {.redeeming = true}), At(11)); }},
                 });
  CancelRedemption cancel = Cancel(9, Sequence(1), RequestOf(1, 2));
  cancel.reason.assign(129, 'x');
  ExpectRefusals(cancel, At(12),
                 {
                     {RefusalReason::kReasonTooLong, [&] { cancel.reason.pop_back(); }},
                     {RefusalReason::kNoSuchCoupon, [&] { cancel.serial = Serial(1); }},
                     {RefusalReason::kRequestIdReused, [&] { cancel.request = RequestOf(3); }},
                     {RefusalReason::kCouponVoided, [&] { cancel.serial = Serial(2); }},
                     {RefusalReason::kNotRedeemed, [&] { cancel.serial = Serial(3); }},
                     {RefusalReason::kNotRedeemed, [&] { cancel.redemption = Sequence(9); }},
                 });
  VoidCoupon voiding = Void(9, RequestOf(1, 2));
  voiding.reason.assign(129, 'x');
  model_.Judge(Return(2), At(12));
  ExpectRefusals(voiding, At(13),
                 {
                     {RefusalReason::kReasonTooLong, [&] { voiding.reason.pop_back(); }},
                     {RefusalReason::kNoSuchCoupon, [&] { voiding.serial = Serial(4); }},
                     {RefusalReason::kRequestIdReused, [&] { voiding.request = RequestOf(4); }},
                     {RefusalReason::kCouponAlreadyRedeemed, [&] { voiding.serial = Serial(2); }},
                     {RefusalReason::kCouponVoided, [&] { voiding.serial = Serial(3); }},
                 });
}

TEST_F(ModelTest, ARequestIsCarriedOutOnce) {
  model_.Judge(Issue(1), At(10));
  const ModelOutcome first = model_.Judge(Redeem(1, RequestOf(1)), At(11));
  EXPECT_EQ(model_.Judge(Cancel(1, RequestOf(1).digest), At(12)).kind, Kind::kChanged);
  const ModelOutcome again = model_.Judge(Redeem(1, RequestOf(1)), At(13));
  EXPECT_EQ(again.kind, Kind::kRepeated);
  EXPECT_EQ(again.sequence, first.sequence);
  EXPECT_FALSE(again.has_event());
  model_.Judge(Redeem(1), At(14));
  EXPECT_EQ(RefusalOf(Cancel(1, RequestOf(1).digest), At(15)), RefusalReason::kNotRedeemed);
  EXPECT_EQ(RefusalOf(Cancel(1, first.sequence), At(15)), RefusalReason::kNotRedeemed);
}

TEST_F(ModelTest, AReturnedPlaceIsIssuedAgain) {
  model_.Judge(IssueTo(1, 7), At(10));
  model_.Judge(Issue(1), At(10));
  const ModelOutcome returned = model_.Judge(Return(1), At(11));
  const Event event = CouponVoided{.campaign = CampaignNumber(1),
                                   .serial = Serial(1),
                                   .returned = true,
                                   .reason = {},
                                   .added_serials = SerialRange{Serial(3), 1'024},
                                   .request = {}};
  EXPECT_EQ(returned.event, event);
  EXPECT_EQ(model_.Judge(Return(1), At(11)).kind, Kind::kUnchanged);
  const ModelCampaign& campaign = model_.campaigns().at(CampaignNumber(1));
  const Campaign shown = campaign.ShownAt(returned.sequence);
  EXPECT_EQ(shown.issued_coupons, 1);
  EXPECT_EQ(shown.returned_coupons, 1);
  EXPECT_FALSE(shown.sold_out_at);
  EXPECT_TRUE(campaign.ShownAt(Sequence(returned.sequence.value() - 1)).sold_out_at);
  EXPECT_EQ(model_.Judge(Issue(1), At(12)).serial, Serial(3));
  EXPECT_EQ(RefusalOf(Issue(1), At(13)), RefusalReason::kSoldOut);
  EXPECT_EQ(model_.Judge(IssueTo(1, 7), At(13)).state, CouponState::kReturned);
}

TEST_F(ModelTest, AnyPastStatusOfACouponIsShown) {
  model_.Judge(Issue(1), At(10));
  RedeemCoupon redeem = Redeem(1);
  redeem.order_ref = "order";
  const Sequence redeemed = model_.Judge(redeem, At(11)).sequence;
  const Sequence canceled = model_.Judge(Cancel(1, redeemed), At(12)).sequence;
  const Sequence voided = model_.Judge(Void(1), At(13)).sequence;
  const Sequence returned = model_.Judge(Return(1), At(14)).sequence;
  const ModelCampaign& campaign = model_.campaigns().at(CampaignNumber(1));
  const ModelCoupon& coupon = campaign.coupons.front();
  EXPECT_EQ(coupon.StatusAt(Sequence(3)), CouponStatus{});
  const Redemption redemption{.sequence = redeemed,
                              .redeemed_at = At(11),
                              .order_ref = "order",
                              .redeemed_by = {},
                              .request_id = {}};
  const CouponStatus expected{.state = CouponState::kRedeemed, .redemption = redemption};
  EXPECT_EQ(coupon.StatusAt(redeemed), expected);
  EXPECT_EQ(campaign.ShownAt(redeemed).redeemed_coupons, 1);
  EXPECT_EQ(coupon.StatusAt(canceled), CouponStatus{});
  EXPECT_EQ(campaign.ShownAt(canceled).redeemed_coupons, 0);
  EXPECT_EQ(coupon.StatusAt(voided).voided_at, At(13));
  EXPECT_EQ(campaign.ShownAt(voided).voided_coupons, 1);
  EXPECT_EQ(coupon.StatusAt(returned).state, CouponState::kReturned);
  EXPECT_EQ(campaign.ShownAt(returned).voided_coupons, 0);
  EXPECT_EQ(campaign.ShownAt(returned).issued_coupons, 0);
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
      {At(10), Sequence(3),
       GrantedCoupon{CampaignNumber(1), Serial(1), At(10), CouponState::kIssued, true}},
      {At(10), Sequence(3),
       GrantedCoupon{CampaignNumber(1), Serial(1), At(10), CouponState::kRedeemed}},
      {At(10), Sequence(3), GrantedCoupon{CampaignNumber(1), Serial(1), At(9)}},
      {At(10), Sequence(3), Done{}},
      {At(10), Sequence(3), Done{.changed = false}},
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

  const ModelOutcome archived = model_.Judge(Archive(1), At(10));
  const Reply changed{At(10), Sequence(4), Done{}};
  const Reply unchanged{At(10), Sequence(4), Done{.changed = false}};
  EXPECT_FALSE(Difference(archived, At(10), changed));
  EXPECT_TRUE(Difference(archived, At(10), unchanged));
  const ModelOutcome again = model_.Judge(Archive(1), At(10));
  EXPECT_FALSE(Difference(again, At(10), unchanged));
  EXPECT_TRUE(Difference(again, At(10), changed));

  model_.Judge(Redeem(1, RequestOf(1)), At(10));
  const ModelOutcome repeated = model_.Judge(Redeem(1, RequestOf(1)), At(11));
  EXPECT_FALSE(Difference(repeated, At(11), {At(11), Sequence(5), Done{.repeated = true}}));
  EXPECT_TRUE(Difference(repeated, At(11), {At(11), Sequence(5), Done{}}));
  EXPECT_TRUE(Difference(repeated, At(11), {At(11), Sequence(6), Done{.repeated = true}}));
}

}  // namespace
}  // namespace coupond::test
