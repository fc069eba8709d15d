#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <variant>

#include "engine/rules/decide_fixture.h"
#include "engine/rules/limits.h"
#include "support/builders.h"

// When coupons may be redeemed, and by whom.
namespace coupond {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;
using test::At;
using test::Cancel;
using test::ClaimOf;
using test::Create;
using test::Id;
using test::Issue;
using test::IssueOnRequest;
using test::IssueTo;
using test::Pause;
using test::Redeem;
using test::RequestOf;
using test::Resume;
using test::Update;
using test::Void;

constexpr Activities kRedemptions{.issuing = false, .redeeming = true};
constexpr std::uint8_t kKim = 7;
constexpr std::uint8_t kLee = 8;

RedeemCoupon RedeemBy(std::uint64_t serial, std::uint8_t holder) {
  RedeemCoupon command = Redeem(serial);
  command.holder = ClaimOf(holder);
  return command;
}

class DecideValidityTest : public DecideTest {
 protected:
  void GivenACampaign(Timestamp expire_time, nanoseconds valid_duration = kUnlimited) {
    CreateCampaign create = Create(1, "one", 100, At(0));
    create.expire_time = expire_time;
    create.valid_duration = valid_duration;
    Given(create, At(0));
  }
  static Decision Expired(Timestamp at) { return Refused(RefusalReason::kCouponExpired, at); }
};

/// Breaks every rule of redeeming at once, then mends one in each row.
TEST_F(DecideValidityTest, RedeemIsRefusedInTheOrderOfPrecedence) {
  GivenACampaign(kNever, seconds(5));
  Given(IssueTo(1, kKim), At(1));
  Given(IssueTo(1, kLee), At(1));
  Given(IssueTo(1, kLee + 1), At(1));
  Given(Void(1, RequestOf(1)), At(2));
  Given(Redeem(2), At(2));
  const Sequence redemption = last_;
  Given(Update(1, {.redeem_by_holder_only = true}), At(2));
  Given(Pause(1, kRedemptions), At(2));
  RedeemCoupon command = Redeem(99, RequestOf(1, /*content=*/5));
  ExpectRefusals(
      command, At(10),
      {
          {RefusalReason::kNoSuchCoupon, [&] { command.serial = Serial(1); }},
          {RefusalReason::kRequestIdReused, [&] { command.request = RequestOf(2); }},
          {RefusalReason::kCouponVoided, [&] { command.serial = Serial(2); }},
          {.refused = RefusalReason::kCouponAlreadyRedeemed,
           .mend = [&] { command.serial = Serial(3); },
           .present = redemption},
          {RefusalReason::kWrongHolder, [&] { command.holder = ClaimOf(kLee); }},
          {RefusalReason::kWrongHolder, [&] { command.holder = ClaimOf(kLee + 1); }},
          // One that has expired could be redeemed before, so both do not hold at once.
          {RefusalReason::kCouponExpired,
           [&] {
             Given(Update(1, {.redeem_start_time = At(20), .valid_duration = seconds(60)}), At(10));
           },
           At(6)},
          {RefusalReason::kCouponNotYetValid,
           [&] { Given(Update(1, {.redeem_start_time = kAlways}), At(10)); }, At(20)},
          {RefusalReason::kRedeemingPaused, [&] { Given(Resume(1, kRedemptions), At(10)); }},
      });
}

TEST_F(DecideValidityTest, AUserWhoIsNamedMustHaveTheCoupon) {
  GivenACampaign(kNever);
  Given(IssueTo(1, kKim), At(1));
  Given(IssueOnRequest(1, 21), At(1));
  EXPECT_TRUE(Accepts(Redeem(1), At(2))) << "nobody has to be named";
  EXPECT_TRUE(Accepts(RedeemBy(1, kKim), At(2)));
  const Decision wrong = Refused(RefusalReason::kWrongHolder);
  EXPECT_EQ(When(RedeemBy(1, kLee), At(2)), wrong);
  EXPECT_EQ(When(RedeemBy(2, kKim), At(2)), wrong) << "it is nobody's";
  Given(Update(1, {.redeem_by_holder_only = true}), At(3));
  EXPECT_EQ(When(Redeem(1), At(4)), wrong);
  EXPECT_EQ(When(Redeem(2), At(4)), wrong) << "nobody can redeem it";
  EXPECT_TRUE(Accepts(RedeemBy(1, kKim), At(4)));
}

TEST_F(DecideValidityTest, EachOfSeveralCouponsIsTheUsers) {
  CreateCampaign create = Create(1, "one", 100, At(0));
  create.coupons_per_user = 2;
  create.redeem_by_holder_only = true;
  Given(create, At(0));
  Given(IssueOnRequest(1, 21, kKim), At(1));
  Given(IssueOnRequest(1, 22, kLee), At(1));
  Given(IssueOnRequest(1, 23, kKim), At(1));
  for (const std::uint64_t serial : {1, 3}) {
    EXPECT_TRUE(Accepts(RedeemBy(serial, kKim), At(2)));
    EXPECT_EQ(When(RedeemBy(serial, kLee), At(2)), Refused(RefusalReason::kWrongHolder));
  }
  EXPECT_TRUE(Accepts(RedeemBy(2, kLee), At(2)));
}

TEST_F(DecideValidityTest, TheEarlierOfBothTimesIsTheExpiry) {
  GivenACampaign(At(10), seconds(6));
  EXPECT_EQ(When(Issue(1), At(1)), Decision(Accepted{.expire_time = At(7)}));
  Given(IssueTo(1, kKim), At(1));
  EXPECT_EQ(When(Issue(1), At(5)), Decision(Accepted{.expire_time = At(10)}));
  Given(IssueTo(1, kLee), At(5));
  EXPECT_TRUE(Accepts(Redeem(1), At(7).Plus(nanoseconds(-1))));
  EXPECT_EQ(When(Redeem(1), At(7)), Expired(At(7)));
  EXPECT_TRUE(Accepts(Redeem(2), At(10).Plus(nanoseconds(-1))));
  EXPECT_EQ(When(Redeem(2), At(10)), Expired(At(10)));
}

TEST_F(DecideValidityTest, ACouponThatIsHeldSaysWhenItExpires) {
  GivenACampaign(At(10), seconds(6));
  Given(IssueTo(1, kKim), At(1));
  HeldCoupon held = CouponOf(1, At(1));
  held.expire_time = At(7);
  EXPECT_EQ(When(IssueTo(1, kKim), At(6)), Decision(held));
  held.state = CouponState::kExpired;
  EXPECT_EQ(When(IssueTo(1, kKim), At(7)), Decision(held)) << "it is not issued again";
  Given(Update(1, {.valid_duration = kUnlimited}), At(8));
  held.state = CouponState::kIssued;
  held.expire_time = At(10);
  EXPECT_EQ(When(IssueTo(1, kKim), At(9)), Decision(held));
}

TEST_F(DecideValidityTest, CouponsWithoutAUserExpireEachInItsTime) {
  GivenACampaign(kNever, seconds(10));
  for (std::int64_t i = 0; i < 20; ++i) Given(Issue(1), At(i / 2));
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Timestamp end = At(static_cast<std::int64_t>(i / 2) + 10);
    EXPECT_TRUE(Accepts(Redeem(i + 1), end.Plus(nanoseconds(-1)))) << i;
    EXPECT_EQ(When(Redeem(i + 1), end), Expired(end)) << i;
  }
  EXPECT_EQ(ledger_.Find(Id(1))->issue_times.size(), 10U);
}

