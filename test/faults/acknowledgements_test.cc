#include "faults/acknowledgements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "support/builders.h"
#include "support/fake_event_log.h"
#include "support/fake_view_store.h"

// The fault tests are only as good as this comparison: these tests make up the replies of a broken
// server.
namespace coupond::test {
namespace {

using testing::Contains;
using testing::StartsWith;

class AcknowledgementsTest : public testing::Test {
 protected:
  /// Acknowledges a campaign of one coupon, whose coupon may be in the log.
  AcknowledgementsTest() {
    Tell(Create(1, "one", 1, At(0)), 2, Done{.start_time = At(0)});
    events_.emplace_back(StoreCreated{});
    events_.emplace_back(
        CampaignCreated{.number = CampaignNumber(1),
                        .id = Id(1),
                        .terms = {.name = "one", .total_coupons = 1, .start_time = At(0)},
                        .first_serial = Serial(1)});
  }
  void Tell(const Command& command, std::uint64_t sequence, const Reply::Outcome& outcome) {
    const Reply reply{.time = At(0), .sequence = Sequence(sequence), .outcome = outcome};
    told_.Add({&command, 1}, {&reply, 1});
  }
  void LogTheCoupon() {
    events_.emplace_back(CouponIssued{.campaign = CampaignNumber(1), .serial = Serial(1)});
  }
  [[nodiscard]] std::vector<std::string> Faults() const {
    const FakeEventLog log({CommitGroup{.number = GroupNumber(1),
                                        .first_sequence = Sequence(1),
                                        .commit_time = At(0),
                                        .events = events_}});
    return told_.Compare(log, FakeViewStore());
  }

