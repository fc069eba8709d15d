#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tools/coupon_audit/model/rule_fault.h"

// Logs whose events break one of the rules of when coupons are valid; and beside each the nearest
// ones that break none.
namespace coupond::test {
namespace {

using std::chrono::days;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr Timestamp kYear2200 = Timestamp::FromUnixNanoseconds(7'258'118'400'000'000'000);
constexpr nanoseconds kNanosecond{1};

/// When a campaign's coupons are valid.
struct Validity {
  Timestamp redeem_start = kAlways;
  Timestamp expiry = kNever;
  nanoseconds duration = kUnlimited;
};

CampaignCreated WinterOf(const Validity& validity) {
  return WinterWith([&validity](auto& winter) {
    winter.terms.redeem_start_time = validity.redeem_start;
    winter.terms.expire_time = validity.expiry;
    winter.terms.valid_duration = validity.duration;
  });
}
CampaignUpdated UpdatedWinter(TermChanges changes) {
  return UpdatedEvent(kNextCampaign, std::move(changes));
}
CouponIssued Issued() { return IssuedEvent(kNextCampaign, kNextSerial); }

std::vector<RuleFault> TermFaults() {
  const Timestamp last_moment = kYear2200.Plus(-kNanosecond);
  return {
      {"RedeemStartTooLate",
       {WinterOf({.redeem_start = kYear2200})},
       "redeem_start_too_late at group 7, sequence 14, campaign 4",
       {WinterOf({.redeem_start = last_moment})}},
      {"RedeemStartMovedTooLate",
       {UpdatedEvent(kSpring, {.redeem_start_time = kYear2200})},
       "redeem_start_too_late at group 7, sequence 14, campaign 1",
       {UpdatedEvent(kSpring, {.redeem_start_time = last_moment})}},
      {"ExpiryTooLate",
       {WinterOf({.expiry = kYear2200})},
       "expiry_too_late at group 7, sequence 14, campaign 4",
       {WinterOf({.expiry = last_moment})}},
      {"ExpiryAtTheStart",
       {WinterOf({.expiry = At(kNow)})},
       "expiry_not_after_start at group 7, sequence 14, campaign 4",
       {WinterOf({.expiry = At(kNow).Plus(kNanosecond)})}},
      {"ExpiryWhenRedeemingStarts",
       {WinterOf({.redeem_start = At(20), .expiry = At(20)})},
       "expiry_not_after_start at group 7, sequence 14, campaign 4",
       {WinterOf({.redeem_start = At(20), .expiry = At(20).Plus(kNanosecond)})}},
      {"StartMovedToTheExpiry",
       {WinterOf({.expiry = At(20)}), UpdatedWinter({.start_time = At(20)})},
       "expiry_not_after_start at group 7, sequence 15, campaign 4",
       {WinterOf({.expiry = At(20)}), UpdatedWinter({.start_time = At(19)})}},
      {"RedeemStartMovedToTheExpiry",
       {WinterOf({.expiry = At(20)}), UpdatedWinter({.redeem_start_time = At(20)})},
       "expiry_not_after_start at group 7, sequence 15, campaign 4",
       {WinterOf({.expiry = At(20)}), UpdatedWinter({.redeem_start_time = At(19)})}},
      {"ExpiryMovedToTheRedeemStart",
       {WinterOf({.redeem_start = At(20)}), UpdatedWinter({.expire_time = At(20)})},
       "expiry_not_after_start at group 7, sequence 15, campaign 4",
       {WinterOf({.redeem_start = At(20)}), UpdatedWinter({.expire_time = At(21)})}},
      {"ValidTooLong",
       {WinterOf({.duration = days(73'200) + kNanosecond})},
       "valid_duration_wrong at group 7, sequence 14, campaign 4",
       {WinterOf({.duration = days(73'200)})}},
      {"ProlongedTooMuch",
       {WinterOf({.duration = days(1)}),
        UpdatedWinter({.valid_duration = days(73'200) + kNanosecond})},
       "valid_duration_wrong at group 7, sequence 15, campaign 4",
       {WinterOf({.duration = days(1)}), UpdatedWinter({.valid_duration = days(73'200)})}},
      {"UpdatedToTheSameRedeemStart",
       {UpdatedEvent(kSpring, {.redeem_start_time = kAlways})},
       "update_changes_nothing at group 7, sequence 14, campaign 1",
       {UpdatedEvent(kSpring, {.redeem_start_time = At(20)}),
        UpdatedEvent(kSpring, {.redeem_start_time = kAlways})}},
      {"UpdatedToTheSameExpiry",
       {UpdatedEvent(kSpring, {.expire_time = kNever})},
       "update_changes_nothing at group 7, sequence 14, campaign 1",
       {WinterOf({.expiry = At(20)}), UpdatedWinter({.expire_time = kNever})}},
      {"UpdatedToTheSameDuration",
       {UpdatedEvent(kSpring, {.valid_duration = kUnlimited})},
       "update_changes_nothing at group 7, sequence 14, campaign 1",
       {WinterOf({.duration = days(1)}), UpdatedWinter({.valid_duration = kUnlimited})}},
  };
}

std::vector<RuleFault> ShorteningFaults() {
  return {
      {"ExpiryMovedEarlier",
       {WinterOf({.expiry = At(30)}), Issued(), UpdatedWinter({.expire_time = At(29)})},
       "expiry_moved_earlier at group 7, sequence 16, campaign 4",
       {WinterOf({.expiry = At(30)}), UpdatedWinter({.expire_time = At(29)}), Issued(),
        UpdatedWinter({.expire_time = At(30)})}},
      {"ExpirySetAfterAnIssue",
       {UpdatedEvent(kSpring, {.expire_time = At(100)})},
       "expiry_moved_earlier at group 7, sequence 14, campaign 1",
       {Winter(), UpdatedWinter({.expire_time = At(100)}), Issued(),
        UpdatedWinter({.expire_time = kNever})}},
      {"DurationShortened",
       {WinterOf({.duration = days(2)}), Issued(), UpdatedWinter({.valid_duration = days(1)})},
       "expiry_moved_earlier at group 7, sequence 16, campaign 4",
       {WinterOf({.duration = days(2)}), UpdatedWinter({.valid_duration = days(1)}), Issued(),
        UpdatedWinter({.valid_duration = days(2)})}},
      {"DurationSetAfterAnIssue",
       {UpdatedEvent(kSpring, {.valid_duration = days(1'000)})},
       "expiry_moved_earlier at group 7, sequence 14, campaign 1",
       {Winter(), UpdatedWinter({.valid_duration = days(1'000)}), Issued(),
        UpdatedWinter({.valid_duration = kUnlimited})}},
      {"ExpirySetForAReturnedCoupon",
       {Winter(), Issued(),
        ReturnedEvent(kNextCampaign, kNextSerial, SerialRange{Serial(kNextSerial + 5), 1'024}),
        UpdatedWinter({.expire_time = At(100)})},
       "expiry_moved_earlier at group 7, sequence 17, campaign 4",
       {Winter(), UpdatedWinter({.expire_time = At(100)}), Issued()}},
  };
}

class ValidityFaultTest : public testing::TestWithParam<RuleFault> {};

TEST_P(ValidityFaultTest, IsFoundAndNamed) {
  EXPECT_EQ(VerdictWith(GetParam().fault), GetParam().verdict);
}

TEST_P(ValidityFaultTest, ItsNearestNeighbourIsSound) {
  EXPECT_EQ(VerdictWith(GetParam().sound), "sound");
}

constexpr auto kNameOfFault = [](const auto& fault) { return fault.param.name; };
INSTANTIATE_TEST_SUITE_P(Terms, ValidityFaultTest, testing::ValuesIn(TermFaults()), kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Shortening, ValidityFaultTest, testing::ValuesIn(ShorteningFaults()),
                         kNameOfFault);

/// Returns the verdict when a coupon of winter, issued at At(kNow), is redeemed at that time.
std::string VerdictWhenRedeemed(const Validity& validity, Timestamp time,
                                const std::vector<Event>& meanwhile = {}) {
  PlantedStore store;
  store.Add(At(kNow), {WinterOf(validity), Issued()});
  if (!meanwhile.empty()) store.Add(At(kNow), meanwhile);
  store.Add(time, {RedeemedEvent(kNextCampaign, kNextSerial)});
  store.WriteFiles();
  return VerdictOn(store.path());
}

constexpr const char* kTooEarly = "redeemed_too_early at group 8, sequence 16, campaign 4";
constexpr const char* kExpired = "redeemed_after_expiry at group 8, sequence 16, campaign 4";

TEST(ValidityFaults, ACouponIsNotRedeemedBeforeRedeemingStarts) {
  const Validity validity{.redeem_start = At(20)};
  EXPECT_EQ(VerdictWhenRedeemed(validity, At(20).Plus(-kNanosecond)), kTooEarly);
  EXPECT_EQ(VerdictWhenRedeemed(validity, At(20)), "sound");
}

TEST(ValidityFaults, ACouponIsNotRedeemedFromTheExpiryOn) {
  const Validity validity{.expiry = At(20)};
  EXPECT_EQ(VerdictWhenRedeemed(validity, At(20).Plus(-kNanosecond)), "sound");
  EXPECT_EQ(VerdictWhenRedeemed(validity, At(20)), kExpired);
}

TEST(ValidityFaults, ACouponIsNotRedeemedWhenItsDurationIsOver) {
  const Validity validity{.duration = seconds(5)};
  EXPECT_EQ(VerdictWhenRedeemed(validity, At(kNow + 5).Plus(-kNanosecond)), "sound");
  EXPECT_EQ(VerdictWhenRedeemed(validity, At(kNow + 5)), kExpired);
}

TEST(ValidityFaults, TheEarlierOfTheTwoCounts) {
  const Validity by_time{.expiry = At(kNow + 4), .duration = seconds(5)};
  EXPECT_EQ(VerdictWhenRedeemed(by_time, At(kNow + 4)), kExpired);
  const Validity by_duration{.expiry = At(kNow + 6), .duration = seconds(5)};
  EXPECT_EQ(VerdictWhenRedeemed(by_duration, At(kNow + 5)), kExpired);
}

TEST(ValidityFaults, AProlongedCouponIsValidAgain) {
  EXPECT_EQ(VerdictWhenRedeemed({.expiry = At(20)}, At(30).Plus(-kNanosecond),
                                {UpdatedWinter({.expire_time = At(30)})}),
            "sound");
  EXPECT_EQ(
      VerdictWhenRedeemed({.expiry = At(20)}, At(30), {UpdatedWinter({.expire_time = At(30)})}),
      "redeemed_after_expiry at group 9, sequence 17, campaign 4");
  EXPECT_EQ(VerdictWhenRedeemed({.duration = seconds(5)}, At(10'000),
                                {UpdatedWinter({.valid_duration = kUnlimited})}),
            "sound");
}

TEST(ValidityFaults, EachCouponExpiresSoLongAfterItsOwnIssue) {
  for (const bool expired : {false, true}) {
    PlantedStore store;
    store.Add(At(kNow), {WinterOf({.duration = seconds(5)}), Issued()});
    store.Add(At(kNow + 3), {IssuedEvent(kNextCampaign, kNextSerial + 1),
                             IssuedEvent(kNextCampaign, kNextSerial + 2)});
    store.Add(At(kNow + 5), {RedeemedEvent(kNextCampaign, kNextSerial + (expired ? 0 : 2))});
    store.WriteFiles();
    EXPECT_EQ(VerdictOn(store.path()),
              expired ? "redeemed_after_expiry at group 9, sequence 18, campaign 4" : "sound");
  }
}

TEST(ValidityFaults, AnExpiredCouponMayBeVoidedAndCanceled) {
  PlantedStore store;
  store.Add(At(kNow),
            {WinterOf({.expiry = At(20)}), Issued(), IssuedEvent(kNextCampaign, kNextSerial + 1),
             RedeemedEvent(kNextCampaign, kNextSerial)});
  store.Add(At(21), {CanceledEvent(kNextCampaign, kNextSerial, 17),
                     VoidedEvent(kNextCampaign, kNextSerial + 1)});
  store.WriteFiles();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
  store.Add(At(21), {RedeemedEvent(kNextCampaign, kNextSerial)});
  EXPECT_EQ(VerdictOn(store.path()), "redeemed_after_expiry at group 9, sequence 20, campaign 4");
}

}  // namespace
}  // namespace coupond::test
