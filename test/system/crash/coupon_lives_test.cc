#include "system/crash/coupon_lives.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "support/builders.h"
#include "system/crash/client_ledger.h"

// Servers that forget, repeat or invent what became of a coupon; each fault must be found.
namespace coupond::test {
namespace {

using Kind = CouponRequestKind;
using Outcome = CouponReply::Outcome;

class CouponLivesTest : public testing::Test {
 protected:
  static ShownCoupon Coupon(CouponState state, std::uint64_t redemption = 0) {
    return {
        .code = "a", .issued_at = At(1), .user_id = {}, .state = state, .redemption = redemption};
  }
  CouponRequest Begin(Kind kind) {
    // Names the last redemption, by its sequence.
    const auto request = lives_.Begin(kind, "a", "request " + std::to_string(++requests_), 1);
    EXPECT_TRUE(request) << "the request before has no answer yet";
    return request.value_or(CouponRequest());
  }
  /// Returns the kind of fault that an answer is, as in reports; empty if it is none.
  std::string Hear(const CouponRequest& request, const CouponReply& reply) {
    return NameOfFault(lives_.Hear(request, reply));
  }
  std::string Ask(Kind kind, Outcome outcome, std::uint64_t sequence = 0) {
    return Hear(Begin(kind), {.outcome = outcome, .sequence = sequence});
  }
  std::string Look(const ShownCoupon& coupon) {
    return Hear(Begin(Kind::kLook), {.outcome = Outcome::kDone, .sequence = 0, .coupon = coupon});
  }
  std::string Check(const ShownCoupon& coupon) { return NameOfFault(lives_.Check(coupon)); }

  static std::string NameOfFault(const std::optional<CouponLives::Finding>& finding) {
    return finding ? std::string(FaultName(finding->kind)) : "";
  }

