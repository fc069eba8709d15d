#include "support/model.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "simulation/model_fixture.h"
#include "support/builders.h"

namespace coupond::test {
namespace {

constexpr std::chrono::hours kValidDurationMax{24 * 366 * 200};
constexpr Timestamp kYear2200 = Timestamp::FromUnixNanoseconds(7'258'118'400'000'000'000);

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
                         .metadata = std::vector<MetadataEntry>(33),
                         .coupons_per_user = 1'001,
                         .redeem_start_time = kYear2200,
                         .expire_time = kYear2200,
                         .valid_duration = kValidDurationMax + std::chrono::nanoseconds(1),
                         .request = RequestOf(1, 2)};
  UpdateCampaign earlier = Update(1, {.description = "with a request"});
  earlier.request = RequestOf(1);
  model_.Judge(earlier, At(0));
  ExpectRefusals(
      command, At(5),
      {
          {RefusalReason::kRequestIdReused, [&] { command.request = RequestOf(2); }},
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
          {RefusalReason::kCouponsPerUserOutOfRange, [&] { command.coupons_per_user = 0; }},
          {RefusalReason::kCouponsPerUserOutOfRange, [&] { command.coupons_per_user = 1'000; }},
          {RefusalReason::kRedeemStartTimeTooLate, [&] { command.redeem_start_time = At(7); }},
          {RefusalReason::kExpireTimeTooLate, [&] { command.expire_time = At(5); }},
          {RefusalReason::kValidDurationOutOfRange, [&] { command.valid_duration = {}; }},
          {RefusalReason::kValidDurationOutOfRange,
           [&] { command.valid_duration = kValidDurationMax; }},
          {RefusalReason::kMetadataTooLarge, [&] { command.metadata.pop_back(); }},
          {RefusalReason::kEndTimeNotAfterStart, [&] { command.end_time = At(6); }},
          {RefusalReason::kExpireTimeTooEarly, [&] { command.expire_time = At(7); }},
          {RefusalReason::kExpireTimeTooEarly, [&] { command.expire_time = At(8); }},
          {RefusalReason::kNameTaken, [&] { command.name = "two"; }},
      });
}

/// The same for updating.
TEST_F(ModelTest, RefusesUpdatesInTheOrderOfPrecedence) {
  model_.Judge(Create(2, "two", 2, At(10)), At(0));
  model_.Judge(Issue(2), At(10));
  model_.Judge(IssueTo(2, 7), At(10));
  model_.Judge(Create(3, "three", 1, At(10)), At(10));
  model_.Judge(Archive(3), At(10));
  UpdateCampaign command = Update(9, {.name = "",
                                      .total_coupons = 0,
                                      .start_time = At(10),
                                      .end_time = kYear2200,
                                      .description = std::string(2'001, 'x'),
                                      .metadata = std::vector<MetadataEntry>(33),
                                      .coupons_per_user = 1'001,
                                      .redeem_start_time = kYear2200,
                                      .expire_time = kYear2200,
                                      .valid_duration = std::chrono::nanoseconds(-1)});
  UpdateCampaign earlier = Update(1, {.description = "with a request"});
  earlier.request = RequestOf(1);
  model_.Judge(earlier, At(10));
  command.request = RequestOf(1, 2);
  command.if_revision = Sequence(1);
  TermChanges& changes = command.changes;
  ExpectRefusals(
      command, At(11),
      {
          {RefusalReason::kRequestIdReused, [&] { command.request = RequestOf(2); }},
          {RefusalReason::kNameEmpty, [&] { changes.name->assign(201, 'x'); }},
          {RefusalReason::kNameTooLong, [&] { changes.name = "one"; }},
          {RefusalReason::kTotalTooSmall, [&] { changes.total_coupons = 100'000'001; }},
          {RefusalReason::kTotalTooLarge, [&] { changes.total_coupons = 1; }},
          {RefusalReason::kStartTimeInPast, [&] { changes.start_time = kYear2200; }},
          {RefusalReason::kStartTimeTooLate, [&] { changes.start_time = At(12); }},
          {RefusalReason::kDescriptionTooLong, [&] { changes.description->pop_back(); }},
          {RefusalReason::kEndTimeTooLate, [&] { changes.end_time = At(10); }},
          {RefusalReason::kCouponsPerUserOutOfRange, [&] { changes.coupons_per_user = 2; }},
          {RefusalReason::kRedeemStartTimeTooLate, [&] { changes.redeem_start_time = At(15); }},
          {RefusalReason::kExpireTimeTooLate, [&] { changes.expire_time = At(20); }},
          {RefusalReason::kValidDurationOutOfRange,
           [&] { changes.valid_duration = std::chrono::seconds(1); }},
          {RefusalReason::kMetadataTooLarge, [&] { changes.metadata->pop_back(); }},
          {RefusalReason::kNoSuchCampaign, [&] { command.campaign_id = Id(3); }},
          {RefusalReason::kCampaignArchived, [&] { command.campaign_id = Id(2); }},
          {RefusalReason::kChangedMeanwhile, [&] { command.if_revision = Sequence(3); }},
          {RefusalReason::kStartTimeFixed, [&] { changes.start_time = At(10); }},
          {RefusalReason::kTotalBelowIssued, [&] { changes.total_coupons = 2; }},
          {RefusalReason::kEndTimeNotAfterStart, [&] { changes.end_time = kNever; }},
          {RefusalReason::kExpireTimeTooEarly, [&] { changes.expire_time = kNever; }},
          {RefusalReason::kExpireTimeTooEarly, [&] { changes.valid_duration.reset(); }},
          {RefusalReason::kCouponsPerUserFixed, [&] { changes.coupons_per_user = 1; }},
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

TEST_F(ModelTest, EveryPartOfAReplyCounts) {
  const ModelOutcome expected = model_.Judge(IssueTo(1, 7), At(10));
  const GrantedCoupon granted{CampaignNumber(1), Serial(1), At(10)};
  GrantedCoupon held = granted;
  held.already_issued = true;
  GrantedCoupon redeemed = granted;
  redeemed.state = CouponState::kRedeemed;
  GrantedCoupon expiring = granted;
  expiring.expire_time = At(11);
  GrantedCoupon last = granted;
  last.limit_reached = true;
  const Reply right{At(10), Sequence(3), granted};
  EXPECT_FALSE(Difference(expected, At(10), right));
  const std::vector<Reply> wrong = {
      {At(11), Sequence(3), granted},
      {At(10), Sequence(4), granted},
      {At(10), Sequence(3), GrantedCoupon{CampaignNumber(2), Serial(1), At(10)}},
      {At(10), Sequence(3), GrantedCoupon{CampaignNumber(1), Serial(2), At(10)}},
      {At(10), Sequence(3), GrantedCoupon{CampaignNumber(1), Serial(1), At(9)}},
      {At(10), Sequence(3), held},
      {At(10), Sequence(3), redeemed},
      {At(10), Sequence(3), expiring},
      {At(10), Sequence(3), last},
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
  for (const Refusal& wrong_number :
       {Refusal{.reason = RefusalReason::kNoSuchCampaign, .at = At(1)},
        Refusal{.reason = RefusalReason::kNoSuchCampaign, .coupons = 1},
        Refusal{.reason = RefusalReason::kNoSuchCampaign, .present = Sequence(1)}}) {
    EXPECT_TRUE(Difference(refused, At(10), {At(10), Sequence(3), wrong_number}));
  }

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
