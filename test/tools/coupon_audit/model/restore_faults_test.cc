#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "tools/coupon_audit/model/rule_fault.h"

// Logs that break one of the rules of a store that was put back to an older state; and beside each
// the nearest ones that break none.
namespace coupond::test {
namespace {

constexpr std::uint64_t kEnd = std::uint64_t{1} << 53;

std::optional<SerialRange> Added(std::uint64_t first, std::uint64_t count) {
  return SerialRange{.first = Serial(first), .count = count};
}
CampaignUpdated SpringOf(std::int64_t total, std::optional<SerialRange> added = {}) {
  return UpdatedEvent(kSpring, {.total_coupons = total}, added);
}
CampaignUpdated SummerOf(std::int64_t total, std::optional<SerialRange> added) {
  return UpdatedEvent(kSummer, {.total_coupons = total}, added);
}
CampaignCreated WinterFrom(std::uint64_t first_serial) {
  return WinterWith([first_serial](auto& winter) { winter.first_serial = Serial(first_serial); });
}

// Spring has one place left, and summer none.
std::vector<RuleFault> PlaceFaults() {
  return {
      {"BeginsWithAReservedSerial",
       {RestoredEvent(kNextSerial - 1)},
       "serial_range_overlaps at group 7, sequence 14",
       {RestoredEvent(kNextSerial)}},
      {"BeginsWithASerialThatWasNotIssued",
       {RestoredEvent(5)},
       "serial_range_overlaps at group 7, sequence 14",
       {RestoredEvent(kNextSerial + 5)}},
      {"BeginsWithTheSameSerialAgain",
       {RestoredEvent(100), RestoredEvent(100)},
       "serial_range_overlaps at group 7, sequence 15",
       {RestoredEvent(100), RestoredEvent(101)}},
      {"EndsAboveTheLastSerial",
       {RestoredEvent(kEnd)},
       "restored_serials_too_high at group 7, sequence 14",
       {RestoredEvent(kEnd - 1)}},
      {"AllCampaignsTogetherEndAboveTheLastSerial",
       {Winter(), RestoredEvent(kEnd - 5)},
       "restored_serials_too_high at group 7, sequence 15",
       {Winter(), RestoredEvent(kEnd - 6)}},
      {"BeginsAboveTheLastSerialWithoutAPlace",
       {SpringOf(4), RestoredEvent(kEnd + 1)},
       "restored_serials_too_high at group 7, sequence 15",
       {SpringOf(4), RestoredEvent(kEnd)}},
      {"EndsBeyondSixtyFourBits",
       {RestoredEvent(std::numeric_limits<std::uint64_t>::max())},
       "restored_serials_too_high at group 7, sequence 14",
       {RestoredEvent(100)}},
  };
}

std::vector<RuleFault> SerialFaults() {
  return {
      {"GoesOnWithTheOldSerials",
       {RestoredEvent(100), IssuedEvent(kSpring, 5)},
       "serial_out_of_range at group 7, sequence 15, campaign 1",
       {RestoredEvent(100), IssuedEvent(kSpring, 100)}},
      {"IssuesASerialAgain",
       {RestoredEvent(100), IssuedEvent(kSpring, 4)},
       "duplicate_serial at group 7, sequence 15, campaign 1",
       {IssuedEvent(kSpring, 5), RestoredEvent(100)}},
      {"GivesTheFirstSerialToAnotherCampaign",
       {Winter(), RestoredEvent(100), IssuedEvent(kNextCampaign, 100)},
       "serial_out_of_range at group 7, sequence 16, campaign 4",
       {Winter(), RestoredEvent(100), IssuedEvent(kNextCampaign, 101)}},
      {"GivesSerialsToADeletedCampaign",
       {Winter(), DeletedEvent(kSpring), RestoredEvent(100), IssuedEvent(kNextCampaign, 101)},
       "serial_skipped at group 7, sequence 17, campaign 4",
       {Winter(), DeletedEvent(kSpring), RestoredEvent(100), IssuedEvent(kNextCampaign, 100)}},
      {"SkipsANewSerial",
       {Winter(), RestoredEvent(100), IssuedEvent(kNextCampaign, 102)},
       "serial_skipped at group 7, sequence 16, campaign 4",
       {Winter(), RestoredEvent(100), IssuedEvent(kNextCampaign, 101),
        IssuedEvent(kNextCampaign, 102)}},
      {"IssuesMoreThanTheTotal",
       {RestoredEvent(100), IssuedEvent(kSpring, 100), IssuedEvent(kSpring, 101)},
       "over_issue at group 7, sequence 16, campaign 1",
       {RestoredEvent(100), IssuedEvent(kSpring, 100)}},
      {"OpensACampaignThatIsSoldOut",
       {RestoredEvent(100), IssuedEvent(kSummer, 101)},
       "over_issue at group 7, sequence 15, campaign 2",
       {RestoredEvent(100), SummerOf(4, Added(101, 1)), IssuedEvent(kSummer, 101)}},
      {"CreatesACampaignWithTheNewSerials",
       {RestoredEvent(100), WinterFrom(100)},
       "serial_range_overlaps at group 7, sequence 15, campaign 4",
       {RestoredEvent(100), WinterFrom(101)}},
      {"AddsSerialsAmongTheNewOnes",
       {RestoredEvent(100), SummerOf(4, Added(100, 1))},
       "serial_range_overlaps at group 7, sequence 15, campaign 2",
       {RestoredEvent(100), SummerOf(4, Added(101, 1))}},
      {"AddsSerialsBeforeTheNewOnes",
       {SpringOf(4), RestoredEvent(100), SpringOf(5, Added(kNextSerial, 1))},
       "serial_range_overlaps at group 7, sequence 16, campaign 1",
       {SpringOf(4), RestoredEvent(100), SpringOf(5, Added(100, 1))}},
      {"UsesASerialThatALoweredTotalLeft",
       {SpringOf(4), RestoredEvent(100), SpringOf(5)},
       "added_serials_wrong at group 7, sequence 16, campaign 1",
       {SpringOf(4), SpringOf(5), RestoredEvent(100)}},
      {"UsesASpareSerialOfAReturnedPlace",
       {ReturnedEvent(kSummer, 8, Added(kNextSerial, 1'024)), RestoredEvent(5'000),
        IssuedEvent(kSummer, kNextSerial)},
       "serial_out_of_range at group 7, sequence 16, campaign 2",
       {ReturnedEvent(kSummer, 8, Added(kNextSerial, 1'024)), RestoredEvent(5'000),
        IssuedEvent(kSummer, 5'001)}},
      {"RedeemsACouponThatWasGivenUp",
       {RestoredEvent(100), RedeemedEvent(kSpring, 5)},
       "coupon_not_issued at group 7, sequence 15, campaign 1",
       {RestoredEvent(100), RedeemedEvent(kSpring, 4)}},
      {"GivesAUserAnotherCoupon",
       {RestoredEvent(100), IssuedToEvent(kSpring, 100, "minji")},
       "claim_given_twice at group 7, sequence 15, campaign 1",
       {RestoredEvent(100), IssuedToEvent(kSpring, 100, "joon")}},
  };
}

class RestoreFaultTest : public testing::TestWithParam<RuleFault> {};

TEST_P(RestoreFaultTest, IsFoundAndNamed) {
  EXPECT_EQ(VerdictWith(GetParam().fault), GetParam().verdict);
}

TEST_P(RestoreFaultTest, ItsNearestNeighbourIsSound) {
  EXPECT_EQ(VerdictWith(GetParam().sound), "sound");
}

constexpr auto kNameOfFault = [](const auto& fault) { return fault.param.name; };
INSTANTIATE_TEST_SUITE_P(Places, RestoreFaultTest, testing::ValuesIn(PlaceFaults()), kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Serials, RestoreFaultTest, testing::ValuesIn(SerialFaults()),
                         kNameOfFault);

/// The model, the ledger and the views, each by code of its own.
TEST(RestoredStore, AllThreeKeepTheSameSerials) {
  PlantedStore store;
  store.Add(At(14), {Winter(), ReturnedEvent(kSummer, 8, Added(16, 1'024)),
                     IssuedEvent(kNextCampaign, kNextSerial)});
  store.Add(At(15), {RestoredEvent(5'000)});
  store.Add(At(16), {IssuedEvent(kSpring, 5'000), IssuedEvent(kSummer, 5'001),
                     IssuedEvent(kNextCampaign, 5'002), RestoredEvent(9'000),
                     IssuedEvent(kNextCampaign, 9'000), DeletedEvent(kSummer)});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

}  // namespace
}  // namespace coupond::test
