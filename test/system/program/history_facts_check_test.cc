#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <variant>

#include "system/program/history_changes_fixture.h"
#include "system/program/history_check.h"

// The judge is judged: what those are told who are refused, so that they can go on.
namespace coupond::test {
namespace {

using Kind = HistoryFault::Kind;

class HistoryFactsTest : public HistoryChangesTest {
 protected:
  /// Expects that the last reply is right, and wrong as soon as it tells another number, or none.
  void ExpectNumberIsChecked() {
    ExpectSound();
    Operation& last = history_.back();
    for (const Facts& wrong : {Facts(), Facts{{last.facts.begin()->first, "99"}}}) {
      const Facts right = std::exchange(last.facts, wrong);
      ExpectFault(Kind::kWrongDetail, "another number");
      last.facts = right;
    }
  }
  void SetRetry(std::int64_t milliseconds) {
    std::get<api::RedeemCouponResponse>(history_.back().reply).set_retry_ms(milliseconds);
  }
};

TEST_F(HistoryFactsTest, AnotherNumberOfIssuedCouponsIsFound) {
  Issue(kSummer, "", "code D", 1'015, 8);
  RefuseTotal(1, api::REFUSAL_TOTAL_BELOW_ISSUED, 8, {{"issued", "2"}});
  ExpectNumberIsChecked();
}

TEST_F(HistoryFactsTest, AnotherNumberOfCouponsLeftIsFound) {
  RefuseBatch(5, 7, {{"left", "4"}});
  ExpectNumberIsChecked();
}

TEST_F(HistoryFactsTest, AnotherRevisionIsFound) {
  SetTotal(8, 8);
  RefuseRevision(3, 8, {{"revision", "8"}});
  ExpectNumberIsChecked();
}

TEST_F(HistoryFactsTest, AnotherPresentRedemptionIsFound) {
  Redeem(8);
  RefuseVoid(api::REFUSAL_COUPON_ALREADY_REDEEMED, 8, {{"redemption", "8"}});
  ExpectNumberIsChecked();
  RefuseCancel(7, api::REFUSAL_NOT_REDEEMED, 8, {{"redemption", "8"}});
  ExpectNumberIsChecked();
}

TEST_F(HistoryFactsTest, ARedemptionOfACouponWithoutOneIsFound) {
  RefuseCancel(7, api::REFUSAL_NOT_REDEEMED, 7);
  ExpectSound();
  history_.back().facts = {{"redemption", "7"}};
  ExpectFault(Kind::kWrongDetail, "another number");
}

TEST_F(HistoryFactsTest, WhoRedeemsDuringAPauseComesBackInTime) {
  Pause(api::PAUSE_SCOPE_REDEEMING, 8);
  RefuseRedeem(api::REFUSAL_REDEEMING_PAUSED, 8);
  ExpectFault(Kind::kWrongDetail, "another time to wait");
  SetRetry(3'001);
  ExpectFault(Kind::kWrongDetail, "another time to wait");
  SetRetry(1'000);
  ExpectSound();
}

TEST_F(HistoryFactsTest, NobodyComesBackForWhatDoesNotPass) {
  Redeem(8);
  RefuseRedeem(api::REFUSAL_COUPON_ALREADY_REDEEMED, 8);
  ExpectSound();
  SetRetry(1'000);
  ExpectFault(Kind::kWrongDetail, "another time to wait");
}

}  // namespace
}  // namespace coupond::test
