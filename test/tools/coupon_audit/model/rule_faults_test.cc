#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "tools/coupon_audit/model/rule_fault.h"

// Logs whose events break one of the rules of creating, issuing and deleting; and beside each the
// nearest ones that break none.
namespace coupond::test {
namespace {

CouponIssued IssuedWithUser(std::size_t bytes) {
  return IssuedToEvent(kSpring, 5, std::string(bytes, 'u'));
}

/// Issues a coupon to joon, with the digest of somebody else.
CouponIssued IssuedWithHolder(const Claim& holder) {
  CouponIssued issued = IssuedToEvent(kSpring, 5, "joon");
  issued.holder = holder;
  return issued;
}

std::vector<RuleFault> RuleFaults() {
  return {
      {"OverIssue",
       {IssuedEvent(kSpring, 5), IssuedEvent(kSpring, 6)},
       "over_issue at group 7, sequence 15, campaign 1",
       {IssuedEvent(kSpring, 5)}},
      {"OverIssueWithAnySerial",
       {IssuedEvent(kSummer, 4'711)},
       "over_issue at group 7, sequence 14, campaign 2",
       {IssuedEvent(kSpring, 5)}},
      {"IssuedBeforeStart",
       {WinterWith([](auto& winter) {
          winter.terms.start_time = At(kNow).Plus(std::chrono::nanoseconds(1));
        }),
        IssuedEvent(kNextCampaign, kNextSerial)},
       "issued_before_start at group 7, sequence 15, campaign 4",
       {Winter(), IssuedEvent(kNextCampaign, kNextSerial)}},
      {"DuplicateSerial",
       {IssuedEvent(kSpring, 4)},
       "duplicate_serial at group 7, sequence 14, campaign 1",
       {IssuedEvent(kSpring, 5)}},
      {"DuplicateSerialWhenSoldOut",
       {IssuedEvent(kSummer, 8)},
       "duplicate_serial at group 7, sequence 14, campaign 2",
       {IssuedEvent(kSpring, 5)}},
      {"SerialSkipped",
       {Winter(), IssuedEvent(kNextCampaign, kNextSerial + 1)},
       "serial_skipped at group 7, sequence 15, campaign 4",
       {Winter(), IssuedEvent(kNextCampaign, kNextSerial)}},
      {"SerialOfAnotherCampaign",
       {Winter(), IssuedEvent(kNextCampaign, 5)},
       "serial_out_of_range at group 7, sequence 15, campaign 4",
       {Winter(), IssuedEvent(kNextCampaign, kNextSerial)}},
      {"SerialsReusedAfterDelete",
       {WinterWith([](auto& winter) { winter.first_serial = Serial(9); })},
       "serial_range_overlaps at group 7, sequence 14, campaign 4",
       {Winter()}},
      {"SerialRangesOverlapByOne",
       {WinterWith([](auto& winter) { winter.first_serial = Serial(kNextSerial - 1); })},
       "serial_range_overlaps at group 7, sequence 14, campaign 4",
       {WinterWith([](auto& winter) { winter.first_serial = Serial(kNextSerial + 100); })}},
      {"IssueAfterDelete",
       {IssuedEvent(kAutumn, 10)},
       "event_after_delete at group 7, sequence 14, campaign 3",
       {IssuedEvent(kSpring, 5)}},
      {"DeletedTwice",
       {DeletedEvent(kAutumn)},
       "event_after_delete at group 7, sequence 14, campaign 3",
       {DeletedEvent(kSummer)}},
      {"UnknownCampaign",
       {IssuedEvent(kNextCampaign, kNextSerial)},
       "unknown_campaign at group 7, sequence 14, campaign 4",
       {Winter(), IssuedEvent(kNextCampaign, kNextSerial)}},
      {"DeletedUnknownCampaign",
       {DeletedEvent(99)},
       "unknown_campaign at group 7, sequence 14, campaign 99",
       {DeletedEvent(kSpring)}},
      {"StoreCreatedAgain",
       {IssuedEvent(kSpring, 5), PlantedIdentity()},
       "store_created_again at group 7, sequence 15",
       {IssuedEvent(kSpring, 5)}},
      {"NameTaken",
       {Winter("spring")},
       "name_taken at group 7, sequence 14, campaign 4",
       {Winter("autumn")}},
      {"NameTooLong",
       {Winter(WideText(200) + "x")},
       "name_wrong at group 7, sequence 14, campaign 4",
       {Winter(WideText(200))}},
      {"NameNotUtf8",
       {Winter("\xEB\xB4")},
       "name_wrong at group 7, sequence 14, campaign 4",
       {Winter("\xEB\xB4\x84")}},
      {"ClaimGivenTwice",
       {IssuedToEvent(kSpring, 5, "minji")},
       "claim_given_twice at group 7, sequence 14, campaign 1",
       {IssuedToEvent(kSpring, 5, "joon")}},
      {"HolderThatIsNoDigest",
       {IssuedWithHolder(ClaimOf(0xAA))},
       "claim_wrong at group 7, sequence 14, campaign 1",
       {IssuedOnRequestEvent(kSpring, 5, 0xAA)}},
      {"HolderOfAnotherUser",
       {IssuedWithHolder(HolderOf(kSpring, "sora"))},
       "claim_wrong at group 7, sequence 14, campaign 1",
       {IssuedToEvent(kSpring, 5, "sora")}},
      {"HolderOfAnotherCampaign",
       {IssuedWithHolder(HolderOf(kSummer, "joon"))},
       "claim_wrong at group 7, sequence 14, campaign 1",
       {IssuedWithHolder(HolderOf(kSpring, "joon"))}},
      {"UserIdTooLong",
       {IssuedWithUser(129)},
       "user_id_too_long at group 7, sequence 14, campaign 1",
       {IssuedWithUser(128)}},
      {"CampaignNumberSkipped",
       {WinterWith([](auto& winter) { winter.number = CampaignNumber(kNextCampaign + 1); })},
       "campaign_number_wrong at group 7, sequence 14, campaign 5",
       {Winter()}},
      {"CampaignNumberUsedAgain",
       {WinterWith([](auto& winter) { winter.number = CampaignNumber(kAutumn); })},
       "campaign_number_wrong at group 7, sequence 14, campaign 3",
       {Winter()}},
      {"CampaignIdOfADeletedCampaign",
       {WinterWith([](auto& winter) { winter.id = Id(kAutumn); })},
       "campaign_id_taken at group 7, sequence 14, campaign 4",
       {Winter()}},
      {"TotalTooLarge",
       {WinterWith([](auto& winter) { winter.terms.total_coupons = 100'000'001; })},
       "total_wrong at group 7, sequence 14, campaign 4",
       {WinterWith([](auto& winter) { winter.terms.total_coupons = 100'000'000; })}},
      {"StartInPast",
       {WinterWith([](auto& winter) {
         winter.terms.start_time = At(kNow).Plus(std::chrono::nanoseconds(-1));
       })},
       "start_in_past at group 7, sequence 14, campaign 4",
       {Winter()}},
      {"StartTooLate",
       {WinterWith([](auto& winter) {
         winter.terms.start_time = Timestamp::FromUnixNanoseconds(7'258'118'400'000'000'000);
       })},
       "start_too_late at group 7, sequence 14, campaign 4",
       {WinterWith([](auto& winter) {
         winter.terms.start_time = Timestamp::FromUnixNanoseconds(7'258'118'399'999'999'999);
       })}},
  };
}

class RuleFaultTest : public testing::TestWithParam<RuleFault> {};

TEST_P(RuleFaultTest, IsFoundAndNamed) {
  EXPECT_EQ(VerdictWith(GetParam().fault), GetParam().verdict);
}

TEST_P(RuleFaultTest, ItsNearestNeighbourIsSound) {
  EXPECT_EQ(VerdictWith(GetParam().sound), "sound");
}

INSTANTIATE_TEST_SUITE_P(Log, RuleFaultTest, testing::ValuesIn(RuleFaults()),
                         [](const auto& fault) { return fault.param.name; });

}  // namespace
}  // namespace coupond::test
