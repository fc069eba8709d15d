#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/coupon_audit/model/rule_fault.h"

// Logs whose events break one of the rules of changing campaigns that exist; and beside each the
// nearest ones that break none.
namespace coupond::test {
namespace {

constexpr Activities kIssuing{.issuing = true};
constexpr Activities kRedeeming{.redeeming = true};
constexpr Activities kBoth{.issuing = true, .redeeming = true};

CampaignUpdated Spring(TermChanges changes, std::optional<SerialRange> added = {}) {
  return UpdatedEvent(kSpring, std::move(changes), added);
}
/// Changes the total of summer, all of whose three coupons were issued.
CampaignUpdated SummerOf(std::int64_t total, std::optional<SerialRange> added = {}) {
  return UpdatedEvent(kSummer, {.total_coupons = total}, added);
}
CampaignUpdated UpdatedWinter(TermChanges changes) {
  return UpdatedEvent(kNextCampaign, std::move(changes));
}
std::optional<SerialRange> Added(std::uint64_t first, std::uint64_t count) {
  return SerialRange{.first = Serial(first), .count = count};
}
/// Changes something, whatever it was before.
CampaignUpdated Described(std::uint64_t campaign) {
  return UpdatedEvent(campaign, {.description = "described"});
}
CampaignCreated WinterFrom(std::uint64_t first_serial) {
  return WinterWith([first_serial](auto& winter) { winter.first_serial = Serial(first_serial); });
}
CampaignCreated WinterBetween(Timestamp start_time, Timestamp end_time) {
  return WinterWith([start_time, end_time](auto& winter) {
    winter.terms.start_time = start_time;
    winter.terms.end_time = end_time;
  });
}

std::vector<RuleFault> NameAndTimeFaults() {
  return {
      {"UpdatedToTheSameName",
       {Spring({.name = "spring"})},
       "update_changes_nothing at group 7, sequence 14, campaign 1",
       {Spring({.name = "sprung"})}},
      {"UpdatedToTheSameStart",
       {Winter(), UpdatedWinter({.start_time = At(kNow)})},
       "update_changes_nothing at group 7, sequence 15, campaign 4",
       {Winter(), UpdatedWinter({.start_time = At(kNow + 1)})}},
      {"UpdatedToTheSameEnd",
       {Spring({.end_time = kNever, .description = "described"})},
       "update_changes_nothing at group 7, sequence 14, campaign 1",
       {Spring({.end_time = At(20)}), Spring({.end_time = kNever})}},
      {"UpdatedAfterDelete",
       {Described(kAutumn)},
       "event_after_delete at group 7, sequence 14, campaign 3",
       {Described(kSpring)}},
      {"UpdatedToATakenName",
       {Spring({.name = "summer"})},
       "name_taken at group 7, sequence 14, campaign 1",
       {Spring({.name = "autumn"})}},
      {"ANewNameIsTaken",
       {Spring({.name = "sprung"}), Winter("sprung")},
       "name_taken at group 7, sequence 15, campaign 4",
       {Spring({.name = "sprung"}), Winter("spring")}},
      {"UpdatedToALongName",
       {Spring({.name = WideText(201)})},
       "name_wrong at group 7, sequence 14, campaign 1",
       {Spring({.name = WideText(200)})}},
      {"StartChangedAfterAnIssue",
       {Spring({.start_time = At(20)})},
       "start_changed_after_issue at group 7, sequence 14, campaign 1",
       {Winter(), UpdatedWinter({.start_time = At(20)})}},
      {"StartSetInThePast",
       {WinterBetween(At(20), kNever), UpdatedWinter({.start_time = At(kNow - 1)})},
       "start_in_past at group 7, sequence 15, campaign 4",
       {WinterBetween(At(20), kNever), UpdatedWinter({.start_time = At(kNow)})}},
      {"StartMovedToTheEnd",
       {WinterBetween(At(15), At(20)), UpdatedWinter({.start_time = At(20)})},
       "end_not_after_start at group 7, sequence 15, campaign 4",
       {WinterBetween(At(15), At(20)), UpdatedWinter({.start_time = At(19)})}},
      {"EndMovedToTheStart",
       {Spring({.end_time = At(10)})},
       "end_not_after_start at group 7, sequence 14, campaign 1",
       {Spring({.end_time = At(11)})}},
      {"IssuedAfterEnd",
       {Spring({.end_time = At(kNow)}), IssuedEvent(kSpring, 5)},
       "issued_after_end at group 7, sequence 15, campaign 1",
       {Spring({.end_time = At(kNow).Plus(std::chrono::nanoseconds(1))}), IssuedEvent(kSpring, 5)}},
      {"IssuedBeforeAMovedStart",
       {Winter(), UpdatedWinter({.start_time = At(15)}), IssuedEvent(kNextCampaign, kNextSerial)},
       "issued_before_start at group 7, sequence 16, campaign 4",
       {WinterBetween(At(15), kNever), UpdatedWinter({.start_time = At(kNow)}),
        IssuedEvent(kNextCampaign, kNextSerial)}},
  };
}

std::vector<RuleFault> TotalFaults() {
  return {
      {"UpdatedToTheSameTotal",
       {SummerOf(3)},
       "update_changes_nothing at group 7, sequence 14, campaign 2",
       {SummerOf(4, Added(kNextSerial, 1))}},
      {"UpdatedToATotalTooLarge",
       {SummerOf(100'000'001, Added(kNextSerial, 99'999'998))},
       "total_wrong at group 7, sequence 14, campaign 2",
       {SummerOf(100'000'000, Added(kNextSerial, 99'999'997))}},
      {"TotalBelowIssued",
       {Spring({.total_coupons = 3})},
       "total_below_issued at group 7, sequence 14, campaign 1",
       {Spring({.total_coupons = 4})}},
      {"LoweredTotalIgnored",
       {Spring({.total_coupons = 4}), IssuedEvent(kSpring, 5)},
       "over_issue at group 7, sequence 15, campaign 1",
       {Spring({.total_coupons = 4}), Spring({.total_coupons = 5}), IssuedEvent(kSpring, 5)}},
      {"NoSerialsAdded",
       {SummerOf(5)},
       "added_serials_wrong at group 7, sequence 14, campaign 2",
       {SummerOf(5, Added(kNextSerial, 2))}},
      {"TooManySerialsAdded",
       {SummerOf(5, Added(kNextSerial, 3))},
       "added_serials_wrong at group 7, sequence 14, campaign 2",
       {SummerOf(5, Added(kNextSerial, 2))}},
      {"SerialsAddedThatAreNotLacking",
       {Spring({.total_coupons = 4}), Spring({.total_coupons = 5}, Added(kNextSerial, 1))},
       "added_serials_wrong at group 7, sequence 15, campaign 1",
       {Spring({.total_coupons = 4}), Spring({.total_coupons = 6}, Added(kNextSerial, 1))}},
      {"SerialsAddedWithoutATotal",
       {Spring({.description = "described"}, Added(kNextSerial, 1))},
       "added_serials_wrong at group 7, sequence 14, campaign 1",
       {Described(kSpring)}},
      {"AddedSerialsOverlap",
       {SummerOf(4, Added(kNextSerial - 1, 1))},
       "serial_range_overlaps at group 7, sequence 14, campaign 2",
       {SummerOf(4, Added(kNextSerial, 1))}},
      {"AddedSerialsMisplaced",
       {SummerOf(4, Added(kNextSerial + 1, 1))},
       "added_serials_misplaced at group 7, sequence 14, campaign 2",
       {SummerOf(4, Added(kNextSerial, 1))}},
      {"AddedSerialsReservedAgain",
       {SummerOf(4, Added(kNextSerial, 1)), WinterFrom(kNextSerial)},
       "serial_range_overlaps at group 7, sequence 15, campaign 4",
       {SummerOf(4, Added(kNextSerial, 1)), WinterFrom(kNextSerial + 1)}},
      {"SerialAfterTheFirstRange",
       {SummerOf(4, Added(kNextSerial, 1)), IssuedEvent(kSummer, 9)},
       "serial_out_of_range at group 7, sequence 15, campaign 2",
       {SummerOf(4, Added(kNextSerial, 1)), IssuedEvent(kSummer, kNextSerial)}},
      {"FirstRangeNotUsedUp",
       {Spring({.total_coupons = 6}, Added(kNextSerial, 1)), IssuedEvent(kSpring, kNextSerial)},
       "serial_skipped at group 7, sequence 15, campaign 1",
       {Spring({.total_coupons = 6}, Added(kNextSerial, 1)), IssuedEvent(kSpring, 5),
        IssuedEvent(kSpring, kNextSerial)}},
      {"DuplicateSerialOfALaterRange",
       {SummerOf(5, Added(kNextSerial, 2)), IssuedEvent(kSummer, kNextSerial),
        IssuedEvent(kSummer, kNextSerial)},
       "duplicate_serial at group 7, sequence 16, campaign 2",
       {SummerOf(5, Added(kNextSerial, 2)), IssuedEvent(kSummer, kNextSerial),
        IssuedEvent(kSummer, kNextSerial + 1)}},
      {"ClaimOfALaterRangeGivenTwice",
       {SummerOf(5, Added(kNextSerial, 2)), IssuedToEvent(kSummer, kNextSerial, "sora"),
        IssuedToEvent(kSummer, kNextSerial + 1, "sora")},
       "claim_given_twice at group 7, sequence 16, campaign 2",
       {SummerOf(5, Added(kNextSerial, 2)), IssuedToEvent(kSummer, kNextSerial, "sora"),
        IssuedToEvent(kSummer, kNextSerial + 1, "minji")}},
  };
}

std::vector<RuleFault> SwitchFaults() {
  return {
      {"PausedTwice",
       {PausedEvent(kSpring, kIssuing), PausedEvent(kSpring, kIssuing)},
       "pause_changes_nothing at group 7, sequence 15, campaign 1",
       {PausedEvent(kSpring, kIssuing), PausedEvent(kSpring, kRedeeming)}},
      {"PausedWithWhatIsPaused",
       {PausedEvent(kSpring, kRedeeming), PausedEvent(kSpring, kBoth)},
       "pause_changes_nothing at group 7, sequence 15, campaign 1",
       {PausedEvent(kSpring, kBoth)}},
      {"ResumedWhileItRuns",
       {ResumedEvent(kSpring, kIssuing)},
       "resume_changes_nothing at group 7, sequence 14, campaign 1",
       {PausedEvent(kSpring, kIssuing), ResumedEvent(kSpring, kIssuing)}},
      {"ResumedWithWhatRuns",
       {PausedEvent(kSpring, kIssuing), ResumedEvent(kSpring, kBoth)},
       "resume_changes_nothing at group 7, sequence 15, campaign 1",
       {PausedEvent(kSpring, kBoth), ResumedEvent(kSpring, kBoth)}},
      {"ArchivedTwice",
       {ArchivedEvent(kSpring), ArchivedEvent(kSpring)},
       "archived_twice at group 7, sequence 15, campaign 1",
       {ArchivedEvent(kSpring), DeletedEvent(kSpring)}},
      {"NotArchived",
       {UnarchivedEvent(kSpring)},
       "not_archived at group 7, sequence 14, campaign 1",
       {ArchivedEvent(kSpring), UnarchivedEvent(kSpring), ArchivedEvent(kSpring)}},
      {"ArchivedAfterDelete",
       {ArchivedEvent(kAutumn)},
       "event_after_delete at group 7, sequence 14, campaign 3",
       {ArchivedEvent(kSpring)}},
      {"UpdatedWhileArchived",
       {ArchivedEvent(kSpring), Described(kSpring)},
       "changed_while_archived at group 7, sequence 15, campaign 1",
       {ArchivedEvent(kSpring), UnarchivedEvent(kSpring), Described(kSpring)}},
      {"PausedWhileArchived",
       {ArchivedEvent(kSpring), PausedEvent(kSpring, kIssuing)},
       "changed_while_archived at group 7, sequence 15, campaign 1",
       {ArchivedEvent(kSpring), PausedEvent(kSummer, kIssuing)}},
      {"ResumedWhileArchived",
       {PausedEvent(kSpring, kIssuing), ArchivedEvent(kSpring), ResumedEvent(kSpring, kIssuing)},
       "changed_while_archived at group 7, sequence 16, campaign 1",
       {PausedEvent(kSpring, kIssuing), ResumedEvent(kSpring, kIssuing), ArchivedEvent(kSpring)}},
      {"NameOfAnArchivedCampaignTaken",
       {ArchivedEvent(kSpring), Winter("spring")},
       "name_taken at group 7, sequence 15, campaign 4",
       {ArchivedEvent(kSpring), Winter()}},
      {"IssuedWhilePaused",
       {PausedEvent(kSpring, kIssuing), IssuedEvent(kSpring, 5)},
       "issued_while_paused at group 7, sequence 15, campaign 1",
       {PausedEvent(kSpring, kRedeeming), IssuedEvent(kSpring, 5)}},
      {"IssuedWhenTheOtherWasResumed",
       {PausedEvent(kSpring, kBoth), ResumedEvent(kSpring, kRedeeming), IssuedEvent(kSpring, 5)},
       "issued_while_paused at group 7, sequence 16, campaign 1",
       {PausedEvent(kSpring, kBoth), ResumedEvent(kSpring, kIssuing), IssuedEvent(kSpring, 5)}},
      {"IssuedWhileArchived",
       {ArchivedEvent(kSpring), IssuedEvent(kSpring, 5)},
       "issued_while_archived at group 7, sequence 15, campaign 1",
       {ArchivedEvent(kSpring), UnarchivedEvent(kSpring), IssuedEvent(kSpring, 5)}},
  };
}

template <typename Kind>
Kind OnRequest(Kind event, const std::string& request_id) {
  event.request = RequestKeyFor(request_id);
  return event;
}

std::vector<RuleFault> RequestFaults() {
  return {
      {"RequestOfTwoCreations",
       {OnRequest(Winter(), "a"), OnRequest(CreatedEvent(5, "frost", 5, 16, At(kNow)), "a")},
       "request_carried_out_twice at group 7, sequence 15, campaign 5",
       {OnRequest(Winter(), "a"), OnRequest(CreatedEvent(5, "frost", 5, 16, At(kNow)), "b")}},
      {"RequestOfACreationAndItsUpdate",
       {OnRequest(Winter(), "a"), OnRequest(Described(kNextCampaign), "a")},
       "request_carried_out_twice at group 7, sequence 15, campaign 4",
       {OnRequest(Winter(), "a"), Described(kNextCampaign)}},
      {"RequestOfAnUpdateAndARedemption",
       {OnRequest(Described(kSpring), "a"), RedeemedEvent(kSpring, 1, "a")},
       "request_carried_out_twice at group 7, sequence 15, campaign 1",
       {OnRequest(Described(kSpring), "a"), RedeemedEvent(kSpring, 1, "b")}},
  };
}

class ChangeFaultTest : public testing::TestWithParam<RuleFault> {};

TEST_P(ChangeFaultTest, IsFoundAndNamed) {
  EXPECT_EQ(VerdictWith(GetParam().fault), GetParam().verdict);
}

TEST_P(ChangeFaultTest, ItsNearestNeighbourIsSound) {
  EXPECT_EQ(VerdictWith(GetParam().sound), "sound");
}

constexpr auto kNameOfFault = [](const auto& fault) { return fault.param.name; };
INSTANTIATE_TEST_SUITE_P(NamesAndTimes, ChangeFaultTest, testing::ValuesIn(NameAndTimeFaults()),
                         kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Totals, ChangeFaultTest, testing::ValuesIn(TotalFaults()), kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Requests, ChangeFaultTest, testing::ValuesIn(RequestFaults()),
                         kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Switches, ChangeFaultTest, testing::ValuesIn(SwitchFaults()),
                         kNameOfFault);

}  // namespace
}  // namespace coupond::test