TEST_F(DecideValidityTest, TimesThatNothingNeedsAreNotKept) {
  GivenACampaign(At(90));
  Given(Issue(1), At(1));
  Given(IssueTo(1, kKim), At(2));
  Given(Issue(1), At(3));
  EXPECT_EQ(ledger_.Find(Id(1))->issue_times.size(), 1U);
  EXPECT_EQ(When(Redeem(1), At(90)), Expired(At(90)));
}

TEST_F(DecideValidityTest, TheLongestValidityEndsWithTime) {
  GivenACampaign(kNever, limits::kValidDurationMax);
  const Timestamp late = limits::kStartTimeMax.Plus(-seconds(1));
  EXPECT_EQ(When(Issue(1), late), Decision(Accepted{.expire_time = kNever}));
  EXPECT_EQ(When(Issue(1), At(1)),
            Decision(Accepted{.expire_time = At(1).Plus(limits::kValidDurationMax)}));
}

TEST_F(DecideValidityTest, ARedeemedCouponStaysSoPastItsTime) {
  GivenACampaign(At(10));
  Given(IssueTo(1, kKim), At(1));
  Given(Redeem(1), At(2));
  const Sequence redemption = last_;
  HeldCoupon held = CouponOf(1, At(1), CouponState::kRedeemed);
  held.expire_time = At(10);
  EXPECT_EQ(When(IssueTo(1, kKim), At(20)), Decision(held));
  EXPECT_EQ(When(Redeem(1), At(20)),
            Refused({.reason = RefusalReason::kCouponAlreadyRedeemed, .present = redemption}));
  Given(Cancel(1, redemption), At(20));
  EXPECT_EQ(When(Redeem(1), At(20)), Expired(At(10)));
  EXPECT_TRUE(Accepts(Void(1), At(20)));
}

TEST_F(DecideValidityTest, RedeemingBeginsExactlyAtItsStart) {
  GivenACampaign(kNever);
  Given(Update(1, {.redeem_start_time = At(10)}), At(0));
  Given(Issue(1), At(1));
  EXPECT_EQ(When(Redeem(1), At(10).Plus(nanoseconds(-1))),
            Refused(RefusalReason::kCouponNotYetValid, At(10)));
  EXPECT_TRUE(Accepts(Redeem(1), At(10)));
}

