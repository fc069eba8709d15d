#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/coupon_audit/model/rule_fault.h"

// Logs whose events break one of the rules of redeeming and voiding coupons; and beside each the
// nearest ones that break none.
namespace coupond::test {
namespace {

CouponRedeemed Redeemed(std::uint64_t serial, const std::string& request_id = {}) {
  return RedeemedEvent(kSpring, serial, request_id);
}
RedemptionCanceled Canceled(std::uint64_t serial, std::uint64_t redemption) {
  return CanceledEvent(kSpring, serial, redemption);
}
CouponVoided Voided(std::uint64_t serial) { return VoidedEvent(kSpring, serial); }
std::optional<SerialRange> Added(std::uint64_t first, std::uint64_t count = 1'024) {
  return SerialRange{.first = Serial(first), .count = count};
}
/// Returns a place of spring, which has no serial for it.
CouponVoided Returned(std::uint64_t serial) {
  return ReturnedEvent(kSpring, serial, Added(kNextSerial));
}
/// Returns a place of summer, all of whose three coupons were issued.
CouponVoided SummersLastReturned() { return ReturnedEvent(kSummer, 8, Added(kNextSerial)); }
CouponRedeemed For(std::string order_ref) {
  CouponRedeemed redeemed = Redeemed(1);
  redeemed.order_ref = std::move(order_ref);
  return redeemed;
}
CouponRedeemed By(std::string redeemed_by) {
  CouponRedeemed redeemed = Redeemed(1);
  redeemed.redeemed_by = std::move(redeemed_by);
  return redeemed;
}
template <typename Kind>
Kind WithKey(Kind event, const std::optional<RequestKey>& request) {
  event.request = request;
  return event;
}
CampaignCreated WinterFrom(std::uint64_t first_serial) {
  return WinterWith([first_serial](auto& winter) { winter.first_serial = Serial(first_serial); });
}
std::string Text(std::size_t bytes) { return std::string(bytes, 't'); }

std::vector<RuleFault> RedemptionFaults() {
  return {
      {"RedeemedBeforeItIsIssued",
       {Redeemed(5)},
       "coupon_not_issued at group 7, sequence 14, campaign 1",
       {IssuedEvent(kSpring, 5), Redeemed(5)}},
      {"RedeemedSerialOfNobody",
       {Redeemed(4'711)},
       "coupon_not_issued at group 7, sequence 14, campaign 1",
       {Redeemed(4)}},
      {"RedeemedAsOneOfAnotherCampaign",
       {Redeemed(6)},
       "coupon_of_another_campaign at group 7, sequence 14, campaign 1",
       {RedeemedEvent(kSummer, 6)}},
      {"RedeemedWithASerialOfADeletedCampaign",
       {Redeemed(9)},
       "coupon_of_another_campaign at group 7, sequence 14, campaign 1",
       {Redeemed(4)}},
      {"RedeemedOfADeletedCampaign",
       {RedeemedEvent(kAutumn, 9)},
       "event_after_delete at group 7, sequence 14, campaign 3",
       {RedeemedEvent(kSummer, 7)}},
      {"RedeemedOfAnUnknownCampaign",
       {RedeemedEvent(kNextCampaign, kNextSerial)},
       "unknown_campaign at group 7, sequence 14, campaign 4",
       {Winter(), IssuedEvent(kNextCampaign, kNextSerial),
        RedeemedEvent(kNextCampaign, kNextSerial)}},
      {"RedeemedTwice",
       {Redeemed(1), Redeemed(1)},
       "redeemed_twice at group 7, sequence 15, campaign 1",
       {Redeemed(1), Canceled(1, 14), Redeemed(1)}},
      {"RedeemedAfterItWasVoided",
       {Voided(1), Redeemed(1)},
       "redeemed_after_void at group 7, sequence 15, campaign 1",
       {Voided(1), Redeemed(2)}},
      {"RedeemedAfterItWasReturned",
       {Returned(1), Redeemed(1)},
       "redeemed_after_void at group 7, sequence 15, campaign 1",
       {Returned(1), Redeemed(2)}},
      {"RedeemedWhilePaused",
       {PausedEvent(kSpring, {.redeeming = true}), Redeemed(1)},
       "redeemed_while_paused at group 7, sequence 15, campaign 1",
       {PausedEvent(kSpring, {.issuing = true}), ArchivedEvent(kSpring), Redeemed(1)}},
      {"RedeemedWhileBothArePaused",
       {PausedEvent(kSpring, {.issuing = true, .redeeming = true}),
        ResumedEvent(kSpring, {.issuing = true}), Redeemed(1)},
       "redeemed_while_paused at group 7, sequence 16, campaign 1",
       {PausedEvent(kSpring, {.issuing = true, .redeeming = true}),
        ResumedEvent(kSpring, {.redeeming = true}), Redeemed(1)}},
      {"CanceledWithoutARedemption",
       {Canceled(1, 5)},
       "redemption_not_present at group 7, sequence 14, campaign 1",
       {Redeemed(1), Canceled(1, 14)}},
      {"CanceledTwice",
       {Redeemed(1), Canceled(1, 14), Canceled(1, 14)},
       "redemption_not_present at group 7, sequence 16, campaign 1",
       {Redeemed(1), Canceled(1, 14)}},
      {"CanceledAnEarlierRedemption",
       {Redeemed(1), Canceled(1, 14), Redeemed(1), Canceled(1, 14)},
       "redemption_not_present at group 7, sequence 17, campaign 1",
       {Redeemed(1), Canceled(1, 14), Redeemed(1), Canceled(1, 16)}},
      {"CanceledTheRedemptionOfAnotherCoupon",
       {Redeemed(1), Redeemed(2), Canceled(2, 14)},
       "redemption_not_present at group 7, sequence 16, campaign 1",
       {Redeemed(1), Redeemed(2), Canceled(2, 15)}},
      {"CanceledOfACouponThatWasNotIssued",
       {Canceled(5, 14)},
       "coupon_not_issued at group 7, sequence 14, campaign 1",
       {Redeemed(4), Canceled(4, 14)}},
      {"CanceledOfADeletedCampaign",
       {RedeemedEvent(kSummer, 6), DeletedEvent(kSummer), CanceledEvent(kSummer, 6, 14)},
       "event_after_delete at group 7, sequence 16, campaign 2",
       {RedeemedEvent(kSummer, 6), CanceledEvent(kSummer, 6, 14), DeletedEvent(kSummer)}},
  };
}

std::vector<RuleFault> VoidingFaults() {
  return {
      {"VoidedBeforeItIsIssued",
       {Voided(5)},
       "coupon_not_issued at group 7, sequence 14, campaign 1",
       {IssuedEvent(kSpring, 5), Voided(5)}},
      {"VoidedAsOneOfAnotherCampaign",
       {Voided(6)},
       "coupon_of_another_campaign at group 7, sequence 14, campaign 1",
       {VoidedEvent(kSummer, 6)}},
      {"VoidedOfADeletedCampaign",
       {VoidedEvent(kAutumn, 9)},
       "event_after_delete at group 7, sequence 14, campaign 3",
       {VoidedEvent(kSummer, 8)}},
      {"VoidedWhileRedeemed",
       {Redeemed(1), Voided(1)},
       "voided_while_redeemed at group 7, sequence 15, campaign 1",
       {Redeemed(1), Canceled(1, 14), Voided(1)}},
      {"ReturnedWhileRedeemed",
       {Redeemed(1), Returned(1)},
       "voided_while_redeemed at group 7, sequence 15, campaign 1",
       {Redeemed(1), Canceled(1, 14), Returned(1)}},
      {"VoidedTwice",
       {Voided(1), Voided(1)},
       "voided_twice at group 7, sequence 15, campaign 1",
       {Voided(1), Voided(2)}},
      {"VoidedAfterItWasReturned",
       {Returned(1), Voided(1)},
       "voided_twice at group 7, sequence 15, campaign 1",
       {Voided(1), Returned(1)}},
      {"ReturnedTwice",
       {Returned(1), ReturnedEvent(kSpring, 1)},
       "returned_twice at group 7, sequence 15, campaign 1",
       {Returned(1), ReturnedEvent(kSpring, 2)}},
      {"ReturnedPlaceIssuedWithTheOldSerial",
       {SummersLastReturned(), IssuedEvent(kSummer, 8)},
       "duplicate_serial at group 7, sequence 15, campaign 2",
       {SummersLastReturned(), IssuedEvent(kSummer, kNextSerial)}},
      {"ReturnedPlaceIssuedTwice",
       {SummersLastReturned(), IssuedEvent(kSummer, kNextSerial),
        IssuedEvent(kSummer, kNextSerial + 1)},
       "over_issue at group 7, sequence 16, campaign 2",
       {SummersLastReturned(), IssuedEvent(kSummer, kNextSerial)}},
      {"VoidedPlaceIssuedAgain",
       {VoidedEvent(kSummer, 8), IssuedEvent(kSummer, kNextSerial)},
       "over_issue at group 7, sequence 15, campaign 2",
       {VoidedEvent(kSummer, 8), SummersLastReturned(), IssuedEvent(kSummer, kNextSerial)}},
      {"ClaimOfAReturnedCouponGivenAgain",
       {Returned(2), IssuedToEvent(kSpring, 5, "minji")},
       "claim_given_twice at group 7, sequence 15, campaign 1",
       {Returned(2), IssuedToEvent(kSpring, 5, "joon")}},
      {"TotalBelowThePlacesThatAreTaken",
       {Returned(1), UpdatedEvent(kSpring, {.total_coupons = 2})},
       "total_below_issued at group 7, sequence 15, campaign 1",
       {Returned(1), UpdatedEvent(kSpring, {.total_coupons = 3})}},
      {"StartChangedWhenAllWereReturned",
       {Winter(), IssuedEvent(kNextCampaign, kNextSerial),
        ReturnedEvent(kNextCampaign, kNextSerial, Added(kNextSerial + 5)),
        UpdatedEvent(kNextCampaign, {.start_time = At(20)})},
       "start_changed_after_issue at group 7, sequence 17, campaign 4",
       {Winter(), UpdatedEvent(kNextCampaign, {.start_time = At(20)})}},
  };
}

std::vector<RuleFault> SerialFaults() {
  return {
      {"NoSerialsForAReturn",
       {ReturnedEvent(kSummer, 8)},
       "added_serials_wrong at group 7, sequence 14, campaign 2",
       {SummersLastReturned()}},
      {"FewSerialsForAReturn",
       {ReturnedEvent(kSummer, 8, Added(kNextSerial, 1))},
       "added_serials_wrong at group 7, sequence 14, campaign 2",
       {SummersLastReturned()}},
      {"SerialsForASecondReturn",
       {SummersLastReturned(), ReturnedEvent(kSummer, 7, Added(kNextSerial + 1'024))},
       "added_serials_wrong at group 7, sequence 15, campaign 2",
       {SummersLastReturned(), ReturnedEvent(kSummer, 7)}},
      {"SerialsForAReturnOverlap",
       {ReturnedEvent(kSummer, 8, Added(kNextSerial - 1))},
       "serial_range_overlaps at group 7, sequence 14, campaign 2",
       {SummersLastReturned()}},
      {"SerialsForAReturnMisplaced",
       {ReturnedEvent(kSummer, 8, Added(kNextSerial + 1))},
       "added_serials_misplaced at group 7, sequence 14, campaign 2",
       {SummersLastReturned()}},
      {"SerialsForAReturnReservedAgain",
       {SummersLastReturned(), WinterFrom(kNextSerial + 1'023)},
       "serial_range_overlaps at group 7, sequence 15, campaign 4",
       {SummersLastReturned(), WinterFrom(kNextSerial + 1'024)}},
      {"NoSerialsForATotalBesideReturns",
       {SummersLastReturned(), UpdatedEvent(kSummer, {.total_coupons = 1'027})},
       "added_serials_wrong at group 7, sequence 15, campaign 2",
       {SummersLastReturned(),
        UpdatedEvent(kSummer, {.total_coupons = 1'027}, Added(kNextSerial + 1'024, 1))}},
  };
}

std::vector<RuleFault> RequestFaults() {
  return {
      {"OrderRefTooLong",
       {For(Text(129))},
       "order_ref_wrong at group 7, sequence 14, campaign 1",
       {For(Text(128))}},
      {"OrderRefNotUtf8",
       {For("\xEB\xB4")},
       "order_ref_wrong at group 7, sequence 14, campaign 1",
       {For("\xEB\xB4\x84")}},
      {"RedeemedByTooLong",
       {By(Text(129))},
       "redeemed_by_wrong at group 7, sequence 14, campaign 1",
       {By(Text(128))}},
      {"RedeemedByNotUtf8",
       {By("\xEB\xB4")},
       "redeemed_by_wrong at group 7, sequence 14, campaign 1",
       {By("\xEB\xB4\x84")}},
      {"RequestIdTooLong",
       {Redeemed(1, Text(65))},
       "request_id_wrong at group 7, sequence 14, campaign 1",
       {Redeemed(1, Text(64))}},
      {"ReasonOfACancellationTooLong",
       {Redeemed(1), CanceledEvent(kSpring, 1, 14, Text(129))},
       "reason_wrong at group 7, sequence 15, campaign 1",
       {Redeemed(1), CanceledEvent(kSpring, 1, 14, Text(128))}},
      {"ReasonOfAVoidingTooLong",
       {VoidedEvent(kSpring, 1, Text(129))},
       "reason_wrong at group 7, sequence 14, campaign 1",
       {VoidedEvent(kSpring, 1, Text(128))}},
      {"RequestIdWithoutAKey",
       {WithKey(Redeemed(1, "a"), {})},
       "request_key_wrong at group 7, sequence 14, campaign 1",
       {Redeemed(1, "a")}},
      {"RequestKeyWithoutAnId",
       {WithKey(Redeemed(1), RequestKeyFor(""))},
       "request_key_wrong at group 7, sequence 14, campaign 1",
       {Redeemed(1)}},
      {"RequestKeyOfAnotherId",
       {WithKey(Redeemed(1, "a"), RequestKeyFor("b"))},
       "request_key_wrong at group 7, sequence 14, campaign 1",
       {Redeemed(1, "b")}},
      {"RequestOfTwoRedemptions",
       {Redeemed(1, "a"), Redeemed(2, "a")},
       "request_carried_out_twice at group 7, sequence 15, campaign 1",
       {Redeemed(1, "a"), Redeemed(2, "b")}},
      {"RequestOfARedemptionAndItsCancellation",
       {Redeemed(1, "a"), WithKey(Canceled(1, 14), RequestKeyFor("a"))},
       "request_carried_out_twice at group 7, sequence 15, campaign 1",
       {Redeemed(1, "a"), WithKey(Canceled(1, 14), RequestKeyFor("b"))}},
      {"RequestOfTwoVoidings",
       {WithKey(Voided(1), RequestKeyFor("a")), WithKey(Voided(2), RequestKeyFor("a"))},
       "request_carried_out_twice at group 7, sequence 15, campaign 1",
       {WithKey(Voided(1), RequestKeyFor("a")), Voided(2)}},
      {"RequestOfADeletedCampaign",
       {WithKey(VoidedEvent(kSummer, 6), RequestKeyFor("a")), DeletedEvent(kSummer),
        Redeemed(1, "a")},
       "request_carried_out_twice at group 7, sequence 16, campaign 1",
       {WithKey(VoidedEvent(kSummer, 6), RequestKeyFor("a")), DeletedEvent(kSummer),
        Redeemed(1, "b")}},
  };
}

class CouponFaultTest : public testing::TestWithParam<RuleFault> {};

TEST_P(CouponFaultTest, IsFoundAndNamed) {
  EXPECT_EQ(VerdictWith(GetParam().fault), GetParam().verdict);
}

TEST_P(CouponFaultTest, ItsNearestNeighbourIsSound) {
  EXPECT_EQ(VerdictWith(GetParam().sound), "sound");
}

constexpr auto kNameOfFault = [](const auto& fault) { return fault.param.name; };
INSTANTIATE_TEST_SUITE_P(Redemptions, CouponFaultTest, testing::ValuesIn(RedemptionFaults()),
                         kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Voidings, CouponFaultTest, testing::ValuesIn(VoidingFaults()),
                         kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Serials, CouponFaultTest, testing::ValuesIn(SerialFaults()), kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Requests, CouponFaultTest, testing::ValuesIn(RequestFaults()),
                         kNameOfFault);

}  // namespace
}  // namespace coupond::test
