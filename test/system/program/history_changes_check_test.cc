#include <gtest/gtest.h>

#include <utility>
#include <variant>

#include "system/program/history_changes_fixture.h"
#include "system/program/history_check.h"

// The judge is judged: what becomes of coupons after their issue, and of campaigns.
namespace coupond::test {
namespace {

using Kind = HistoryFault::Kind;

TEST_F(HistoryChangesTest, AWholeLifeOfACouponHasNoFault) {
  Show(Redeem(8, "r1"));
  Redeem(8, "r1", /*already_redeemed=*/true);
  RefuseRedeem(api::REFUSAL_COUPON_ALREADY_REDEEMED, 8);
  RefuseVoid(api::REFUSAL_COUPON_ALREADY_REDEEMED, 8, {{"redemption", "8"}});
  Cancel(8, 9, "c1");
  Cancel(8, 9, "c1");
  RefuseCancel(8, api::REFUSAL_NOT_REDEEMED, 9);
  Redeem(10);
  Redeem(8, "r1", /*already_redeemed=*/true);
  RefuseCancel(8, api::REFUSAL_NOT_REDEEMED, 10, {{"redemption", "10"}});
  Cancel(10, 11);
  Void(/*returned=*/false, 12, /*changed=*/true, "v1");
  Void(/*returned=*/false, 12, /*changed=*/true, "v1");
  Void(/*returned=*/false, 12, /*changed=*/false);
  RefuseRedeem(api::REFUSAL_COUPON_VOIDED, 12);
  Void(/*returned=*/true, 13);
  RefuseVoid(api::REFUSAL_COUPON_VOIDED, 13);
  ExpectSound();
}

TEST_F(HistoryChangesTest, ARedemptionThatNobodyWasToldOfIsFound) {
  RefuseRedeem(api::REFUSAL_COUPON_ALREADY_REDEEMED, 8);
  ExpectFault(Kind::kSequenceGap, "event 8");
  Redeem(9);
  ExpectFault(Kind::kSequenceGap, "event 8");
}

TEST_F(HistoryChangesTest, ACouponRedeemedTwiceIsFound) {
  Redeem(8);
  Redeem(9);
  ExpectFault(Kind::kWrongReply, "expected refused: coupon_already_redeemed");
}

TEST_F(HistoryChangesTest, ARequestThatRedeemsOnceMoreIsFound) {
  Redeem(8, "r1");
  Cancel(8, 9);
  Redeem(10, "r1");
  ExpectFault(Kind::kWrongReply, "expected done before");
}

TEST_F(HistoryChangesTest, ARepeatThatNamesAnotherIsFound) {
  Redeem(8, "r1");
  Cancel(8, 9);
  Redeem(10, "r2");
  Redeem(10, "r1", /*already_redeemed=*/true);
  ExpectFault(Kind::kWrongDetail, "another sequence");
}

TEST_F(HistoryChangesTest, ARepeatBeforeTheFirstTimeIsFound) {
  Redeem(7, "r1", /*already_redeemed=*/true);
  ExpectFault(Kind::kWrongReply, "expected done");
}

TEST_F(HistoryChangesTest, ARefusalOfACouponThatIsNotRedeemedIsFound) {
  RefuseRedeem(api::REFUSAL_COUPON_ALREADY_REDEEMED, 7);
  ExpectFault(Kind::kWrongReply, "expected done");
}

TEST_F(HistoryChangesTest, ARefusalFromBeforeTheRedemptionIsFound) {
  Redeem(8);
  RefuseCancel(8, api::REFUSAL_NOT_REDEEMED, 7);
  ExpectFault(Kind::kStale, "RedeemCouponResponse");
}

TEST_F(HistoryChangesTest, ACancelThatUndoesAnotherRedemptionIsFound) {
  Redeem(8);
  Cancel(8, 9);
  Redeem(10);
  Cancel(8, 11);
  ExpectFault(Kind::kWrongReply, "expected refused: not_redeemed");
}

TEST_F(HistoryChangesTest, ACancelThatHappensTwiceIsFound) {
  Redeem(8);
  Cancel(8, 9, "c1");
  Cancel(8, 10, "c1");
  ExpectFault(Kind::kWrongReply, "expected done before");
}

TEST_F(HistoryChangesTest, TwoCancelsWithOneEventAreFound) {
  Redeem(8);
  Cancel(8, 9, "c1");
  Cancel(8, 9, "c2");
  ExpectFault(Kind::kSequenceTwice, "c1");
}

TEST_F(HistoryChangesTest, AnyOfTheRepetitionsMayBeTheFirst) {
  Redeem(8);
  Cancel(8, 9, "c1");
  Cancel(8, 9, "c1");
  std::swap(history_[history_.size() - 1], history_[history_.size() - 2]);
  ExpectSound();
}

TEST_F(HistoryChangesTest, ARedemptionAfterAVoidIsFound) {
  Void(/*returned=*/false, 8);
  Redeem(9);
  ExpectFault(Kind::kWrongReply, "expected refused: coupon_voided");
}

TEST_F(HistoryChangesTest, AVoidOfARedeemedCouponIsFound) {
  Redeem(8);
  Void(/*returned=*/false, 9);
  ExpectFault(Kind::kWrongReply, "expected refused: coupon_already_redeemed");
}

TEST_F(HistoryChangesTest, AVoidThatWasForgottenIsFound) {
  Void(/*returned=*/false, 8);
  Void(/*returned=*/false, 9);
  ExpectFault(Kind::kWrongReply, "expected nothing to do");
}

TEST_F(HistoryChangesTest, AVoidThatIsNotIsFound) {
  Void(/*returned=*/false, 7, /*changed=*/false);
  ExpectFault(Kind::kWrongReply, "expected done");
}

TEST_F(HistoryChangesTest, ACouponIsAnsweredInItsPresentState) {
  Redeem(8);
  Issue(kSummer, "minji", kCode, 1'014, 8, /*already_issued=*/true);
  ExpectFault(Kind::kWrongDetail, "another state");
  std::get<api::IssueCouponResponse>(history_.back().reply)
      .mutable_coupon()
      ->set_state(api::COUPON_STATE_REDEEMED);
  ExpectSound();
}

TEST_F(HistoryChangesTest, OnlyAReturnedPlaceIsIssuedAgain) {
  SetTotal(1, 8);
  Void(/*returned=*/false, 9);
  Issue(kSummer, "", "code D", 1'015, 10);
  ExpectFault(Kind::kWrongReply, "expected refused: sold_out");
}

TEST_F(HistoryChangesTest, AReturnedPlaceGetsAnotherCode) {
  SetTotal(1, 8);
  Void(/*returned=*/true, 9);
  Issue(kSummer, "", "code D", 1'015, 10);
  RefuseIssue(kSummer, "", api::REFUSAL_SOLD_OUT, 10);
  SetSoldOutTime(1'015);
  ExpectSound();
  Issued(history_.size() - 2).mutable_coupon()->set_code(kCode);
  ExpectFault(Kind::kCodeTwice, kCode);
}

TEST_F(HistoryChangesTest, AnotherCouponThanTheOneAskedForIsFound) {
  api::Coupon& coupon = *Redeem(8).mutable_coupon();
  Show(std::get<api::RedeemCouponResponse>(history_.back().reply));
  coupon.set_code("code A");
  ExpectFault(Kind::kWrongDetail, "another coupon");
  coupon.set_code(kCode);
  coupon.set_user_id("jihun");
  ExpectFault(Kind::kWrongDetail, "user");
  coupon.set_user_id("minji");
  coupon.set_campaign_id(kSpring);
  ExpectFault(Kind::kWrongDetail, "campaign");
  coupon.set_campaign_id(kSummer);
  coupon.mutable_issued_at()->set_nanos(1);
  ExpectFault(Kind::kWrongDetail, "issued at another time");
}

TEST_F(HistoryChangesTest, ARedemptionBeforeTheIssueIsFound) {
  Show(Redeem(8));
  std::get<api::RedeemCouponResponse>(history_.back().reply)
      .mutable_coupon()
      ->mutable_redemption()
      ->mutable_redeemed_at()
      ->set_seconds(1'013);
  ExpectFault(Kind::kTimeWentBack, kCode);
}

TEST_F(HistoryChangesTest, ChangesOfACampaignHaveNoFault) {
  SetTotal(9, 8, "u1");
  SetTotal(9, 8, "u1");
  Pause(api::PAUSE_SCOPE_ISSUING, 9);
  Pause(api::PAUSE_SCOPE_ISSUING, 9, /*changed=*/false);
  RefuseIssue(kSummer, "", api::REFUSAL_PAUSED, 9);
  Redeem(10);
  Pause(api::PAUSE_SCOPE_BOTH, 11);
  RefuseRedeem(api::REFUSAL_COUPON_ALREADY_REDEEMED, 11);
  Resume(api::PAUSE_SCOPE_ISSUING, 12);
  Issue(kSummer, "", "code D", 1'015, 13);
  Archive(14);
  RefuseIssue(kSummer, "", api::REFUSAL_ENDED, 14);
  RefuseTotal(9, api::REFUSAL_CAMPAIGN_ARCHIVED, 14);
  Unarchive(15);
  RefuseTotal(1, api::REFUSAL_TOTAL_BELOW_ISSUED, 15, {{"issued", "2"}});
  ExpectSound();
}

TEST_F(HistoryChangesTest, ACouponAboveALoweredTotalIsFound) {
  SetTotal(1, 8);
  Issue(kSummer, "", "code D", 1'015, 9);
  ExpectFault(Kind::kWrongReply, "expected refused: sold_out");
}

TEST_F(HistoryChangesTest, ALostRiseOfTheTotalIsFound) {
  SetTotal(1, 8);
  SetTotal(2, 9);
  RefuseIssue(kSummer, "", api::REFUSAL_SOLD_OUT, 9);
  ExpectFault(Kind::kWrongReply, "expected issued");
}

TEST_F(HistoryChangesTest, ATotalBelowTheIssuedCouponsIsFound) {
  Issue(kSummer, "", "code D", 1'015, 8);
  SetTotal(1, 9);
  ExpectFault(Kind::kWrongReply, "expected refused: total_below_issued");
}

TEST_F(HistoryChangesTest, AnUpdateThatHappensTwiceIsFound) {
  SetTotal(9, 8, "u1");
  SetTotal(9, 9, "u1");
  ExpectFault(Kind::kWrongReply, "expected done before");
}

TEST_F(HistoryChangesTest, AllAreToldTheSameTimeOfSoldOut) {
  SetTotal(1, 8);
  RefuseIssue(kSummer, "", api::REFUSAL_SOLD_OUT, 8);
  SetSoldOutTime(1'013);  // the last coupon was issued later
  ExpectFault(Kind::kWrongDetail, "sold out at another time");
  SetSoldOutTime(1'020);
  RefuseIssue(kSummer, "", api::REFUSAL_SOLD_OUT, 8);
  SetSoldOutTime(1'020);
  ExpectSound();
  SetSoldOutTime(1'021);
  ExpectFault(Kind::kWrongDetail, "sold out at another time");
}

TEST_F(HistoryChangesTest, ACouponOfAPausedCampaignIsFound) {
  Pause(api::PAUSE_SCOPE_ISSUING, 8);
  Issue(kSummer, "", "code D", 1'015, 9);
  ExpectFault(Kind::kWrongReply, "expected refused: paused");
}

TEST_F(HistoryChangesTest, ARedemptionInAPausedCampaignIsFound) {
  Pause(api::PAUSE_SCOPE_REDEEMING, 8);
  Redeem(9);
  ExpectFault(Kind::kWrongReply, "expected refused: redeeming_paused");
}

TEST_F(HistoryChangesTest, APauseThatWasForgottenIsFound) {
  Pause(api::PAUSE_SCOPE_BOTH, 8);
  Pause(api::PAUSE_SCOPE_REDEEMING, 9);
  ExpectFault(Kind::kWrongReply, "expected nothing to do");
}

TEST_F(HistoryChangesTest, AResumedCampaignThatStaysPausedIsFound) {
  Pause(api::PAUSE_SCOPE_ISSUING, 8);
  Resume(api::PAUSE_SCOPE_ISSUING, 9);
  RefuseIssue(kSummer, "", api::REFUSAL_PAUSED, 9);
  ExpectFault(Kind::kWrongReply, "expected issued");
}

TEST_F(HistoryChangesTest, AChangeOfAnArchivedCampaignIsFound) {
  Archive(8);
  SetTotal(9, 9);
  ExpectFault(Kind::kWrongReply, "expected refused: campaign_archived");
  Remove(history_.size() - 1);
  Issue(kSummer, "", "code D", 1'015, 9);
  ExpectFault(Kind::kWrongReply, "expected refused: ended");
}

}  // namespace
}  // namespace coupond::test