  CouponLives lives_;
  int requests_ = 0;
};

TEST_F(CouponLivesTest, AWholeLifeIsNoFault) {
  EXPECT_EQ(Look(Coupon(CouponState::kIssued)), "");
  EXPECT_EQ(Ask(Kind::kRedeem, Outcome::kDone, 7), "");
  EXPECT_EQ(Look(Coupon(CouponState::kRedeemed, 7)), "");
  EXPECT_EQ(Ask(Kind::kRedeem, Outcome::kAlreadyRedeemed, 7), "");
  EXPECT_EQ(Ask(Kind::kRepeatRedemption, Outcome::kRepeated, 7), "");
  EXPECT_EQ(Ask(Kind::kVoid, Outcome::kAlreadyRedeemed, 7), "");
  EXPECT_EQ(Check(Coupon(CouponState::kRedeemed, 7)), "");
  EXPECT_EQ(Ask(Kind::kCancel, Outcome::kDone, 8), "");
  EXPECT_EQ(Ask(Kind::kCancel, Outcome::kNotRedeemed, 8), "");
  EXPECT_EQ(Ask(Kind::kRepeatRedemption, Outcome::kRepeated, 7), "") << "it took place";
  EXPECT_EQ(Check(Coupon(CouponState::kIssued)), "");
  EXPECT_EQ(Ask(Kind::kVoid, Outcome::kDone, 9), "");
  EXPECT_EQ(Ask(Kind::kVoid, Outcome::kUnchanged, 9), "");
  EXPECT_EQ(Ask(Kind::kRedeem, Outcome::kVoid, 9), "");
  EXPECT_EQ(Ask(Kind::kReturn, Outcome::kDone, 10), "");
  EXPECT_EQ(Ask(Kind::kReturn, Outcome::kUnchanged, 10), "");
  EXPECT_EQ(Ask(Kind::kCancel, Outcome::kVoid, 10), "");
  EXPECT_EQ(Check(Coupon(CouponState::kReturned)), "");
}

TEST_F(CouponLivesTest, AForgottenRedemptionIsFound) {
  ASSERT_EQ(Ask(Kind::kRedeem, Outcome::kDone, 7), "");
  EXPECT_EQ(Check(Coupon(CouponState::kIssued)), "REDEMPTION LOST");
  EXPECT_EQ(Look(Coupon(CouponState::kIssued)), "REDEMPTION LOST");
  EXPECT_EQ(Ask(Kind::kCancel, Outcome::kNotRedeemed, 7), "REDEMPTION LOST");
  EXPECT_EQ(Ask(Kind::kRepeatRedemption, Outcome::kDone, 9), "REDEMPTION LOST");
}

TEST_F(CouponLivesTest, ASecondRedemptionIsFound) {
  ASSERT_EQ(Ask(Kind::kRedeem, Outcome::kDone, 7), "");
  EXPECT_EQ(Ask(Kind::kRedeem, Outcome::kDone, 8), "REDEMPTION LOST");
}

TEST_F(CouponLivesTest, AVoidedCouponThatWasRedeemedIsFound) {
  ASSERT_EQ(Ask(Kind::kRedeem, Outcome::kDone, 7), "");
  EXPECT_EQ(Ask(Kind::kVoid, Outcome::kDone, 8), "REDEMPTION LOST");
}

TEST_F(CouponLivesTest, AnotherRedemptionIsFound) {
  ASSERT_EQ(Ask(Kind::kRedeem, Outcome::kDone, 7), "");
  EXPECT_EQ(Check(Coupon(CouponState::kRedeemed, 8)), "DUPLICATE");
  EXPECT_EQ(Ask(Kind::kRepeatRedemption, Outcome::kRepeated, 8), "DUPLICATE");
}

TEST_F(CouponLivesTest, ACancelOfAnotherRedemptionIsFound) {
  ASSERT_EQ(Ask(Kind::kRedeem, Outcome::kDone, 7), "");
  ASSERT_EQ(Ask(Kind::kCancel, Outcome::kDone, 8), "");
  ASSERT_EQ(Ask(Kind::kRedeem, Outcome::kDone, 9), "");
  // A draw of this kind names the redemption before the last.
  const auto first = lives_.Begin(Kind::kCancel, "a", "late", 4);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->redemption, 7U);
  EXPECT_EQ(Hear(*first, {.outcome = Outcome::kDone, .sequence = 10}), "REDEMPTION LOST");
  EXPECT_EQ(Check(Coupon(CouponState::kRedeemed, 9)), "");
}

TEST_F(CouponLivesTest, AForgottenCancelIsFound) {
  ASSERT_EQ(Ask(Kind::kRedeem, Outcome::kDone, 7), "");
  ASSERT_EQ(Ask(Kind::kCancel, Outcome::kDone, 8), "");
  EXPECT_EQ(Check(Coupon(CouponState::kRedeemed, 7)), "CHANGE LOST");
  EXPECT_EQ(Ask(Kind::kCancel, Outcome::kDone, 9), "CHANGE LOST");
}

TEST_F(CouponLivesTest, AForgottenVoidIsFound) {
  ASSERT_EQ(Ask(Kind::kVoid, Outcome::kDone, 7), "");
  EXPECT_EQ(Check(Coupon(CouponState::kIssued)), "CHANGE LOST");
  EXPECT_EQ(Ask(Kind::kRedeem, Outcome::kDone, 8), "CHANGE LOST");
  EXPECT_EQ(Ask(Kind::kVoid, Outcome::kDone, 9), "CHANGE LOST");
}

TEST_F(CouponLivesTest, AReturnedCouponThatKeepsItsPlaceIsFound) {
  ASSERT_EQ(Ask(Kind::kReturn, Outcome::kDone, 7), "");
  EXPECT_EQ(lives_.returns_begun(), 1U);
  EXPECT_EQ(Check(Coupon(CouponState::kVoided)), "CHANGE LOST");
}

TEST_F(CouponLivesTest, AChangeThatNobodyAskedForIsFound) {
  EXPECT_EQ(Check(Coupon(CouponState::kRedeemed, 7)), "CHANGE LOST");
  EXPECT_EQ(Check(Coupon(CouponState::kVoided)), "CHANGE LOST");
}

TEST_F(CouponLivesTest, AnUnknownOutcomeMayBeAChangeOrNone) {
  CouponRequest request = Begin(Kind::kRedeem);
  request.is_retry = true;
  EXPECT_FALSE(lives_.Begin(Kind::kVoid, "a", "other", 1)) << "it is repeated first";
  EXPECT_EQ(Check(Coupon(CouponState::kIssued)), "");
  EXPECT_EQ(Check(Coupon(CouponState::kVoided)), "CHANGE LOST") << "nobody asked for that";
  EXPECT_EQ(Check(Coupon(CouponState::kRedeemed, 7)), "");
  EXPECT_EQ(Check(Coupon(CouponState::kIssued)), "REDEMPTION LOST") << "it was seen";
  EXPECT_EQ(Hear(request, {.outcome = Outcome::kRepeated, .sequence = 7}), "");
  EXPECT_EQ(Check(Coupon(CouponState::kRedeemed, 7)), "");
}

TEST_F(CouponLivesTest, ARetryThatRedeemsOnceMoreIsFound) {
  CouponRequest request = Begin(Kind::kRedeem);
  request.is_retry = true;
  EXPECT_EQ(Check(Coupon(CouponState::kRedeemed, 7)), "");
  EXPECT_EQ(Hear(request, {.outcome = Outcome::kDone, .sequence = 9}), "DUPLICATE");
}

TEST_F(CouponLivesTest, AFirstRequestThatIsAnsweredAsARetryIsFound) {
  EXPECT_EQ(Ask(Kind::kRedeem, Outcome::kRepeated, 7), "UNEXPECTED");
}

TEST_F(CouponLivesTest, AnAnswerWithAnotherCouponIsFound) {
  ShownCoupon other = Coupon(CouponState::kRedeemed, 7);
  other.code = "b";
  EXPECT_EQ(Hear(Begin(Kind::kRedeem), {.outcome = Outcome::kDone, .sequence = 7, .coupon = other}),
            "UNEXPECTED");
}

/// The same through the ledger of all clients.
class CouponRequestTest : public testing::Test {
 protected:
  CouponRequestTest() {
    ledger_.BeginCreate({.name = kName, .total_coupons = 1, .start_time = At(0)});
    ledger_.Created(kName, "id");
    Grant("a");
  }
  void Grant(const std::string& code) {
    ledger_.Granted(ledger_.BeginIssue(kName, {}),
                    {.coupon = Coupon(code, CouponState::kIssued), .already_issued = false},
                    At(100));
  }
  static ShownCoupon Coupon(const std::string& code, CouponState state) {
    return {.code = code, .issued_at = At(1), .user_id = {}, .state = state};
  }
  CouponRequest Begin(Kind kind) {
    const auto request =
        ledger_.BeginCouponRequest(kind, kName, "request " + std::to_string(++requests_), 1);
    EXPECT_TRUE(request);
    return request.value_or(CouponRequest());
  }
  static ShownCampaign Campaign() {
    return {.id = "id",
            .name = kName,
            .total_coupons = 1,
            .issued_coupons = 1,
            .start_time = At(0),
            .coupons = {Coupon("a", CouponState::kIssued)}};
  }

