#include "engine/rules/decide_batch.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/decide_fixture.h"
#include "engine/rules/limits.h"
#include "support/builders.h"

// Many coupons that one request asks for.
namespace coupond {
namespace {

using test::Archive;
using test::At;
using test::ClaimOf;
using test::Create;
using test::Delete;
using test::Freeing;
using test::Id;
using test::Issue;
using test::IssueOnRequest;
using test::IssueTo;
using test::Pause;
using test::Redeem;
using test::RequestOf;
using test::Resume;
using test::Return;
using test::Update;
using test::Void;

constexpr CampaignNumber kFirst{1};
constexpr std::uint8_t kKim = 7;
constexpr std::uint8_t kLee = 8;
constexpr std::uint8_t kMax = 9;

class DecideBatchTest : public DecideTest {
 protected:
  void GivenACampaign(std::int64_t total, std::uint32_t coupons_per_user = 1) {
    CreateCampaign create = Create(1, "one", total, At(0));
    create.coupons_per_user = coupons_per_user;
    Given(create, At(0));
  }

  /// Returns the key of a user's n-th coupon in a batch.
  static Claim Occurrence(std::uint8_t user, std::uint8_t number) {
    Claim key = ClaimOf(user);
    key.bytes[1] = 99;
    key.bytes[2] = number;
    return key;
  }
  BatchIssueCoupons Batch(const std::vector<std::uint8_t>& users) const {
    BatchIssueCoupons batch{.campaign_id = Id(1), .results = results_};
    std::vector<std::uint8_t> times(256);
    for (const std::uint8_t user : users) {
      IssueCoupon& asked = batch.users.emplace_back(IssueTo(1, user));
      asked.request_key = Occurrence(user, times[user]++);
    }
    return batch;
  }
  BatchIssueCoupons Partial(const std::vector<std::uint8_t>& users) const {
    BatchIssueCoupons batch = Batch(users);
    batch.allow_partial = true;
    return batch;
  }
  BatchIssueCoupons Anonymous(std::uint32_t coupons) const {
    return {.campaign_id = Id(1), .anonymous = coupons, .results = results_};
  }

  static BatchResult New(std::uint64_t serial, Timestamp issued_at) {
    return {.coupon = CouponOf(serial, issued_at), .is_new = true};
  }
  static BatchResult Old(std::uint64_t serial, Timestamp issued_at,
                         CouponState state = CouponState::kIssued) {
    return {.coupon = CouponOf(serial, issued_at, state)};
  }
  static BatchResult Without(RefusalReason reason, Timestamp at = {}) {
    return {.refusal = Refusal{reason, at}};
  }
  static BatchResult LimitReached(std::uint64_t serial, Timestamp issued_at) {
    HeldCoupon last = CouponOf(serial, issued_at);
    last.limit_reached = true;
    return {.coupon = last, .refusal = Refusal{RefusalReason::kUserLimitReached}};
  }
  [[nodiscard]] const std::vector<BatchResult>& Results() const { return results_->coupons; }

