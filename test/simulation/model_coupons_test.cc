// What the model expects of users, and of what becomes of coupons.

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <variant>

#include "simulation/model_fixture.h"
#include "support/builders.h"
#include "support/model.h"

namespace coupond::test {
namespace {

/// Breaks every rule of redeeming at once, then mends one in each row; the same for the others.
TEST_F(ModelTest, RefusesChangesOfCouponsInTheOrderOfPrecedence) {
  for (int i = 0; i < 2; ++i) model_.Judge(Issue(1), At(10));
  CreateCampaign create = Create(2, "two", 2, At(10));
  create.expire_time = At(31);
  create.valid_duration = std::chrono::nanoseconds(1);
  create.redeem_by_holder_only = true;
  EXPECT_EQ(model_.Judge(create, At(9)).kind, Kind::kCreated);
  model_.Judge(IssueTo(2, 6), At(10));
  model_.Judge(IssueTo(2, 7), At(10));
  EXPECT_EQ(model_.Judge(Void(1, RequestOf(1)), At(10)).sequence, Sequence(8));
  RedeemCoupon first = Redeem(3);
  first.holder = ClaimOf(6);
  EXPECT_EQ(model_.Judge(first, At(10)).sequence, Sequence(9));
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
                     {RefusalReason::kWrongHolder, [&] { redeem.holder = ClaimOf(8); }},
                     {RefusalReason::kWrongHolder, [&] { redeem.holder = ClaimOf(7); }},
                     {RefusalReason::kCouponExpired,
                      [&] {
                        const TermChanges changes{.redeem_start_time = At(30),
                                                  .valid_duration = kUnlimited};
                        model_.Judge(Update(2, changes), At(11));
                      }},
                     {RefusalReason::kCouponNotYetValid,
                      [&] { model_.Judge(Update(2, {.redeem_start_time = At(11)}), At(11)); }},
                     {RefusalReason::kRedeemingPaused,
                      [&] { model_.Judge(Resume(2, {.redeeming = true}), At(11)); }},
                 });
  CancelRedemption cancel = Cancel(9, Sequence(1), RequestOf(1, 2));
  cancel.reason.assign(129, 'x');
  cancel.campaign_id = Id(2);
  ExpectRefusals(cancel, At(12),
                 {
                     {RefusalReason::kReasonTooLong, [&] { cancel.reason.pop_back(); }},
                     {RefusalReason::kNoSuchCoupon, [&] { cancel.serial = Serial(1); }},
                     {RefusalReason::kNoSuchCoupon, [&] { cancel.campaign_id.reset(); }},
                     {RefusalReason::kRequestIdReused, [&] { cancel.request = RequestOf(3); }},
                     {RefusalReason::kCouponVoided, [&] { cancel.serial = Serial(2); }},
                     {RefusalReason::kNotRedeemed, [&] { cancel.serial = Serial(3); }},
                     {RefusalReason::kNotRedeemed, [&] { cancel.redemption = Sequence(9); }},
                 });
  VoidCoupon voiding = Void(9, RequestOf(1, 2));
  voiding.reason.assign(129, 'x');
  voiding.campaign_id = Id(1);
  model_.Judge(Return(2), At(12));
  ExpectRefusals(voiding, At(13),
                 {
                     {RefusalReason::kReasonTooLong, [&] { voiding.reason.pop_back(); }},
                     {RefusalReason::kNoSuchCoupon, [&] { voiding.serial = Serial(4); }},
                     {RefusalReason::kNoSuchCoupon, [&] { voiding.campaign_id.reset(); }},
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

TEST_F(ModelTest, ARefusalTellsHowTheCallerCanGoOn) {
  model_.Judge(Issue(1), At(10));
  model_.Judge(Issue(1), At(10));
  const Sequence revision = model_.Judge(Update(1, {.total_coupons = 3}), At(11)).sequence;
  UpdateCampaign update = Update(1, {.total_coupons = 1});
  EXPECT_EQ(model_.Judge(update, At(12)).coupons, 2);
  update.if_revision = Sequence(2);
  EXPECT_EQ(model_.Judge(update, At(12)).present, revision);
  const BatchIssueCoupons batch{.campaign_id = Id(1), .anonymous = 2};
  EXPECT_EQ(model_.Judge(batch, At(12)).coupons, 1);
  const Sequence redemption = model_.Judge(Redeem(1), At(12)).sequence;
  EXPECT_EQ(model_.Judge(Redeem(1), At(13)).present, redemption);
  EXPECT_EQ(model_.Judge(Void(1), At(13)).present, redemption);
  EXPECT_EQ(model_.Judge(Cancel(1, revision), At(13)).present, redemption);
  EXPECT_EQ(model_.Judge(Cancel(2, redemption), At(13)).present, Sequence(0));
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

TEST_F(ModelTest, AUserGetsAsManyAsTheCampaignAllows) {
  CreateCampaign create = Create(2, "two", 9, At(10));
  create.coupons_per_user = 2;
  create.user_required = true;
  model_.Judge(create, At(10));
  EXPECT_EQ(RefusalOf(IssueOnRequest(2, 101), At(10)), RefusalReason::kUserRequired);
  EXPECT_EQ(RefusalOf(IssueTo(2, 7), At(10)), RefusalReason::kRequestIdRequired);
  EXPECT_EQ(model_.Judge(IssueOnRequest(2, 101, 7), At(10)).serial, Serial(3));
  EXPECT_EQ(model_.Judge(IssueOnRequest(2, 102, 7), At(10)).serial, Serial(4));
  EXPECT_EQ(model_.Judge(IssueOnRequest(2, 103, 8), At(10)).serial, Serial(5));
  const ModelOutcome again = model_.Judge(IssueOnRequest(2, 101, 7), At(11));
  EXPECT_EQ(again.kind, Kind::kHeld);
  EXPECT_EQ(again.serial, Serial(3));
  const ModelOutcome third = model_.Judge(IssueOnRequest(2, 104, 7), At(11));
  EXPECT_EQ(third.kind, Kind::kLimitReached);
  EXPECT_EQ(third.serial, Serial(4));
  EXPECT_FALSE(third.has_event());
}

TEST_F(ModelTest, WhereAUserHasOneCouponTheRequestMeansNothing) {
  const ModelOutcome issued = model_.Judge(IssueOnRequest(1, 101, 7), At(10));
  const Event event = CouponIssued{
      .campaign = CampaignNumber(1), .serial = Serial(1), .holder = ClaimOf(7), .request_key = {}};
  EXPECT_EQ(issued.event, event);
  EXPECT_EQ(model_.Judge(IssueOnRequest(1, 102, 7), At(10)).kind, Kind::kHeld);
  EXPECT_EQ(RefusalOf(Update(1, {.coupons_per_user = 2}), At(11)),
            RefusalReason::kCouponsPerUserFixed);
}

TEST_F(ModelTest, AFreedClaimGetsAnotherCoupon) {
  model_.Judge(IssueTo(1, 7), At(10));
  VoidCoupon leaked = Void(1);
  leaked.reason = "a leak";
  model_.Judge(leaked, At(11));
  EXPECT_EQ(model_.Judge(IssueTo(1, 7), At(11)).state, CouponState::kVoided);
  const ModelOutcome freed = model_.Judge(Freeing(Void(1)), At(12));
  EXPECT_EQ(freed.kind, Kind::kChanged);
  EXPECT_EQ(model_.Judge(Freeing(Void(1)), At(12)).kind, Kind::kUnchanged);
  const ModelCampaign& campaign = model_.campaigns().at(CampaignNumber(1));
  EXPECT_EQ(campaign.ShownAt(freed.sequence).voided_coupons, 1);
  const CouponStatus expected{.state = CouponState::kVoided,
                              .redemption = {},
                              .voided_at = At(11),
                              .void_reason = "a leak",
                              .claim_freed = true};
  EXPECT_EQ(campaign.coupons.front().status(), expected);
  EXPECT_EQ(model_.Judge(IssueTo(1, 7), At(13)).serial, Serial(2));
  EXPECT_EQ(model_.Judge(IssueTo(1, 7), At(13)).kind, Kind::kHeld);
}

TEST_F(ModelTest, ACouponExpiresAtTheEarlierOfTwoMoments) {
  CreateCampaign create = Create(2, "two", 9, At(10));
  create.expire_time = At(30);
  create.valid_duration = std::chrono::seconds(5);
  model_.Judge(create, At(10));
  EXPECT_EQ(model_.Judge(IssueTo(2, 7), At(10)).expire_time, At(15));
  EXPECT_EQ(model_.Judge(IssueTo(2, 8), At(28)).expire_time, At(30));
  EXPECT_EQ(model_.Judge(IssueTo(2, 7), At(14)).state, CouponState::kIssued);
  EXPECT_EQ(model_.Judge(IssueTo(2, 7), At(15)).state, CouponState::kExpired);
  const ModelOutcome expired = model_.Judge(Redeem(3), At(15));
  EXPECT_EQ(expired.reason, RefusalReason::kCouponExpired);
  EXPECT_EQ(expired.at, At(15));
  model_.Judge(Update(2, {.valid_duration = kUnlimited}), At(16));
  EXPECT_EQ(model_.Judge(IssueTo(2, 7), At(16)).state, CouponState::kIssued);
  EXPECT_EQ(model_.Judge(Redeem(3), At(29)).kind, Kind::kChanged);
  EXPECT_EQ(model_.Judge(IssueTo(2, 7), At(30)).state, CouponState::kRedeemed);
}

TEST_F(ModelTest, WhatIsOnlyCheckedChangesNothing) {
  CreateCampaign create = Create(2, "two", 1, At(10));
  create.request = RequestOf(1);
  create.validate_only = true;
  EXPECT_EQ(model_.Judge(create, At(10)).kind, Kind::kValidated);
  EXPECT_EQ(model_.live_campaigns(), 1U);
  create.validate_only = false;
  const ModelOutcome created = model_.Judge(create, At(10));
  EXPECT_EQ(created.kind, Kind::kCreated);
  model_.Judge(Issue(1), At(10));
  RedeemCoupon redeem = Redeem(1);
  redeem.validate_only = true;
  EXPECT_EQ(model_.Judge(redeem, At(10)).kind, Kind::kValidated);
  EXPECT_FALSE(model_.FindCoupon(Serial(1))->status().redemption);
  // A start that is in the past by now is no reason to refuse what was done before.
  const ModelOutcome repeated = model_.Judge(create, At(11));
  EXPECT_EQ(repeated.kind, Kind::kRepeated);
  EXPECT_EQ(repeated.sequence, created.sequence);
}

}  // namespace
}  // namespace coupond::test
