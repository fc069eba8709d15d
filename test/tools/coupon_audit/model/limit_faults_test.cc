#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "tools/coupon_audit/model/rule_fault.h"

// Logs whose events break one of the rules of what one user may get; and beside each the nearest
// ones that break none.
namespace coupond::test {
namespace {

constexpr std::uint64_t kFirst = kNextSerial;
constexpr std::uint64_t kSecond = kNextSerial + 1;
constexpr std::uint64_t kThird = kNextSerial + 2;
constexpr std::uint64_t kFourth = kNextSerial + 3;

/// Returns the creation of a campaign of five, of which each user may have so many.
CampaignCreated WinterFor(std::uint32_t coupons_per_user) {
  return WinterWith(
      [coupons_per_user](auto& winter) { winter.terms.coupons_per_user = coupons_per_user; });
}
CampaignCreated WinterForUsers() {
  return WinterWith([](auto& winter) { winter.terms.user_required = true; });
}
CampaignUpdated WinterNowFor(std::uint32_t coupons_per_user) {
  return UpdatedEvent(kNextCampaign, {.coupons_per_user = coupons_per_user});
}
/// Issues one of winter's coupons to minji, who asks with this request key.
CouponIssued ToMinji(std::uint64_t serial, std::uint8_t request_key) {
  return IssuedToOnRequestEvent(kNextCampaign, serial, "minji", request_key);
}
CouponIssued ToSora(std::uint64_t serial, std::uint8_t request_key) {
  return IssuedToOnRequestEvent(kNextCampaign, serial, "sora", request_key);
}
CouponIssued ToMinjiAlone(std::uint64_t serial) {
  return IssuedToEvent(kNextCampaign, serial, "minji");
}
CouponVoided Voided(std::uint64_t serial) { return VoidedEvent(kNextCampaign, serial); }
CouponVoided Returned(std::uint64_t serial) {
  return ReturnedEvent(kNextCampaign, serial, SerialRange{Serial(kNextSerial + 5), 1'024});
}

std::vector<RuleFault> CountFaults() {
  return {
      {"OneCouponTooMany",
       {WinterFor(2), ToMinji(kFirst, 1), ToMinji(kSecond, 2), ToMinji(kThird, 3)},
       "user_limit_exceeded at group 7, sequence 17, campaign 4",
       {WinterFor(2), ToMinji(kFirst, 1), ToMinji(kSecond, 2), ToSora(kThird, 3)}},
      {"LoweredLimitIgnored",
       {WinterFor(3), ToMinji(kFirst, 1), ToMinji(kSecond, 2), WinterNowFor(2), ToMinji(kThird, 3)},
       "user_limit_exceeded at group 7, sequence 18, campaign 4",
       {WinterFor(3), ToMinji(kFirst, 1), ToMinji(kSecond, 2), WinterNowFor(2), ToSora(kThird, 3)}},
      {"MoreThanARaisedLimit",
       {WinterFor(2), ToMinji(kFirst, 1), ToMinji(kSecond, 2), WinterNowFor(3), ToMinji(kThird, 3),
        ToMinji(kFourth, 4)},
       "user_limit_exceeded at group 7, sequence 19, campaign 4",
       {WinterFor(2), ToMinji(kFirst, 1), ToMinji(kSecond, 2), WinterNowFor(3), ToMinji(kThird, 3),
        ToSora(kFourth, 4)}},
      {"OneMoreForAVoidedCoupon",
       {WinterFor(2), ToMinji(kFirst, 1), ToMinji(kSecond, 2), Voided(kFirst), ToMinji(kThird, 3)},
       "user_limit_exceeded at group 7, sequence 18, campaign 4",
       {WinterFor(2), ToMinji(kFirst, 1), ToMinji(kSecond, 2), FreedEvent(Voided(kFirst)),
        ToMinji(kThird, 3)}},
      {"OneMoreForAReturnedCoupon",
       {WinterFor(2), ToMinji(kFirst, 1), ToMinji(kSecond, 2), Returned(kFirst),
        ToMinji(kThird, 3)},
       "user_limit_exceeded at group 7, sequence 18, campaign 4",
       {WinterFor(2), ToMinji(kFirst, 1), ToMinji(kSecond, 2), FreedEvent(Returned(kFirst)),
        ToMinji(kThird, 3)}},
      {"TwoMoreForOneThatWasFreed",
       {WinterFor(2), ToMinji(kFirst, 1), ToMinji(kSecond, 2), FreedEvent(Voided(kFirst)),
        ToMinji(kThird, 3), ToMinji(kFourth, 4)},
       "user_limit_exceeded at group 7, sequence 19, campaign 4",
       {WinterFor(2), ToMinji(kFirst, 1), ToMinji(kSecond, 2), FreedEvent(Voided(kFirst)),
        ToMinji(kThird, 3), FreedEvent(Voided(kSecond)), ToMinji(kFourth, 4)}},
      {"OneTooManyBesideAnAnonymousCoupon",
       {WinterFor(2), ToMinji(kFirst, 1), ToMinji(kSecond, 2), IssuedEvent(kNextCampaign, kThird),
        ToMinji(kFourth, 4)},
       "user_limit_exceeded at group 7, sequence 18, campaign 4",
       {WinterFor(2), ToMinji(kFirst, 1), IssuedOnRequestEvent(kNextCampaign, kSecond, 2),
        IssuedEvent(kNextCampaign, kThird), ToMinji(kFourth, 4)}},
      {"RequestOfAUserGivenTwice",
       {WinterFor(2), ToMinji(kFirst, 1), ToMinji(kSecond, 1)},
       "claim_given_twice at group 7, sequence 16, campaign 4",
       {WinterFor(2), ToMinji(kFirst, 1), FreedEvent(Voided(kFirst)), ToMinji(kSecond, 1)}},
      {"VoidedCouponOfTheOnlyOneGivenAgain",
       {Winter(), ToMinjiAlone(kFirst), Voided(kFirst), ToMinjiAlone(kSecond)},
       "claim_given_twice at group 7, sequence 17, campaign 4",
       {Winter(), ToMinjiAlone(kFirst), FreedEvent(Voided(kFirst)), ToMinjiAlone(kSecond)}},
      {"FreedClaimGivenTwice",
       {Winter(), ToMinjiAlone(kFirst), FreedEvent(Voided(kFirst)), ToMinjiAlone(kSecond),
        ToMinjiAlone(kThird)},
       "claim_given_twice at group 7, sequence 18, campaign 4",
       {Winter(), ToMinjiAlone(kFirst), FreedEvent(Voided(kFirst)), ToMinjiAlone(kSecond),
        FreedEvent(Voided(kSecond)), ToMinjiAlone(kThird)}},
  };
}

std::vector<RuleFault> FreeingFaults() {
  return {
      {"FreedTwice",
       {FreedEvent(VoidedEvent(kSpring, 2)), FreedEvent(VoidedEvent(kSpring, 2))},
       "claim_freed_twice at group 7, sequence 15, campaign 1",
       {VoidedEvent(kSpring, 2), FreedEvent(VoidedEvent(kSpring, 2))}},
      {"FreedAgainWhenItIsReturned",
       {Winter(), ToMinjiAlone(kFirst), FreedEvent(Voided(kFirst)), FreedEvent(Returned(kFirst))},
       "claim_freed_twice at group 7, sequence 17, campaign 4",
       {Winter(), ToMinjiAlone(kFirst), FreedEvent(Voided(kFirst)), Returned(kFirst)}},
      {"FreedOfACouponThatIsRedeemed",
       {RedeemedEvent(kSpring, 2), FreedEvent(VoidedEvent(kSpring, 2))},
       "voided_while_redeemed at group 7, sequence 15, campaign 1",
       {RedeemedEvent(kSpring, 2), CanceledEvent(kSpring, 2, 14),
        FreedEvent(VoidedEvent(kSpring, 2))}},
      {"FreedAsVoidedThoughItIsReturned",
       {Winter(), ToMinjiAlone(kFirst), Returned(kFirst), FreedEvent(Voided(kFirst))},
       "voided_twice at group 7, sequence 17, campaign 4",
       {Winter(), ToMinjiAlone(kFirst), Returned(kFirst),
        FreedEvent(ReturnedEvent(kNextCampaign, kFirst))}},
      {"SerialsForAPlaceThatIsOnlyFreed",
       {Winter(), ToMinjiAlone(kFirst), Returned(kFirst),
        FreedEvent(ReturnedEvent(kNextCampaign, kFirst,
                                 SerialRange{Serial(kNextSerial + 5 + 1'024), 1'024}))},
       "added_serials_wrong at group 7, sequence 17, campaign 4",
       {Winter(), ToMinjiAlone(kFirst), Returned(kFirst),
        FreedEvent(ReturnedEvent(kNextCampaign, kFirst))}},
  };
}

std::vector<RuleFault> WhoseFaults() {
  return {
      {"RequestKeyThoughTheHolderIsTheKey",
       {IssuedToOnRequestEvent(kSpring, 5, "joon", 1)},
       "coupon_keys_wrong at group 7, sequence 14, campaign 1",
       {IssuedToEvent(kSpring, 5, "joon")}},
      {"NoRequestKeyThoughUsersMayHaveMore",
       {WinterFor(2), ToMinjiAlone(kFirst)},
       "coupon_keys_wrong at group 7, sequence 15, campaign 4",
       {WinterFor(2), ToMinji(kFirst, 1)}},
      {"NobodyThoughAUserIsRequired",
       {WinterForUsers(), IssuedEvent(kNextCampaign, kFirst)},
       "issued_without_user at group 7, sequence 15, campaign 4",
       {WinterForUsers(), ToMinjiAlone(kFirst)}},
      {"OnlyARequestThoughAUserIsRequired",
       {UpdatedEvent(kSpring, {.user_required = true}), IssuedOnRequestEvent(kSpring, 5, 1)},
       "issued_without_user at group 7, sequence 15, campaign 1",
       {UpdatedEvent(kSpring, {.user_required = true}),
        UpdatedEvent(kSpring, {.user_required = false}), IssuedOnRequestEvent(kSpring, 5, 1)}},
  };
}

std::vector<RuleFault> LimitFaults() {
  return {
      {"LimitTooLarge",
       {WinterFor(1'001)},
       "coupons_per_user_wrong at group 7, sequence 14, campaign 4",
       {WinterFor(1'000)}},
      {"LimitRaisedTooMuch",
       {WinterFor(2), WinterNowFor(1'001)},
       "coupons_per_user_wrong at group 7, sequence 15, campaign 4",
       {WinterFor(2), WinterNowFor(1'000)}},
      {"UpdatedToTheSameLimit",
       {Winter(), WinterNowFor(1)},
       "update_changes_nothing at group 7, sequence 15, campaign 4",
       {Winter(), WinterNowFor(2), WinterNowFor(1)}},
      {"UpdatedToTheSameNeedForAUser",
       {UpdatedEvent(kSpring, {.user_required = false})},
       "update_changes_nothing at group 7, sequence 14, campaign 1",
       {UpdatedEvent(kSpring, {.user_required = true})}},
      {"UpdatedToTheSameNeedForTheHolder",
       {UpdatedEvent(kSpring, {.redeem_by_holder_only = false})},
       "update_changes_nothing at group 7, sequence 14, campaign 1",
       {UpdatedEvent(kSpring, {.redeem_by_holder_only = true})}},
      {"RaisedFromOneAfterAnIssueToAUser",
       {Winter(), ToMinjiAlone(kFirst), WinterNowFor(2)},
       "limit_changed_after_issue at group 7, sequence 16, campaign 4",
       {Winter(), IssuedOnRequestEvent(kNextCampaign, kFirst, 1), WinterNowFor(2),
        ToMinji(kSecond, 2)}},
      {"LoweredToOneAfterAnIssueToAUser",
       {WinterFor(3), ToMinji(kFirst, 1), WinterNowFor(1)},
       "limit_changed_after_issue at group 7, sequence 16, campaign 4",
       {WinterFor(3), ToMinji(kFirst, 1), WinterNowFor(2)}},
      {"RaisedFromOneWhenTheUsersCouponWasFreed",
       {Winter(), ToMinjiAlone(kFirst), FreedEvent(Returned(kFirst)), WinterNowFor(2)},
       "limit_changed_after_issue at group 7, sequence 17, campaign 4",
       {Winter(), IssuedEvent(kNextCampaign, kFirst), FreedEvent(Returned(kFirst)),
        WinterNowFor(2)}},
  };
}

class LimitFaultTest : public testing::TestWithParam<RuleFault> {};

TEST_P(LimitFaultTest, IsFoundAndNamed) {
  EXPECT_EQ(VerdictWith(GetParam().fault), GetParam().verdict);
}

TEST_P(LimitFaultTest, ItsNearestNeighbourIsSound) {
  EXPECT_EQ(VerdictWith(GetParam().sound), "sound");
}

constexpr auto kNameOfFault = [](const auto& fault) { return fault.param.name; };
INSTANTIATE_TEST_SUITE_P(Counts, LimitFaultTest, testing::ValuesIn(CountFaults()), kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Freeing, LimitFaultTest, testing::ValuesIn(FreeingFaults()), kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Whose, LimitFaultTest, testing::ValuesIn(WhoseFaults()), kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Limits, LimitFaultTest, testing::ValuesIn(LimitFaults()), kNameOfFault);

}  // namespace
}  // namespace coupond::test