  std::shared_ptr<BatchResults> results_ = std::make_shared<BatchResults>();
};

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
  EXPECT_EQ(sees_all(At(9)), Refused(RefusalReason::kNotEnoughLeft));
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
  EXPECT_EQ(When(Batch({kKim, kLee, kMax}), At(1)), Refused(RefusalReason::kNotEnoughLeft));
  EXPECT_EQ(When(Anonymous(3), At(1)), Refused(RefusalReason::kNotEnoughLeft));
  EXPECT_EQ(Results(), std::vector<BatchResult>(3));
  Given(Anonymous(2), At(1));
  EXPECT_EQ(When(Anonymous(1), At(2)), Refused(RefusalReason::kSoldOut, At(1)));
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

TEST_F(DecideBatchTest, CouponsAreFoundAsTheyWereSent) {
  GivenACampaign(9);
  Given(IssueTo(1, kKim), At(1));
  BatchIssueCoupons command = Batch({kLee});
  command.users[0].holder_as_sent = ClaimOf(kKim);
  EXPECT_EQ(When(command, At(2)), Decision(Unchanged{}));
  BatchResult found = Old(1, At(1));
  found.coupon->found_as_sent = true;
  EXPECT_EQ(Results(), std::vector{found});
}

TEST_F(DecideBatchTest, ACouponOfTheBatchIsFoundBeforeOneAsItWasSent) {
  GivenACampaign(9);
  Given(IssueTo(1, kKim), At(1));
  BatchIssueCoupons command = Batch({kLee, kLee, kMax, kMax});
  command.users[1].holder_as_sent = ClaimOf(kKim);
  command.users[2].holder_as_sent = ClaimOf(kKim);
  GivenAll(command, At(2));
  BatchResult found = Old(1, At(1));
  found.coupon->found_as_sent = true;
  EXPECT_EQ(Results(),
            (std::vector<BatchResult>{New(2, At(2)), Old(2, At(2)), found, New(3, At(2))}));
}

TEST_F(DecideBatchTest, WhoGotNoPlaceMayStillBeFoundAsSent) {
  GivenACampaign(1);
  Given(IssueTo(1, kKim), At(1));
  BatchIssueCoupons command = Partial({kLee, kLee});
  command.users[1].holder_as_sent = ClaimOf(kKim);
  EXPECT_EQ(When(command, At(2)), Decision(Unchanged{}));
  BatchResult found = Old(1, At(1));
  found.coupon->found_as_sent = true;
  EXPECT_EQ(Results(), (std::vector<BatchResult>{Without(RefusalReason::kSoldOut, At(1)), found}));
}

TEST_F(DecideBatchTest, NothingHappensIfEveryoneHasOneWhateverTheState) {
  GivenACampaign(2);
  Given(IssueTo(1, kKim), At(1));
  Given(IssueTo(1, kLee), At(1));
  Given(Redeem(1), At(2));
  const std::vector<BatchResult> shown{Old(1, At(1), CouponState::kRedeemed), Old(2, At(1))};
  BatchIssueCoupons command = Batch({kKim, kLee});
  command.request = RequestOf(1);
  const auto expect_shown = [&] {
    for (command.allow_partial = false;; command.allow_partial = true) {
      EXPECT_EQ(When(command, At(9)), Decision(Unchanged{}));
      EXPECT_EQ(Results(), shown);
      if (command.allow_partial) return;
    }
  };
  expect_shown();
  Given(Update(1, {.total_coupons = 3}), At(3));
  Given(Pause(1), At(3));
  expect_shown();
  Given(Update(1, {.end_time = At(4)}), At(3));
  expect_shown();
  Given(Archive(1), At(4));
  expect_shown();
  EXPECT_EQ(ledger_.FindRequest(RequestOf(1).digest), std::nullopt) << "it leaves nothing behind";
}

TEST_F(DecideBatchTest, InPartNobodyIsToldToComeBackForNothing) {
  GivenACampaign(9, /*coupons_per_user=*/2);
  GivenAll(Batch({kKim, kKim}), At(1));
  Given(Pause(1), At(2));
  BatchIssueCoupons another = Partial({kKim});
  another.users[0].request_key = Occurrence(kKim, 5);
  EXPECT_EQ(When(another, At(3)), Decision(Unchanged{})) << "the limit is final, the pause is not";
  EXPECT_EQ(Results(), std::vector{LimitReached(2, At(1))});
  another.users.push_back(Batch({kLee}).users[0]);
  EXPECT_EQ(When(another, At(3)), Refused(RefusalReason::kPaused));
  Given(Archive(1), At(4));
  another.users.pop_back();
  EXPECT_EQ(When(another, At(5)), Refused(RefusalReason::kEnded, At(4)));
}

TEST_F(DecideBatchTest, TakesPlaceOnceForARequest) {
  GivenACampaign(3);
  BatchIssueCoupons command = Batch({kKim, kLee});
  command.request = RequestOf(1, 2);
  Given(Issue(1), At(1));
  const Sequence first = last_.Next();
  GivenAll(command, At(2));
  results_->coupons.clear();
  const Decision as_then = Repeated{.sequence = first};
  EXPECT_EQ(When(command, At(3)), as_then);
  EXPECT_EQ(Results(), (std::vector<BatchResult>{Old(2, At(2)), Old(3, At(2))}));
  Given(Return(2), At(4));
  Given(Freeing(Void(3)), At(4));
  Given(Archive(1), At(4));
  EXPECT_EQ(When(command, At(5)), as_then) << "whatever has become of it since";
  EXPECT_EQ(Results(), (std::vector<BatchResult>{Old(2, At(2), CouponState::kReturned), {}}))
      << "what each of them has now";
  command.request = RequestOf(1, 3);
  EXPECT_EQ(When(command, At(5)), Refused(RefusalReason::kRequestIdReused));
  command.request = RequestOf(1, 2);
  Given(Delete(1), At(6));
  EXPECT_EQ(When(command, At(7)), Refused(RefusalReason::kNoSuchCampaign));
}

TEST_F(DecideBatchTest, ARefusedRequestIsDecidedAfresh) {
  GivenACampaign(1);
  BatchIssueCoupons command = Anonymous(2);
  command.request = RequestOf(1);
  EXPECT_EQ(When(command, At(1)), Refused(RefusalReason::kNotEnoughLeft));
  Given(Update(1, {.total_coupons = 2}), At(2));
  EXPECT_TRUE(Accepts(command, At(3)));
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
