#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/campaign.h"
#include "engine/rules/decide_fixture.h"
#include "engine/rules/limits.h"
#include "support/builders.h"

// Campaigns that change while they run.
namespace coupond {
namespace {

using std::chrono::nanoseconds;
using test::Archive;
using test::At;
using test::Create;
using test::Delete;
using test::Id;
using test::Issue;
using test::IssueTo;
using test::Pause;
using test::RequestOf;
using test::Resume;
using test::Unarchive;
using test::Update;

constexpr CampaignNumber kOne{1};
constexpr CampaignNumber kTwo{2};

constexpr Activities kIssuing{.issuing = true, .redeeming = false};
constexpr Activities kRedeeming{.issuing = false, .redeeming = true};
constexpr Activities kBoth{.issuing = true, .redeeming = true};

/// Breaks every rule of updating at once, then mends one in each row.
TEST_F(DecideTest, UpdateIsRefusedInTheOrderOfPrecedence) {
  Given(Create(2, "taken", 1, At(100)), At(0));
  Given(Create(3, "archived", 1, At(100)), At(0));
  Given(Archive(3), At(1));
  CreateCampaign issued_from = Create(4, "issued from", 2, At(1));
  issued_from.expire_time = At(50);
  issued_from.request = RequestOf(1);
  Given(issued_from, At(1));
  Given(IssueTo(4, 7), At(2));
  Given(Issue(4), At(2));
  UpdateCampaign command = Update(1, {.name = "",
                                      .total_coupons = 0,
                                      .start_time = At(9),
                                      .end_time = limits::kStartTimeMax,
                                      .description = std::string(2'001, 'x'),
                                      .metadata = std::vector<MetadataEntry>(33),
                                      .coupons_per_user = 1'001,
                                      .redeem_start_time = limits::kStartTimeMax,
                                      .expire_time = limits::kStartTimeMax,
                                      .valid_duration = nanoseconds(-1)});
  command.if_revision = Sequence(1);
  command.request = RequestOf(1, /*content=*/5);
  TermChanges& changes = command.changes;
  ExpectRefusals(
      command, At(10),
      {
          {RefusalReason::kRequestIdReused, [&] { command.request = RequestOf(2); }},
          {RefusalReason::kNameEmpty, [&] { changes.name->assign(201, 'x'); }},
          {RefusalReason::kNameTooLong, [&] { changes.name = "taken"; }},
          {RefusalReason::kTotalTooSmall, [&] { changes.total_coupons = 100'000'001; }},
          {RefusalReason::kTotalTooLarge, [&] { changes.total_coupons = 1; }},
          {RefusalReason::kStartTimeInPast, [&] { changes.start_time = limits::kStartTimeMax; }},
          {RefusalReason::kStartTimeTooLate, [&] { changes.start_time = At(10); }},
          {RefusalReason::kDescriptionTooLong, [&] { changes.description = "short"; }},
          {RefusalReason::kEndTimeTooLate, [&] { changes.end_time = At(10); }},
          {RefusalReason::kCouponsPerUserOutOfRange, [&] { changes.coupons_per_user = 0; }},
          {RefusalReason::kCouponsPerUserOutOfRange, [&] { changes.coupons_per_user = 2; }},
          {RefusalReason::kRedeemStartTimeTooLate, [&] { changes.redeem_start_time = At(49); }},
          {RefusalReason::kExpireTimeTooLate, [&] { changes.expire_time = At(49); }},
          {RefusalReason::kValidDurationOutOfRange, [&] { changes.valid_duration.reset(); }},
          {RefusalReason::kMetadataTooLarge, [&] { changes.metadata.reset(); }},
          {RefusalReason::kNoSuchCampaign, [&] { command.campaign_id = Id(3); }},
          {RefusalReason::kCampaignArchived, [&] { command.campaign_id = Id(4); }},
          {.refused = RefusalReason::kChangedMeanwhile,
           .mend = [&] { command.if_revision = Sequence(4); },
           .present = Sequence(4)},
          {RefusalReason::kStartTimeFixed, [&] { changes.start_time.reset(); }},
          {.refused = RefusalReason::kTotalBelowIssued,
           .mend =
               [&] {
                 changes.total_coupons = 3;
                 changes.end_time = At(1);
               },
           .coupons = 2},
          {RefusalReason::kEndTimeNotAfterStart, [&] { changes.end_time = At(2); }},
          {RefusalReason::kExpireTimeTooEarly, [&] { changes.expire_time.reset(); }},
          {RefusalReason::kCouponsPerUserFixed, [&] { changes.coupons_per_user = 1; }},
          {RefusalReason::kNameTaken,
           [&] {
             changes.name = "free";
             ledger_.RestoreCounters(CampaignNumber(5), Serial(~0ULL));
           }},
          {RefusalReason::kSerialsExhausted, [&] { changes.total_coupons.reset(); }},
      });
}

TEST_F(DecideTest, AnUpdateSaysWhatChanges) {
  Given(Create(1, "one", 10, At(5)), At(0));
  EXPECT_EQ(When(Update(1, {.name = "one", .total_coupons = 10, .start_time = At(5)}), At(9)),
            Decision(Unchanged{}))
      << "a start in the past that it has already is no fault";
  EXPECT_EQ(Given(Update(1, {.name = "uno", .total_coupons = 10, .end_time = At(9)}), At(1)),
            Event(CampaignUpdated{kOne, {.name = "uno", .end_time = At(9)}, {}}));
  EXPECT_EQ(Given(Update(1, {.end_time = kNever}), At(1)),
            Event(CampaignUpdated{kOne, {.end_time = kNever}, {}}));
  EXPECT_EQ(Given(Update(1, {.description = ""}), At(1)),
            Event(CampaignUpdated{kOne, {.description = ""}, {}}))
      << "the ledger does not know the old one";
}

TEST_F(DecideTest, AnUpdateOfEveryNewTermSaysOnlyWhatChanges) {
  Given(Create(1, "one", 10, At(5)), At(0));
  const TermChanges all{.coupons_per_user = 3,
                        .user_required = true,
                        .redeem_start_time = At(6),
                        .expire_time = At(30),
                        .valid_duration = std::chrono::seconds(2),
                        .redeem_by_holder_only = true};
  UpdateCampaign command = Update(1, all);
  command.request = RequestOf(1, 2);
  EXPECT_EQ(Given(command, At(1)), Event(CampaignUpdated{kOne, all, {}, RequestOf(1, 2)}));
  EXPECT_EQ(When(Update(1, all), At(2)), Decision(Unchanged{}));
  const TermChanges none{.coupons_per_user = 1,
                         .user_required = false,
                         .redeem_start_time = kAlways,
                         .expire_time = kNever,
                         .valid_duration = kUnlimited,
                         .redeem_by_holder_only = false};
  EXPECT_EQ(Given(Update(1, none), At(3)), Event(CampaignUpdated{kOne, none, {}}));
  EXPECT_EQ(When(Update(1, none), At(4)), Decision(Unchanged{}));
}

TEST_F(DecideTest, ACampaignIsUpdatedOnceForARequest) {
  Given(Create(1, "one", 10, At(5)), At(0));
  UpdateCampaign command = Update(1, {.total_coupons = 20});
  command.if_revision = last_;
  command.request = RequestOf(1);
  Given(command, At(1));
  const Decision as_then = Repeated{.sequence = last_};
  EXPECT_EQ(When(command, At(2)), as_then) << "the revision is another by now";
  Given(Update(1, {.total_coupons = 10}), At(2));
  EXPECT_EQ(When(command, At(3)), as_then) << "it is not done again";
  Given(Delete(1), At(4));
  EXPECT_EQ(When(command, At(5)), as_then);
}

TEST_F(DecideTest, AnUpdateThatChangesNothingLeavesNoRequestBehind) {
  Given(Create(1, "one", 10, At(5)), At(0));
  UpdateCampaign command = Update(1, {.total_coupons = 10});
  command.request = RequestOf(1);
  EXPECT_EQ(When(command, At(1)), Decision(Unchanged{}));
  Given(Update(1, {.total_coupons = 20}), At(2));
  EXPECT_TRUE(Accepts(command, At(3)));
}

TEST_F(DecideTest, AnUpdateThatIsOnlyValidatedChangesNothing) {
  Given(Create(1, "one", 10, At(5)), At(0));
  UpdateCampaign command = Update(1, {.total_coupons = 0});
  command.validate_only = true;
  EXPECT_EQ(When(command, At(1)), Refused(RefusalReason::kTotalTooSmall));
  command.changes.total_coupons = 10;
  EXPECT_EQ(When(command, At(1)), Decision(Unchanged{}));
  command.changes.total_coupons = 20;
  EXPECT_EQ(When(command, At(1)), Decision(WouldBeAccepted{}));
  command.request = RequestOf(1);
  command.validate_only = false;
  Given(command, At(1));
  command.validate_only = true;
  EXPECT_EQ(When(command, At(1)), Decision(Repeated{.sequence = last_}));
}

TEST_F(DecideTest, ARaisedTotalReservesTheSerialsThatAreLacking) {
  Given(Create(1, "one", 2, At(0)), At(0));
  Given(Create(2, "two", 3, At(0)), At(0));
  Given(Issue(1), At(1));
  Given(Issue(1), At(1));
  EXPECT_EQ(Given(Update(1, {.total_coupons = 4}), At(2)),
            Event(CampaignUpdated{
                kOne, {.total_coupons = 4}, SerialRange{.first = Serial(6), .count = 2}}));
  EXPECT_EQ(Given(Issue(1), At(3)), Event(CouponIssued{kOne, Serial(6)}));
  // The lowered total leaves a serial over, which is used first when it is raised again.
  EXPECT_EQ(Given(Update(1, {.total_coupons = 3}), At(4)),
            Event(CampaignUpdated{kOne, {.total_coupons = 3}, {}}));
  EXPECT_EQ(When(Issue(1), At(4)), Refused(RefusalReason::kSoldOut, At(4)));
  EXPECT_EQ(Given(Update(1, {.total_coupons = 5}), At(5)),
            Event(CampaignUpdated{
                kOne, {.total_coupons = 5}, SerialRange{.first = Serial(8), .count = 1}}));
  EXPECT_EQ(Given(Issue(1), At(6)), Event(CouponIssued{kOne, Serial(7)}));
  EXPECT_EQ(Given(Issue(1), At(6)), Event(CouponIssued{kOne, Serial(8)}));
  EXPECT_EQ(When(Issue(1), At(7)), Refused(RefusalReason::kSoldOut, At(6)));
  EXPECT_EQ(Given(Issue(2), At(7)), Event(CouponIssued{kTwo, Serial(3)}));
}

TEST_F(DecideTest, ATotalMayBeLoweredToTheCouponsThatAreOut) {
  Given(Create(1, "one", 10, At(0)), At(0));
  Given(Issue(1), At(1));
  Given(Issue(1), At(1));
  EXPECT_EQ(When(Update(1, {.total_coupons = 1}), At(2)),
            Refused({.reason = RefusalReason::kTotalBelowIssued, .coupons = 2}));
  Given(Update(1, {.total_coupons = 2}), At(2));
  EXPECT_EQ(When(Issue(1), At(3)), Refused(RefusalReason::kSoldOut, At(2)));
}

TEST_F(DecideTest, TheStartIsFixedOnceACouponIsOut) {
  Given(Create(1, "one", 10, At(5)), At(0));
  Given(Update(1, {.start_time = At(7)}), At(6));
  EXPECT_EQ(When(Issue(1), At(6)), Refused(RefusalReason::kNotStarted, At(7)));
  Given(Issue(1), At(7));
  EXPECT_EQ(When(Update(1, {.start_time = At(9)}), At(8)), Refused(RefusalReason::kStartTimeFixed));
}

TEST_F(DecideTest, AnEndClosesACampaignAndALaterOneReopensIt) {
  CreateCampaign create = Create(1, "one", 10, At(5));
  create.end_time = At(8);
  Given(create, At(0));
  EXPECT_TRUE(Accepts(Issue(1), At(7)));
  EXPECT_EQ(When(Issue(1), At(8)), Refused(RefusalReason::kEnded, At(8)));
  Given(Update(1, {.end_time = At(20)}), At(9));
  EXPECT_TRUE(Accepts(Issue(1), At(10)));
  Given(Update(1, {.end_time = At(9)}), At(10));
  EXPECT_EQ(When(Issue(1), At(10)), Refused(RefusalReason::kEnded, At(9)));
}

TEST_F(DecideTest, ANewNameIsTakenAndTheOldOneFree) {
  Given(Create(1, "one", 1, At(0)), At(0));
  Given(Update(1, {.name = "uno"}), At(1));
  EXPECT_EQ(When(Create(2, "uno", 1, At(2)), At(2)), Refused(RefusalReason::kNameTaken));
  Given(Create(2, "one", 1, At(2)), At(2));
  EXPECT_EQ(When(Update(1, {.name = "one"}), At(3)), Refused(RefusalReason::kNameTaken));
  UpdateCampaign as_sent = Update(1, {.name = "normal"});
  as_sent.name_as_sent = "one";
  EXPECT_EQ(When(as_sent, At(3)), Refused(RefusalReason::kNameTaken));
  Given(Delete(1), At(4));
  EXPECT_TRUE(Accepts(Create(3, "uno", 1, At(5)), At(5)));
}

// An old store may have a name that is not in its normal form.
TEST_F(DecideTest, ACampaignThatIsSentBackKeepsItsName) {
  Given(Create(1, "as sent", 1, At(0)), At(0));
  UpdateCampaign command = Update(1, {.name = "normal", .total_coupons = 2});
  command.name_as_sent = "as sent";
  EXPECT_EQ(Given(command, At(1)),
            Event(CampaignUpdated{
                kOne, {.total_coupons = 2}, SerialRange{.first = Serial(2), .count = 1}}));
}

TEST_F(DecideTest, TheRevisionIsTheSequenceOfTheLastChangeOfTerms) {
  Given(Create(2, "two", 1, At(0)), At(0));
  Given(Create(1, "one", 1, At(0)), At(0));
  UpdateCampaign update = Update(1, {.total_coupons = 5});
  update.if_revision = Sequence(2);
  Given(update, At(1));
  Given(Pause(1, kIssuing), At(1));
  EXPECT_EQ(When(update, At(2)),
            Refused({.reason = RefusalReason::kChangedMeanwhile, .present = Sequence(3)}));
  update.if_revision = Sequence(3);
  update.changes.total_coupons = 6;
  EXPECT_TRUE(Accepts(update, At(2))) << "a pause changes no terms";
}

TEST_F(DecideTest, PauseAndResumeSayWhatTheyChange) {
  Given(Create(1, "one", 10, At(0)), At(0));
  EXPECT_EQ(When(Resume(1, kBoth), At(1)), Decision(Unchanged{}));
  EXPECT_EQ(Given(Pause(1, kIssuing), At(1)), Event(CampaignPaused{kOne, kIssuing, {}}));
  EXPECT_EQ(When(Pause(1, kIssuing), At(2)), Decision(Unchanged{}));
  EXPECT_EQ(When(Issue(1), At(2)), Refused(RefusalReason::kPaused));
  EXPECT_EQ(Given(Pause(1, kBoth), At(2)), Event(CampaignPaused{kOne, kRedeeming, {}}));
  EXPECT_EQ(Given(Resume(1, kIssuing), At(3)), Event(CampaignResumed{kOne, kIssuing, {}}));
  EXPECT_TRUE(Accepts(Issue(1), At(3)));
  EXPECT_EQ(Given(Resume(1, kBoth), At(4)), Event(CampaignResumed{kOne, kRedeeming, {}}));
}

TEST_F(DecideTest, PauseIsRefusedInTheOrderOfPrecedence) {
  Given(Create(2, "archived", 1, At(0)), At(0));
  Given(Archive(2), At(1));
  Given(Create(3, "three", 1, At(1)), At(1));
  SetPaused command = Pause(1, kBoth);
  command.reason = std::string(129, 'x');
  ExpectRefusals(command, At(2),
                 {
                     {RefusalReason::kReasonTooLong, [&] { command.reason = "short"; }},
                     {RefusalReason::kNoSuchCampaign, [&] { command.campaign_id = Id(2); }},
                     {RefusalReason::kCampaignArchived, [&] { command.campaign_id = Id(3); }},
                 });
}

TEST_F(DecideTest, AnArchivedCampaignIsOverAndKeepsItsName) {
  Given(Create(1, "one", 10, At(0)), At(0));
  EXPECT_EQ(When(Unarchive(1), At(1)), Decision(Unchanged{}));
  EXPECT_EQ(Given(Archive(1), At(1)), Event(CampaignArchived{kOne}));
  EXPECT_EQ(When(Archive(1), At(2)), Decision(Unchanged{}));
  EXPECT_EQ(When(Archive(2), At(2)), Refused(RefusalReason::kNoSuchCampaign));
  EXPECT_EQ(When(Issue(1), At(2)), Refused(RefusalReason::kEnded, At(1)));
  EXPECT_EQ(When(Create(2, "one", 1, At(2)), At(2)), Refused(RefusalReason::kNameTaken));
  EXPECT_EQ(Given(Unarchive(1), At(3)), Event(CampaignUnarchived{kOne}));
  EXPECT_TRUE(Accepts(Issue(1), At(3)));
  Given(Archive(1), At(4));
  EXPECT_EQ(Given(Delete(1), At(5)), Event(CampaignDeleted{kOne}));
}

TEST(CampaignState, IsTheFirstThatHolds) {
  Campaign campaign{.number = kOne,
                    .id = {},
                    .terms = {.name = "one", .total_coupons = 1, .start_time = At(5)},
                    .serials = {},
                    .issued_coupons = 1,
                    .created_at = At(0),
                    .revision = {},
                    .paused = {.issuing = true},
                    .sold_out_at = At(1),
                    .archived_at = At(2)};
  campaign.terms.end_time = At(8);
  EXPECT_EQ(StateOf(campaign, At(8)), CampaignState::kArchived);
  campaign.archived_at.reset();
  EXPECT_EQ(StateOf(campaign, At(8)), CampaignState::kEnded);
  EXPECT_EQ(StateOf(campaign, At(4)), CampaignState::kSoldOut);
  campaign.issued_coupons = 0;
  EXPECT_EQ(StateOf(campaign, At(4)), CampaignState::kScheduled);
  EXPECT_EQ(StateOf(campaign, At(5)), CampaignState::kPaused);
  campaign.paused.issuing = false;
  EXPECT_EQ(StateOf(campaign, At(7)), CampaignState::kOpen);
}

TEST(CampaignState, ChangesByItselfAtTheStartAndTheEnd) {
  Campaign campaign{};
  campaign.terms.start_time = At(5);
  EXPECT_EQ(NextChangeOfState(campaign, At(4)), At(5));
  EXPECT_EQ(NextChangeOfState(campaign, At(5)), kNever);
  campaign.terms.end_time = At(8);
  EXPECT_EQ(NextChangeOfState(campaign, At(5)), At(8));
  EXPECT_EQ(NextChangeOfState(campaign, At(8)), kNever);
  campaign.archived_at = At(1);
  EXPECT_EQ(NextChangeOfState(campaign, At(4)), kNever);
}

TEST(SerialRanges, MapOrdinalsToSerialsAndBack) {
  SerialRanges serials({.first = Serial(10), .count = 3});
  serials.Add({.first = Serial(50), .count = 1});
  serials.Add({.first = Serial(100), .count = 2});
  EXPECT_EQ(serials.size(), 6U);
  const std::vector<std::uint64_t> expected = {10, 11, 12, 50, 100, 101};
  for (std::uint64_t ordinal = 0; ordinal < expected.size(); ++ordinal) {
    EXPECT_EQ(serials.At(ordinal), Serial(expected[ordinal]));
    EXPECT_EQ(serials.OrdinalOf(Serial(expected[ordinal])), ordinal);
  }
  for (const std::uint64_t other : {0, 9, 13, 49, 51, 99, 102}) {
    EXPECT_EQ(serials.OrdinalOf(Serial(other)), std::nullopt) << other;
  }
}

TEST(SerialRanges, ThereMayBeMany) {
  SerialRanges serials({.first = Serial(1), .count = 1});
  std::vector<Serial> expected = {Serial(1)};
  for (std::uint64_t i = 1; i <= 10'000; ++i) {
    const SerialRange range{.first = Serial(10 * i), .count = 1 + i % 9};
    serials.Add(range);
    for (std::uint64_t n = 0; n < range.count; ++n) expected.push_back(range.first.Plus(n));
  }
  ASSERT_EQ(serials.size(), expected.size());
  for (std::uint64_t ordinal = 0; ordinal < expected.size(); ++ordinal) {
    ASSERT_EQ(serials.At(ordinal), expected[ordinal]);
    ASSERT_EQ(serials.OrdinalOf(expected[ordinal]), ordinal);
  }
  for (std::uint64_t i = 1; i <= 10'000; ++i) {
    ASSERT_EQ(serials.OrdinalOf(Serial(10 * i + 1 + i % 9)), std::nullopt) << i;
  }
}

}  // namespace
}  // namespace coupond