  Acknowledgements told_;
  std::vector<Event> events_;
};

TEST_F(AcknowledgementsTest, SoldOutThatRestsOnALostCouponIsFound) {
  Tell(Issue(1), 3, Refusal{.reason = RefusalReason::kSoldOut, .at = At(0)});
  EXPECT_THAT(Faults(), Contains(StartsWith("LOST: sequence 3")));
}

TEST_F(AcknowledgementsTest, SoldOutWhileThereIsACouponIsFound) {
  Tell(Issue(1), 2, Refusal{.reason = RefusalReason::kSoldOut, .at = At(0)});
  EXPECT_THAT(Faults(), Contains(StartsWith("WRONG REPLY")));
}

TEST_F(AcknowledgementsTest, WhatWasDeniedMustNotBeInTheLog) {
  LogTheCoupon();
  Tell(Issue(1), 2, Unavailable{.outcome_unknown = false});
  EXPECT_THAT(Faults(), Contains(StartsWith("UNASKED: sequence 3")));
}

TEST_F(AcknowledgementsTest, UnansweredCommandsMayBeInTheLog) {
  LogTheCoupon();
  Tell(Issue(1), 2, Unavailable{.outcome_unknown = true});
  Tell(Issue(1), 3, Refusal{.reason = RefusalReason::kSoldOut, .at = At(0)});
  EXPECT_THAT(Faults(), testing::Each(StartsWith("VIEWS")));
}

TEST_F(AcknowledgementsTest, ALostUpdateIsFound) {
  Tell(Update(1, {.total_coupons = 2}), 3, Done{});
  EXPECT_THAT(Faults(), Contains(StartsWith("LOST: sequence 3")));
}

TEST_F(AcknowledgementsTest, AnUpdateOfMoreThanWasAskedIsFound) {
  events_.emplace_back(CampaignUpdated{.campaign = CampaignNumber(1),
                                       .changes = {.end_time = At(9), .description = "described"},
                                       .added_serials = {}});
  Tell(Update(1, {.end_time = At(9)}), 3, Done{});
  EXPECT_THAT(Faults(), Contains(StartsWith("LOST: sequence 3")));
}

TEST_F(AcknowledgementsTest, AnUpdateWithoutItsSerialsIsFound) {
  events_.emplace_back(CampaignUpdated{
      .campaign = CampaignNumber(1), .changes = {.total_coupons = 2}, .added_serials = {}});
  Tell(Update(1, {.total_coupons = 2}), 3, Done{});
  EXPECT_THAT(Faults(), Contains(StartsWith("UNLAWFUL: sequence 3")));
}

TEST_F(AcknowledgementsTest, ACouponDuringAPauseIsFound) {
  events_.emplace_back(
      CampaignPaused{.campaign = CampaignNumber(1), .activities = {.issuing = true}, .reason = {}});
  Tell(Pause(1), 3, Done{});
  LogTheCoupon();
  Tell(Issue(1), 4, GrantedCoupon{CampaignNumber(1), Serial(1), At(0)});
  EXPECT_THAT(Faults(), Contains(StartsWith("PAUSED: serial 1")));
}

TEST_F(AcknowledgementsTest, AUserWithMoreCouponsThanAllowedIsFound) {
  auto& created = std::get<CampaignCreated>(events_.back());
  created.terms.total_coupons = 9;
  created.terms.coupons_per_user = 2;
  for (std::uint8_t i = 1; i <= 3; ++i) {
    events_.emplace_back(CouponIssued{.campaign = CampaignNumber(1),
                                      .serial = Serial(i),
                                      .holder = ClaimOf(9),
                                      .request_key = ClaimOf(i)});
  }
  EXPECT_THAT(Faults(), Contains(StartsWith("ABOVE THE LIMIT: serial 3")));
}

TEST_F(AcknowledgementsTest, AnExpiredCouponThatIsRedeemedIsFound) {
  std::get<CampaignCreated>(events_.back()).terms.expire_time = At(0);
  LogTheCoupon();
  events_.emplace_back(CouponRedeemed{CampaignNumber(1), Serial(1), {}, {}, {}, {}});
  EXPECT_THAT(Faults(), Contains(StartsWith("LATE: redeemed serial 1")));
}

TEST_F(AcknowledgementsTest, ACampaignThatWasOnlyToBeCheckedIsFound) {
  CreateCampaign create = Create(2, "two", 1, At(0));
  create.validate_only = true;
  events_.emplace_back(
      CampaignCreated{.number = CampaignNumber(2),
                      .id = Id(2),
                      .terms = {.name = "two", .total_coupons = 1, .start_time = At(0)},
                      .first_serial = Serial(2)});
  Tell(create, 2, Done{});
  EXPECT_THAT(Faults(), Contains(StartsWith("UNASKED: sequence 3")));
}

TEST_F(AcknowledgementsTest, ALostRedemptionIsFound) {
  LogTheCoupon();
  Tell(Issue(1), 3, GrantedCoupon{CampaignNumber(1), Serial(1), At(0)});
  Tell(Redeem(1), 4, Done{});
  EXPECT_THAT(Faults(), Contains(StartsWith("LOST: sequence 4")));
}

TEST_F(AcknowledgementsTest, ACouponThatIsRedeemedTwiceIsFound) {
  LogTheCoupon();
  Tell(Issue(1), 3, GrantedCoupon{CampaignNumber(1), Serial(1), At(0)});
  for (const std::uint64_t sequence : {4, 5}) {
    events_.emplace_back(CouponRedeemed{CampaignNumber(1), Serial(1), {}, {}, {}, {}});
    Tell(Redeem(1), sequence, Done{});
  }
  EXPECT_THAT(Faults(), Contains(StartsWith("INVALID: redeemed serial 1")));
}

TEST_F(AcknowledgementsTest, ACancelOfAnotherRedemptionIsFound) {
  LogTheCoupon();
  events_.emplace_back(CouponRedeemed{CampaignNumber(1), Serial(1), {}, {}, {}, {}});
  events_.emplace_back(RedemptionCanceled{CampaignNumber(1), Serial(1), Sequence(3), {}, {}});
  EXPECT_THAT(Faults(), Contains(StartsWith("INVALID: another redemption was canceled")));
}

TEST_F(AcknowledgementsTest, APlaceThatIsReturnedTwiceIsFound) {
  LogTheCoupon();
  for (int i = 0; i < 2; ++i) {
    events_.emplace_back(CouponVoided{CampaignNumber(1), Serial(1), true, {}, {}, {}});
  }
  EXPECT_THAT(Faults(), Contains(StartsWith("INVALID: voided serial 1")));
}

TEST_F(AcknowledgementsTest, ARequestThatIsCarriedOutTwiceIsFound) {
  LogTheCoupon();
  events_.emplace_back(CouponRedeemed{CampaignNumber(1), Serial(1), {}, {}, {}, RequestOf(1)});
  events_.emplace_back(
      RedemptionCanceled{CampaignNumber(1), Serial(1), Sequence(4), {}, RequestOf(1)});
  EXPECT_THAT(Faults(), Contains(StartsWith("DUPLICATE request, sequence 5")));
}

TEST_F(AcknowledgementsTest, ARequestThatIsRepeatedMustBeInTheLog) {
  LogTheCoupon();
  Tell(Issue(1), 3, GrantedCoupon{CampaignNumber(1), Serial(1), At(0)});
  Tell(Redeem(1, RequestOf(1)), 3, Done{.repeated = true});
  EXPECT_THAT(Faults(), Contains(StartsWith("LOST: sequence 3")));
}

TEST_F(AcknowledgementsTest, ARestoredStoreGoesOnWithOtherSerials) {
  std::get<CampaignCreated>(events_.back()).terms.total_coupons = 2;
  told_ = {};
  Tell(Create(1, "one", 2, At(0)), 2, Done{.start_time = At(0)});
  LogTheCoupon();
  Tell(Issue(1), 3, GrantedCoupon{CampaignNumber(1), Serial(1), At(0)});
  events_.emplace_back(StoreRestored{.first_serial = Serial(100)});
  events_.emplace_back(CouponIssued{.campaign = CampaignNumber(1), .serial = Serial(100)});
  Tell(Issue(1), 5, GrantedCoupon{CampaignNumber(1), Serial(100), At(0)});
  EXPECT_THAT(Faults(), testing::Each(StartsWith("VIEWS")));
  events_.back() = CouponIssued{.campaign = CampaignNumber(1), .serial = Serial(2)};
  EXPECT_THAT(Faults(), Contains(StartsWith("LOST: sequence 5")));
}

TEST_F(AcknowledgementsTest, ReservedSerialsAfterARestoreAreFound) {
  events_.emplace_back(StoreRestored{.first_serial = Serial(1)});
  EXPECT_THAT(Faults(), Contains(StartsWith("DUPLICATE serials: 1")));
}

TEST_F(AcknowledgementsTest, ViewsWithoutTheCouponsAreFound) {
  EXPECT_THAT(Faults(), Contains(StartsWith("VIEWS have other coupons of campaign 1")));
}

}  // namespace
}  // namespace coupond::test