TEST_F(DecideValidityTest, NoCouponExpiresEarlierByAChange) {
  const struct {
    TermChanges changes;
    bool is_earlier;
  } rows[] = {
      {{.expire_time = At(99)}, true},
      {{.expire_time = At(101)}, false},
      {{.expire_time = kNever}, false},
      {{.valid_duration = seconds(59)}, true},
      {{.valid_duration = seconds(61)}, false},
      {{.valid_duration = kUnlimited}, false},
      {{.expire_time = At(101), .valid_duration = seconds(59)}, true},
      {{.expire_time = At(99), .valid_duration = seconds(61)}, true},
  };
  for (const bool issued : {false, true}) {
    ledger_ = {};
    GivenACampaign(At(100), seconds(60));
    if (issued) Given(Issue(1), At(1));
    for (const auto& row : rows) {
      SCOPED_TRACE(std::to_string(&row - rows));
      if (issued && row.is_earlier) {
        EXPECT_EQ(When(Update(1, row.changes), At(2)), Refused(RefusalReason::kExpireTimeTooEarly));
      } else {
        EXPECT_TRUE(Accepts(Update(1, row.changes), At(2)));
      }
    }
  }
}

TEST_F(DecideValidityTest, NobodyGetsACouponThatHasExpired) {
  GivenACampaign(At(10));
  EXPECT_TRUE(Accepts(Issue(1), At(10).Plus(nanoseconds(-1))));
  EXPECT_EQ(When(Issue(1), At(10)), Refused(RefusalReason::kEnded, At(10)));
  EXPECT_EQ(StateOf(*ledger_.Find(Id(1)), At(10)), CampaignState::kEnded);
  EXPECT_EQ(NextChangeOfState(*ledger_.Find(Id(1)), At(9)), At(10));
  Given(Update(1, {.end_time = At(5)}), At(1));
  EXPECT_EQ(When(Issue(1), At(7)), Refused(RefusalReason::kEnded, At(5)));
  Given(Update(1, {.end_time = kNever, .expire_time = kNever}), At(20));
  EXPECT_TRUE(Accepts(Issue(1), At(20)));
}

TEST_F(DecideValidityTest, TheFirstCouponsAreRedeemable) {
  CreateCampaign create = Create(1, "one", 100, At(10));
  create.redeem_start_time = At(20);
  create.valid_duration = seconds(10);
  EXPECT_EQ(When(create, At(0)), Refused(RefusalReason::kExpireTimeTooEarly));
  create.valid_duration = seconds(10) + nanoseconds(1);
  Given(create, At(0));
  EXPECT_EQ(When(Update(1, {.redeem_start_time = At(21)}), At(1)),
            Refused(RefusalReason::kExpireTimeTooEarly));
  EXPECT_TRUE(Accepts(Update(1, {.start_time = At(11), .redeem_start_time = At(21)}), At(1)));
}

TEST_F(DecideValidityTest, ALimitWhereNoneWasIsAnEarlierOne) {
  GivenACampaign(kNever);
  Given(Issue(1), At(1));
  for (const TermChanges& changes :
       {TermChanges{.expire_time = limits::kStartTimeMax.Plus(-seconds(1))},
        TermChanges{.valid_duration = limits::kValidDurationMax}}) {
    EXPECT_EQ(When(Update(1, changes), At(2)), Refused(RefusalReason::kExpireTimeTooEarly));
  }
  Given(test::Return(1), At(2));
  EXPECT_EQ(When(Update(1, {.expire_time = At(90)}), At(3)),
            Refused(RefusalReason::kExpireTimeTooEarly))
      << "one was issued, whatever became of it";
}

TEST_F(DecideValidityTest, ExpiryNeverComesBeforeRedeeming) {
  const auto too_early = Refused(RefusalReason::kExpireTimeTooEarly);
  CreateCampaign create = Create(1, "one", 100, At(10));
  create.expire_time = At(20);
  Given(create, At(0));
  EXPECT_EQ(When(Update(1, {.expire_time = At(10)}), At(1)), too_early);
  EXPECT_EQ(When(Update(1, {.start_time = At(20)}), At(1)), too_early);
  EXPECT_EQ(When(Update(1, {.redeem_start_time = At(20)}), At(1)), too_early);
  EXPECT_TRUE(Accepts(Update(1, {.start_time = At(20), .expire_time = At(21)}), At(1)));
  EXPECT_TRUE(Accepts(Update(1, {.redeem_start_time = At(19)}), At(1)));
}

TEST_F(DecideValidityTest, AValidationRedeemsNothing) {
  GivenACampaign(kNever);
  Given(IssueTo(1, kKim), At(1));
  RedeemCoupon command = RedeemBy(1, kLee);
  command.request = RequestOf(2);
  command.validate_only = true;
  EXPECT_EQ(When(command, At(2)), Refused(RefusalReason::kWrongHolder));
  command.holder = ClaimOf(kKim);
  EXPECT_EQ(When(command, At(2)), Decision(WouldBeAccepted{}));
  command.validate_only = false;
  Given(command, At(2));
  command.validate_only = true;
  EXPECT_EQ(When(command, At(3)), Decision(Repeated{.sequence = last_}));
  command.request = RequestOf(3);
  EXPECT_EQ(When(command, At(3)),
            Refused({.reason = RefusalReason::kCouponAlreadyRedeemed, .present = last_}));
}

}  // namespace
}  // namespace coupond