  static constexpr const char* kName = "summer";
  FaultLog faults_;
  ClientLedger ledger_{faults_};
  int requests_ = 0;
};

TEST_F(CouponRequestTest, ARedemptionLostInACrashIsFound) {
  ledger_.Heard(Begin(Kind::kRedeem), {.outcome = Outcome::kDone, .sequence = 7});
  EXPECT_EQ(ledger_.totals().acknowledged_redemptions, 1U);
  ShownCampaign shown = Campaign();
  shown.coupons[0].state = CouponState::kRedeemed;
  shown.coupons[0].redemption = 7;
  shown.redeemed_coupons = 1;
  ledger_.Check({.campaigns = {shown}});
  EXPECT_EQ(faults_.total(), 0U);
  ledger_.Check({.campaigns = {Campaign()}});
  EXPECT_EQ(faults_.count(FaultKind::kRedemptionLost), 1U);
  EXPECT_EQ(faults_.total(), 1U);
}

TEST_F(CouponRequestTest, AFigureThatDiffersFromTheCouponsIsFound) {
  ShownCampaign shown = Campaign();
  shown.redeemed_coupons = 1;
  ledger_.Check({.campaigns = {shown}});
  EXPECT_EQ(faults_.count(FaultKind::kUnexpected), 1U);
}

TEST_F(CouponRequestTest, OnlyAReturnedPlaceIsIssuedAgain) {
  ledger_.Heard(Begin(Kind::kVoid), {.outcome = Outcome::kDone, .sequence = 7});
  Grant("b");
  EXPECT_EQ(faults_.count(FaultKind::kOverIssued), 1U) << "the first one keeps its place";
}

TEST_F(CouponRequestTest, AReturnedPlaceIsIssuedAgainOnce) {
  ledger_.Heard(Begin(Kind::kReturn), {.outcome = Outcome::kDone, .sequence = 7});
  Grant("b");
  ShownCampaign shown = Campaign();
  shown.coupons[0].state = CouponState::kReturned;
  shown.returned_coupons = 1;
  shown.coupons.push_back(Coupon("b", CouponState::kIssued));
  ledger_.Check({.campaigns = {shown}});
  EXPECT_EQ(faults_.total(), 0U);
  Grant("c");
  EXPECT_EQ(faults_.count(FaultKind::kOverIssued), 1U);
}

TEST_F(CouponRequestTest, ACouponUnknownUnderLoadIsLost) {
  ledger_.Heard(Begin(Kind::kLook), {.outcome = Outcome::kNoSuchCoupon});
  EXPECT_EQ(faults_.count(FaultKind::kLost), 1U);
}

TEST_F(CouponRequestTest, ACouponOfADeletedCampaignMayBeUnknown) {
  const CouponRequest request = Begin(Kind::kRedeem);
  ASSERT_TRUE(ledger_.BeginDelete(kName));
  ledger_.Heard(request, {.outcome = Outcome::kNoSuchCoupon});
  ledger_.Deleted(kName);
  EXPECT_FALSE(ledger_.BeginCouponRequest(Kind::kLook, kName, "late", 1));
  EXPECT_EQ(faults_.total(), 0U);
}

TEST_F(CouponRequestTest, ARequestOfUnknownOutcomeIsARetryFromThenOn) {
  CouponRequest request = Begin(Kind::kRedeem);
  ledger_.OutcomeUnknown(request);
  ledger_.Heard(request, {.outcome = Outcome::kRepeated, .sequence = 7});
  EXPECT_EQ(faults_.total(), 0U);
  EXPECT_EQ(ledger_.totals().retries_resolved, 1U);
  EXPECT_EQ(ledger_.totals().acknowledged_redemptions, 1U);
}

}  // namespace
}  // namespace coupond::test
