#include "engine/rules/decide_parts.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "engine/rules/decide_batch_fixture.h"
#include "engine/rules/limits.h"
#include "support/builders.h"

// Many coupons that one request asks for.
namespace coupond {
namespace {

using test::Archive;
using test::At;
using test::ClaimOf;
using test::Create;
using test::Freeing;
using test::Id;
using test::IssueOnRequest;
using test::IssueTo;
using test::Pause;
using test::RequestOf;
using test::Resume;
using test::Update;
using test::Void;

constexpr CampaignNumber kFirst{1};
constexpr std::uint8_t kKim = 7;
constexpr std::uint8_t kLee = 8;
constexpr std::uint8_t kMax = 9;

using DecideBatchTest = DecideBatchFixture;

/// Everything that forbids a batch holds at first.
TEST_F(DecideBatchTest, IsRefusedInTheOrderOfPrecedence) {
  CreateCampaign create = Create(1, "one", 2, At(10));
  create.coupons_per_user = 2;
  create.user_required = true;
  create.end_time = At(20);
  create.request = RequestOf(1);
  Given(create, At(0));
  Given(IssueOnRequest(1, 21, kKim), At(11));
  Given(IssueOnRequest(1, 22, kKim), At(12));
  Given(Pause(1), At(13));
  Given(Archive(1), At(14));
  BatchIssueCoupons command = Anonymous(limits::kCouponsPerBatchMax + 1);
  command.campaign_id = Id(9);
  command.request = RequestOf(1, /*content=*/5);
  // A clock in the past stands in for a start that has not come.
  const auto sees_all = [&](Timestamp time) {
    command.users = Batch({kKim, kLee, kMax}).users;
    return When(command, time);
  };
  EXPECT_EQ(When(command, At(9)), Refused(RefusalReason::kBatchTooLarge));
  command.anonymous = limits::kCouponsPerBatchMax;
  EXPECT_EQ(When(command, At(9)), Refused(RefusalReason::kNoSuchCampaign));
  command.campaign_id = Id(1);
  EXPECT_EQ(When(command, At(9)), Refused(RefusalReason::kRequestIdReused));
  command.request = RequestOf(2);
  EXPECT_EQ(When(command, At(9)), Refused(RefusalReason::kUserRequired));
  command.anonymous = 0;
  command.users = {IssueTo(1, kKim)};
  EXPECT_EQ(When(command, At(9)), Refused(RefusalReason::kRequestIdRequired));
  EXPECT_EQ(sees_all(At(9)), Refused(RefusalReason::kEnded, At(14)));
  Given(test::Unarchive(1), At(15));
  EXPECT_EQ(sees_all(At(20)), Refused(RefusalReason::kEnded, At(20)));
  EXPECT_EQ(sees_all(At(9)), Refused(RefusalReason::kUserLimitReached));
  EXPECT_EQ(Results(), (std::vector<BatchResult>{LimitReached(2, At(12)), {}, {}}));
  Given(Update(1, {.coupons_per_user = 3}), At(15));
  EXPECT_EQ(sees_all(At(9)), Refused(RefusalReason::kSoldOut, At(12)));
  Given(Update(1, {.total_coupons = 4}), At(15));
  EXPECT_EQ(sees_all(At(9)), Refused({.reason = RefusalReason::kNotEnoughLeft, .coupons = 2}));
  Given(Update(1, {.total_coupons = 5}), At(15));
  EXPECT_EQ(sees_all(At(9)), Refused(RefusalReason::kNotStarted, At(10)));
  EXPECT_EQ(sees_all(At(16)), Refused(RefusalReason::kPaused));
  EXPECT_EQ(Results(), std::vector<BatchResult>(3)) << "the batch as a whole was refused";
  Given(Resume(1), At(16));
  EXPECT_EQ(sees_all(At(16)), Decision(Accepted{}));
}

TEST_F(DecideBatchTest, IsAnEventAndOneForEachCoupon) {
  GivenACampaign(9);
  BatchIssueCoupons command = Batch({kKim, kLee});
  command.users[0].user_id = "kim";
  command.request = RequestOf(1, 2);
  EXPECT_EQ(GivenAll(command, At(1)),
            (std::vector<Event>{BatchIssued{kFirst, 2, RequestOf(1, 2)},
                                CouponIssued{kFirst, Serial(1), ClaimOf(kKim), {}, "kim"},
                                CouponIssued{kFirst, Serial(2), ClaimOf(kLee)}}));
  EXPECT_EQ(Results(), (std::vector<BatchResult>{New(1, At(1)), New(2, At(1))}));
  EXPECT_EQ(GivenAll(Anonymous(2), At(2)),
            (std::vector<Event>{BatchIssued{kFirst, 2}, CouponIssued{kFirst, Serial(3)},
                                CouponIssued{kFirst, Serial(4)}}));
  EXPECT_EQ(Results(), (std::vector<BatchResult>{New(3, At(2)), New(4, At(2))}));
}

TEST_F(DecideBatchTest, ItsCouponsExpireAsOthersDo) {
  CreateCampaign create = Create(1, "one", 9, At(0));
  create.valid_duration = std::chrono::seconds(30);
  Given(create, At(0));
  EXPECT_EQ(When(Anonymous(1), At(1)), Decision(Accepted{.expire_time = At(31)}));
  EXPECT_EQ(Results().at(0).coupon->expire_time, At(31));
}

TEST_F(DecideBatchTest, AllOrNone) {
  GivenACampaign(2);
  EXPECT_EQ(When(Batch({kKim, kLee, kMax}), At(1)),
            Refused({.reason = RefusalReason::kNotEnoughLeft, .coupons = 2}));
  EXPECT_EQ(When(Anonymous(3), At(1)),
            Refused({.reason = RefusalReason::kNotEnoughLeft, .coupons = 2}));
  EXPECT_EQ(Results(), std::vector<BatchResult>(3));
  Given(Anonymous(2), At(1));
  EXPECT_EQ(When(Anonymous(1), At(2)), Refused(RefusalReason::kSoldOut, At(1)));
}

TEST_F(DecideBatchTest, TellsHowManyAreLeftAndNotHowManyItWouldGet) {
  GivenACampaign(5);
  Given(IssueTo(1, kKim), At(1));
  Given(test::Issue(1), At(1));
  Given(test::Issue(1), At(1));
  Given(test::Return(3), At(1));
  const Decision refused = Refused({.reason = RefusalReason::kNotEnoughLeft, .coupons = 3});
  EXPECT_EQ(When(Batch({kKim, kLee, kMax, 10, 11}), At(2)), refused) << "one of them has a coupon";
  EXPECT_EQ(When(Anonymous(6), At(2)), refused);
  EXPECT_EQ(When(Anonymous(6), At(2)), refused) << "the first one has taken nothing";
}

TEST_F(DecideBatchTest, WhoHasACouponNeedsNoPlace) {
  GivenACampaign(2);
  Given(IssueTo(1, kKim), At(1));
  EXPECT_EQ(
      GivenAll(Batch({kKim, kLee}), At(2)),
      (std::vector<Event>{BatchIssued{kFirst, 1}, CouponIssued{kFirst, Serial(2), ClaimOf(kLee)}}));
  EXPECT_EQ(Results(), (std::vector<BatchResult>{Old(1, At(1)), New(2, At(2))}));
}

TEST_F(DecideBatchTest, InPartTheFirstOnesGetThePlaces) {
  GivenACampaign(3);
  Given(IssueTo(1, kMax), At(1));
  GivenAll(Partial({kKim, kMax, kLee, 10, 11, kKim}), At(2));
  EXPECT_EQ(Results(),
            (std::vector<BatchResult>{New(2, At(2)), Old(1, At(1)), New(3, At(2)),
                                      Without(RefusalReason::kSoldOut, At(2)),
                                      Without(RefusalReason::kSoldOut, At(2)), Old(2, At(2))}));
  EXPECT_EQ(ledger_.Find(kFirst)->sold_out_at, At(2));
  EXPECT_EQ(When(Partial({10, kKim}), At(3)), Decision(Unchanged{}));
  EXPECT_EQ(Results(),
            (std::vector<BatchResult>{Without(RefusalReason::kSoldOut, At(2)), Old(2, At(2))}));
}

TEST_F(DecideBatchTest, InPartSoManyOfNobody) {
  GivenACampaign(2);
  BatchIssueCoupons command = Anonymous(3);
  command.allow_partial = true;
  EXPECT_EQ(GivenAll(command, At(1)).size(), 3U);
  EXPECT_EQ(Results(), (std::vector<BatchResult>{New(1, At(1)), New(2, At(1)),
                                                 Without(RefusalReason::kSoldOut, At(1))}));
}

TEST_F(DecideBatchTest, AUserWhoIsNamedTwiceIsShownTheSameCoupon) {
  GivenACampaign(2);
  EXPECT_EQ(GivenAll(Batch({kKim, kLee, kKim}), At(1)).size(), 3U);
  EXPECT_EQ(Results(), (std::vector<BatchResult>{New(1, At(1)), New(2, At(1)), Old(1, At(1))}));
}

TEST_F(DecideBatchTest, AUserWhoMayHaveSeveralGetsOneForEachTime) {
  GivenACampaign(9, /*coupons_per_user=*/3);
  EXPECT_EQ(
      GivenAll(Batch({kKim, kLee, kKim}), At(1)),
      (std::vector<Event>{BatchIssued{kFirst, 3},
                          CouponIssued{kFirst, Serial(1), ClaimOf(kKim), Occurrence(kKim, 0)},
                          CouponIssued{kFirst, Serial(2), ClaimOf(kLee), Occurrence(kLee, 0)},
                          CouponIssued{kFirst, Serial(3), ClaimOf(kKim), Occurrence(kKim, 1)}}));
  EXPECT_EQ(When(Batch({kKim, kKim}), At(2)), Decision(Unchanged{}));
  EXPECT_EQ(Results(), (std::vector<BatchResult>{Old(1, At(1)), Old(3, At(1))}));
}

TEST_F(DecideBatchTest, TheLimitCountsWithinABatchToo) {
  GivenACampaign(9, /*coupons_per_user=*/3);
  Given(IssueOnRequest(1, 21, kKim), At(1));
  EXPECT_EQ(When(Batch({kKim, kKim, kKim}), At(2)), Refused(RefusalReason::kUserLimitReached));
  EXPECT_EQ(Results(), (std::vector<BatchResult>{{}, {}, LimitReached(1, At(1))}));
  EXPECT_EQ(GivenAll(Partial({kKim, kKim, kKim, kLee}), At(2)).size(), 4U);
  EXPECT_EQ(Results(), (std::vector<BatchResult>{New(2, At(2)), New(3, At(2)),
                                                 LimitReached(3, At(2)), New(4, At(2))}));
  EXPECT_EQ(ledger_.FindHolders(kFirst)->Find(ClaimOf(kKim)),
            (Holders::Holding{.coupons = 3, .latest = 2}));
}

/// Only coupons that the user really gets count.
TEST_F(DecideBatchTest, WhoGetsNoPlaceHasNotReachedTheLimit) {
  GivenACampaign(1, /*coupons_per_user=*/2);
  GivenAll(Partial({kKim, kKim, kKim}), At(1));
  EXPECT_EQ(Results(),
            (std::vector<BatchResult>{New(1, At(1)), Without(RefusalReason::kSoldOut, At(1)),
                                      Without(RefusalReason::kSoldOut, At(1))}));
}

TEST_F(DecideBatchTest, AFreedCouponNoLongerCounts) {
  GivenACampaign(9, /*coupons_per_user=*/2);
  GivenAll(Batch({kKim, kKim}), At(1));
  Given(Freeing(Void(1)), At(2));
  GivenAll(Batch({kKim, kKim}), At(3));
  EXPECT_EQ(Results(), (std::vector<BatchResult>{New(3, At(3)), Old(2, At(1))}));
}

TEST_F(DecideBatchTest, ItsSerialsRunThroughAllRangesOfTheCampaign) {
  GivenACampaign(2);
  Given(Create(2, "two", 5, At(0)), At(0));
  Given(Update(1, {.total_coupons = 3}), At(1));
  Given(Create(3, "three", 5, At(1)), At(1));
  Given(Update(1, {.total_coupons = 5}), At(1));
  GivenAll(Anonymous(5), At(2));
  EXPECT_EQ(Results(), (std::vector<BatchResult>{New(1, At(2)), New(2, At(2)), New(8, At(2)),
                                                 New(14, At(2)), New(15, At(2))}));
}

TEST_F(DecideBatchTest, NeedsAUserOrARequestIfTheTermsSaySo) {
  GivenACampaign(9, /*coupons_per_user=*/2);
  BatchIssueCoupons without_keys = Batch({kKim, kLee});
  without_keys.users[1].request_key.reset();
  EXPECT_EQ(When(without_keys, At(1)), Refused(RefusalReason::kRequestIdRequired));
  EXPECT_TRUE(Accepts(Anonymous(1), At(1)));
  Given(Update(1, {.user_required = true}), At(1));
  EXPECT_EQ(When(Anonymous(1), At(1)), Refused(RefusalReason::kUserRequired));
  EXPECT_TRUE(Accepts(Batch({kKim}), At(1)));
}

TEST_F(DecideBatchTest, IsBoundedInCouponsAndInBytes) {
  GivenACampaign(100'000);
  EXPECT_TRUE(Accepts(Anonymous(limits::kCouponsPerBatchMax), At(1)));
  EXPECT_EQ(When(Anonymous(limits::kCouponsPerBatchMax + 1), At(1)),
            Refused(RefusalReason::kBatchTooLarge));
  BatchIssueCoupons command = Batch({kKim});
  command.users.resize(limits::kCouponsPerBatchMax, command.users.front());
  EXPECT_TRUE(Accepts(command, At(1)));
  const std::size_t left = limits::kBatchBytesMax - EventBytesMax(command);
  for (std::size_t i = 0; i < left; ++i) command.users[i % command.users.size()].user_id += 'x';
  EXPECT_TRUE(Accepts(command, At(1)));
  command.users.back().user_id += 'x';
  EXPECT_EQ(When(command, At(1)), Refused(RefusalReason::kBatchTooLarge));
}

}  // namespace
}  // namespace coupond
