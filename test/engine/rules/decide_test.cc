#include "engine/rules/decide.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/rules/decide_fixture.h"
#include "engine/rules/limits.h"
#include "support/builders.h"

namespace coupond {
namespace {

using test::Archive;
using test::At;
using test::ClaimOf;
using test::Create;
using test::Delete;
using test::Id;
using test::Issue;
using test::IssueOnRequest;
using test::IssueTo;
using test::Pause;
using test::RequestOf;
using test::Resume;
using test::Unarchive;
using test::Update;

TEST_F(DecideTest, CreateReservesASerialRangeAndANumber) {
  EXPECT_EQ(Given(Create(1, "one", 10, At(5)), At(0)),
            Event(CampaignCreated{CampaignNumber(1), Id(1), {"one", 10, At(5)}, Serial(1)}));
  EXPECT_EQ(Given(Create(2, "two", 20, At(5)), At(1)),
            Event(CampaignCreated{CampaignNumber(2), Id(2), {"two", 20, At(5)}, Serial(11)}));
}

/// Breaks every rule of creating at once, then mends one in each row: the refusals come in order.
TEST_F(DecideTest, CreateIsRefusedInTheOrderOfPrecedence) {
  CreateCampaign taken = Create(1, "taken", 1, At(100));
  taken.request = RequestOf(1);
  Given(taken, At(0));
  CreateCampaign command{.id = Id(2),
                         .name = "",
                         .total_coupons = 0,
                         .start_time = std::nullopt,
                         .end_time = limits::kStartTimeMax,
                         .description = std::string(2'001, 'x'),
                         .metadata = std::vector<MetadataEntry>(33),
                         .coupons_per_user = 0,
                         .redeem_start_time = limits::kStartTimeMax,
                         .expire_time = limits::kStartTimeMax,
                         .valid_duration = std::chrono::nanoseconds(0),
                         .request = RequestOf(1, /*content=*/5)};
  ExpectRefusals(
      command, At(10),
      {
          {RefusalReason::kRequestIdReused, [&] { command.request = RequestOf(2); }},
          {RefusalReason::kNameEmpty, [&] { command.name = std::string(201, 'x'); }},
          {RefusalReason::kNameTooLong, [&] { command.name = "taken"; }},
          {RefusalReason::kTotalTooSmall, [&] { command.total_coupons = 100'000'001; }},
          {RefusalReason::kTotalTooLarge, [&] { command.total_coupons = 100'000'000; }},
          {RefusalReason::kStartTimeMissing, [&] { command.start_time = At(9); }},
          {RefusalReason::kStartTimeInPast, [&] { command.start_time = limits::kStartTimeMax; }},
          {RefusalReason::kStartTimeTooLate, [&] { command.start_time = At(10); }},
          {RefusalReason::kDescriptionTooLong, [&] { command.description = "short"; }},
          {RefusalReason::kEndTimeTooLate, [&] { command.end_time = At(10); }},
          {RefusalReason::kCouponsPerUserOutOfRange, [&] { command.coupons_per_user = 1'001; }},
          {RefusalReason::kCouponsPerUserOutOfRange, [&] { command.coupons_per_user = 1'000; }},
          {RefusalReason::kRedeemStartTimeTooLate, [&] { command.redeem_start_time = At(12); }},
          {RefusalReason::kExpireTimeTooLate, [&] { command.expire_time = At(10); }},
          {RefusalReason::kValidDurationOutOfRange,
           [&] {
             command.valid_duration = limits::kValidDurationMax + std::chrono::nanoseconds(1);
           }},
          {RefusalReason::kValidDurationOutOfRange,
           [&] { command.valid_duration = limits::kValidDurationMax; }},
          {RefusalReason::kMetadataTooLarge, [&] { command.metadata.resize(32); }},
          {RefusalReason::kEndTimeNotAfterStart, [&] { command.end_time = At(11); }},
          {RefusalReason::kExpireTimeTooEarly, [&] { command.expire_time = At(12); }},
          {RefusalReason::kExpireTimeTooEarly, [&] { command.expire_time = At(13); }},
          {RefusalReason::kNameTaken,
           [&] {
             command.name = "free";
             ledger_.RestoreCounters(CampaignNumber(2), Serial(~0ULL));
           }},
          {RefusalReason::kSerialsExhausted,
           [&] { ledger_.RestoreCounters(CampaignNumber(2), Serial(2)); }},
      });
}

TEST_F(DecideTest, ACampaignIsCreatedWithItsTerms) {
  CreateCampaign command = Create(1, "one", 10, At(5));
  command.end_time = At(9);
  command.description = "for guests";
  command.metadata = {{"shop", "7"}};
  command.coupons_per_user = 3;
  command.user_required = true;
  command.redeem_start_time = At(6);
  command.expire_time = At(30);
  command.valid_duration = std::chrono::hours(1);
  command.redeem_by_holder_only = true;
  command.request = RequestOf(1, 2);
  const CampaignTerms terms{.name = "one",
                            .total_coupons = 10,
                            .start_time = At(5),
                            .end_time = At(9),
                            .description = "for guests",
                            .metadata = {{"shop", "7"}},
                            .coupons_per_user = 3,
                            .user_required = true,
                            .redeem_start_time = At(6),
                            .expire_time = At(30),
                            .valid_duration = std::chrono::hours(1),
                            .redeem_by_holder_only = true};
  EXPECT_EQ(Given(command, At(0)),
            Event(CampaignCreated{CampaignNumber(1), Id(1), terms, Serial(1), RequestOf(1, 2)}));
}

TEST_F(DecideTest, ACampaignIsCreatedOnceForARequest) {
  CreateCampaign command = Create(1, "one", 10, At(5));
  command.request = RequestOf(1);
  Given(command, At(0));
  const Decision as_then = Repeated{.sequence = last_};
  EXPECT_EQ(When(command, At(9)), as_then) << "the start is in the past by now, the name taken";
  Given(Update(1, {.name = "uno"}), At(9));
  EXPECT_EQ(When(command, At(9)), as_then);
  Given(Delete(1), At(10));
  EXPECT_EQ(When(command, At(10)), as_then);
}

TEST_F(DecideTest, ARefusedRequestIsDecidedAfresh) {
  Given(Create(1, "taken", 1, At(100)), At(0));
  CreateCampaign command = Create(2, "taken", 1, At(100));
  command.request = RequestOf(1);
  EXPECT_EQ(When(command, At(1)), Refused(RefusalReason::kNameTaken));
  Given(Delete(1), At(2));
  EXPECT_TRUE(Accepts(command, At(3)));
}

TEST_F(DecideTest, ACampaignThatIsOnlyValidatedIsNotCreated) {
  CreateCampaign command = Create(1, "", 10, At(5));
  command.request = RequestOf(1);
  command.validate_only = true;
  EXPECT_EQ(When(command, At(0)), Refused(RefusalReason::kNameEmpty));
  command.name = "one";
  EXPECT_EQ(When(command, At(0)), Decision(WouldBeAccepted{}));
  command.validate_only = false;
  Given(command, At(0));
  command.validate_only = true;
  EXPECT_EQ(When(command, At(0)), Decision(Repeated{.sequence = last_}));
}

TEST_F(DecideTest, ARelativeStartCountsFromTheDecision) {
  using std::chrono::nanoseconds;
  CreateCampaign command = Create(1, "one", 1, At(0));
  command.start_time = nanoseconds(1);
  EXPECT_EQ(std::get<CampaignCreated>(EventOf(command, At(10))).terms.start_time,
            At(10).Plus(nanoseconds(1)));
  command.start_time = nanoseconds(0);
  EXPECT_EQ(std::get<CampaignCreated>(Given(command, At(10))).terms.start_time, At(10));
  EXPECT_TRUE(Accepts(Issue(1), At(10))) << "0 means now";
}

TEST_F(DecideTest, ARelativeStartHasTheSameBounds) {
  using std::chrono::nanoseconds;
  CreateCampaign command = Create(1, "one", 1, At(0));
  const nanoseconds to_the_end = limits::kStartTimeMax.Since(At(10));
  const struct {
    nanoseconds wait;
    std::optional<RefusalReason> refused;
  } rows[] = {
      {nanoseconds(-1), RefusalReason::kStartTimeInPast},
      {nanoseconds::min(), RefusalReason::kStartTimeInPast},
      {to_the_end - nanoseconds(1), std::nullopt},
      {to_the_end, RefusalReason::kStartTimeTooLate},
      {nanoseconds::max(), RefusalReason::kStartTimeTooLate},
  };
  for (const auto& row : rows) {
    command.start_time = row.wait;
    const Decision decision = When(command, At(10));
    EXPECT_EQ(decision == Decision(Accepted{}), !row.refused) << row.wait.count();
    if (row.refused) {
      EXPECT_EQ(decision, Refused(*row.refused)) << row.wait.count();
    }
  }
}

TEST_F(DecideTest, NamesAreCountedInCharactersNotBytes) {
  std::string hangul;
  for (int i = 0; i < 200; ++i) hangul += "쿠";
  EXPECT_TRUE(Accepts(Create(1, hangul, 1, At(1)), At(0)));
  EXPECT_EQ(When(Create(1, hangul + "x", 1, At(1)), At(0)), Refused(RefusalReason::kNameTooLong));
}

TEST_F(DecideTest, CreateIsRefusedWhenTheSerialsWouldRunOut) {
  ledger_.RestoreCounters(CampaignNumber(1), Serial(std::numeric_limits<std::uint64_t>::max() - 9));
  EXPECT_EQ(When(Create(1, "a", 10, At(1)), At(0)), Refused(RefusalReason::kSerialsExhausted));
  EXPECT_TRUE(Accepts(Create(1, "a", 9, At(1)), At(0)));
}

/// Everything that forbids issuing holds at first.
TEST_F(DecideTest, IssueIsRefusedInTheOrderOfPrecedence) {
  EXPECT_EQ(When(Issue(1), At(9)), Refused(RefusalReason::kNoSuchCampaign));
  CreateCampaign create = Create(1, "one", 1, At(10));
  create.end_time = At(20);
  Given(create, At(0));
  Given(IssueTo(1, 7), At(10));
  Given(Pause(1), At(11));
  Given(Archive(1), At(12));
  EXPECT_EQ(When(IssueTo(1, 7), At(20)), Held(1, At(10))) << "whatever the state";
  // A clock in the past stands in for a start that has not come.
  EXPECT_EQ(When(Issue(1), At(9)), Refused(RefusalReason::kEnded, At(12)));
  Given(Unarchive(1), At(13));
  EXPECT_EQ(When(Issue(1), At(20)), Refused(RefusalReason::kEnded, At(20)));
  EXPECT_EQ(When(Issue(1), At(9)), Refused(RefusalReason::kSoldOut, At(10)));
  Given(Update(1, {.total_coupons = 2}), At(13));
  EXPECT_EQ(When(Issue(1), At(9)), Refused(RefusalReason::kNotStarted, At(10)));
  EXPECT_EQ(When(Issue(1), At(14)), Refused(RefusalReason::kPaused));
  Given(Resume(1), At(15));
  EXPECT_TRUE(Accepts(Issue(1), At(16)));
}

TEST_F(DecideTest, IssueBeginsExactlyAtTheStartTime) {
  Given(Create(1, "one", 1, At(10)), At(0));
  EXPECT_EQ(When(Issue(1), At(10).Plus(std::chrono::nanoseconds(-1))),
            Refused(RefusalReason::kNotStarted, At(10)));
  EXPECT_EQ(EventOf(Issue(1), At(10)), Event(CouponIssued{CampaignNumber(1), Serial(1)}));
}

TEST_F(DecideTest, ExactlyTheTotalIsIssuedEachWithTheNextSerial) {
  Given(Create(1, "one", 2, At(0)), At(0));
  Given(Create(2, "two", 3, At(0)), At(0));
  for (std::uint64_t serial = 3; serial <= 5; ++serial) {
    EXPECT_EQ(Given(Issue(2), At(1)), Event(CouponIssued{CampaignNumber(2), Serial(serial)}));
  }
  EXPECT_EQ(When(Issue(2), At(1)), Refused(RefusalReason::kSoldOut, At(1)));
  EXPECT_EQ(Given(Issue(1), At(1)), Event(CouponIssued{CampaignNumber(1), Serial(1)}));
}

TEST_F(DecideTest, AClaimGetsTheSameCouponAgainEvenWhenSoldOut) {
  Given(Create(1, "one", 2, At(0)), At(0));
  Given(IssueTo(1, 7, "kim"), At(1));
  Given(IssueTo(1, 8), At(2));
  EXPECT_EQ(When(IssueTo(1, 7), At(2)), Held(1, At(1)));
  EXPECT_EQ(When(IssueTo(1, 8), At(2)), Held(2, At(2)));
  EXPECT_EQ(When(IssueTo(1, 9), At(2)), Refused(RefusalReason::kSoldOut, At(2)));
}

TEST_F(DecideTest, AClaimCountsOnlyInItsCampaign) {
  Given(Create(1, "one", 1, At(0)), At(0));
  Given(Create(2, "two", 1, At(0)), At(0));
  Given(IssueTo(1, 7), At(1));
  EXPECT_TRUE(Accepts(IssueTo(2, 7), At(1)));
}

TEST_F(DecideTest, DeleteByIdByNameOrByBoth) {
  Given(Create(1, "one", 1, At(0)), At(0));
  Given(Create(2, "two", 1, At(0)), At(0));
  const Event one = CampaignDeleted{CampaignNumber(1)};
  const Decision none = Refused(RefusalReason::kNoSuchCampaign);
  EXPECT_EQ(EventOf(Delete(1), At(1)), one);
  EXPECT_EQ(EventOf(DeleteCampaign{{}, "one"}, At(1)), one);
  EXPECT_EQ(EventOf(DeleteCampaign{Id(1), "one"}, At(1)), one);
  EXPECT_EQ(When(DeleteCampaign{Id(1), "two"}, At(1)), none);
  EXPECT_EQ(When(DeleteCampaign{Id(1), "three"}, At(1)), none);
  EXPECT_EQ(When(DeleteCampaign{Id(3), "one"}, At(1)), none);
  EXPECT_EQ(When(DeleteCampaign{{}, {}}, At(1)), none);
}

// A store from before texts were normalised may hold a text as it was sent, its normal form, or
// both.
TEST_F(DecideTest, TheNormalFormIsLookedUpBeforeTheTextAsSent) {
  Given(Create(1, "one", 9, At(0)), At(0));
  IssueCoupon decomposed = IssueTo(1, 7, "normal");
  decomposed.holder_as_sent = ClaimOf(8);
  HeldCoupon first = CouponOf(1, At(1));
  first.found_as_sent = true;
  Given(IssueTo(1, 8, "as sent"), At(1));
  EXPECT_EQ(When(decomposed, At(2)), Decision(first)) << "the old coupon is found";
  Given(IssueTo(1, 7, "normal"), At(2));
  EXPECT_EQ(When(decomposed, At(3)), Held(2, At(2))) << "the normal form comes first";

  IssueCoupon wide = IssueOnRequest(1, 17);
  wide.request_key_as_sent = ClaimOf(18);
  Given(IssueOnRequest(1, 18), At(3));
  first = CouponOf(3, At(3));
  first.found_as_sent = true;
  EXPECT_EQ(When(wide, At(4)), Decision(first));
}

TEST_F(DecideTest, OnlyTheNormalFormIsStored) {
  Given(Create(1, "one", 9, At(0)), At(0));
  IssueCoupon decomposed = IssueTo(1, 7, "normal");
  decomposed.holder_as_sent = ClaimOf(8);
  EXPECT_EQ(Given(decomposed, At(1)),
            Event(CouponIssued{CampaignNumber(1), Serial(1), ClaimOf(7), {}, "normal"}));
  EXPECT_EQ(Given(IssueTo(1, 8), At(1)),
            Event(CouponIssued{CampaignNumber(1), Serial(2), ClaimOf(8)}));
}

TEST_F(DecideTest, ANameIsTakenInEitherForm) {
  Given(Create(1, "as sent", 1, At(0)), At(0));
  CreateCampaign command = Create(2, "normal", 1, At(5));
  command.name_as_sent = "as sent";
  EXPECT_EQ(When(command, At(1)), Refused(RefusalReason::kNameTaken));
  command.name_as_sent = "another";
  EXPECT_EQ(Given(command, At(1)),
            Event(CampaignCreated{CampaignNumber(2), Id(2), {"normal", 1, At(5)}, Serial(2)}));
}

TEST_F(DecideTest, DeletionFindsEitherFormOfTheName) {
  Given(Create(1, "as sent", 1, At(0)), At(0));
  const Event one = CampaignDeleted{CampaignNumber(1)};
  const Event two = CampaignDeleted{CampaignNumber(2)};
  const Decision none = Refused(RefusalReason::kNoSuchCampaign);
  const DeleteCampaign by_name{{}, "normal", "as sent"};
  EXPECT_EQ(EventOf(by_name, At(1)), one);
  EXPECT_EQ(EventOf(DeleteCampaign{Id(1), "normal", "as sent"}, At(1)), one);
  EXPECT_EQ(When(DeleteCampaign{Id(2), "normal", "as sent"}, At(1)), none);
  Given(Create(2, "normal", 1, At(5)), At(1));
  EXPECT_EQ(EventOf(by_name, At(2)), two) << "the normal form comes first";
  EXPECT_EQ(EventOf(DeleteCampaign{Id(1), "normal", "as sent"}, At(2)), one) << "the id says which";
  EXPECT_EQ(EventOf(DeleteCampaign{Id(2), "normal", "as sent"}, At(2)), two);
  EXPECT_EQ(When(DeleteCampaign{Id(1), "normal"}, At(2)), none);
}

TEST_F(DecideTest, DeletionFreesTheNameAndKeepsTheSerialsUsed) {
  Given(Create(1, "one", 10, At(0)), At(0));
  Given(Issue(1), At(1));
  Given(Delete(1), At(2));
  EXPECT_EQ(When(Issue(1), At(3)), Refused(RefusalReason::kNoSuchCampaign));
  EXPECT_EQ(When(Delete(1), At(3)), Refused(RefusalReason::kNoSuchCampaign));
  EXPECT_EQ(Given(Create(2, "one", 10, At(3)), At(3)),
            Event(CampaignCreated{CampaignNumber(2), Id(2), {"one", 10, At(3)}, Serial(11)}));
}

}  // namespace
}  // namespace coupond
