#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tools/couponctl/load/consistency_fixture.h"

namespace coupond::ctl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(ConsistencyCheckTest, AConsistentCampaignPasses) {
  HoldAndListAsItShouldBe();
  EXPECT_THAT(Check(5), IsEmpty());
}

TEST_F(ConsistencyCheckTest, ACodeIssuedTwiceIsReported) {
  HoldAndListAsItShouldBe();
  Hold("라4");
  EXPECT_THAT(Check(6),
              ElementsAre(IsFault(Fault::Kind::kDuplicateCode, "라4 was handed out twice"),
                          IsFault(Fault::Kind::kCountOff, "counts 6")));
}

TEST_F(ConsistencyCheckTest, ACodeListedTwiceIsReported) {
  HoldAndListAsItShouldBe();
  List("다3");
  EXPECT_THAT(Check(5), ElementsAre(IsFault(Fault::Kind::kListedTwice, "lists 다3 twice"),
                                    IsFault(Fault::Kind::kCountOff, "lists 6")));
}

TEST_F(ConsistencyCheckTest, AnUnlistedCouponIsReported) {
  HoldAndListAsItShouldBe();
  Hold("바6");
  List("사7");
  EXPECT_THAT(Check(6), ElementsAre(IsFault(Fault::Kind::kNotListed, "바6")));
}

TEST_F(ConsistencyCheckTest, ACouponOfAnotherCampaignIsReported) {
  HoldAndListAsItShouldBe();
  Hold("바6", kLater, false);
  List("바6", kLater, "c-2");
  const auto faults = Check(6);
  EXPECT_THAT(faults, ElementsAre(IsFault(Fault::Kind::kOutsideCampaign, "names campaign c-2")));
  EXPECT_EQ(faults[0].count, 2U);
}

TEST_F(ConsistencyCheckTest, ACouponFromBeforeTheStartIsReported) {
  HoldAndListAsItShouldBe();
  Hold("바6", kStart);
  List("바6", kStart);
  EXPECT_THAT(Check(6), IsEmpty());
  Hold("사7", kStart.Plus(std::chrono::nanoseconds(-1)));
  List("사7");
  EXPECT_THAT(Check(7), ElementsAre(IsFault(Fault::Kind::kBeforeStart, "사7 was issued at")));
  Hold("아8");
  List("아8", kStart.Plus(std::chrono::nanoseconds(-1)));
  EXPECT_THAT(Check(8), ElementsAre(IsFault(Fault::Kind::kBeforeStart, "lists 아8")));
}

TEST_F(ConsistencyCheckTest, ACountOneTooHighOrTooLowIsReported) {
  HoldAndListAsItShouldBe();
  EXPECT_THAT(Check(6), ElementsAre(IsFault(Fault::Kind::kCountOff, "from 2 to 6, by 4")));
  EXPECT_THAT(Check(4), ElementsAre(IsFault(Fault::Kind::kCountOff, "from 2 to 4, by 2")));
}

TEST_F(ConsistencyCheckTest, OpenOutcomesAllowOnlyAHigherCount) {
  HoldAndListAsItShouldBe();
  List("바6");
  EXPECT_THAT(Check(6), Not(IsEmpty()));
  EXPECT_THAT(Check(6, {.open = 1}), IsEmpty());
  List("사7");
  EXPECT_THAT(Check(7, {.open = 1}),
              ElementsAre(IsFault(Fault::Kind::kCountOff, "1 outcomes are open")));
  EXPECT_THAT(Check(4, {.open = 9}), Not(IsEmpty()));
}

TEST_F(ConsistencyCheckTest, MoreCouponsThanTheTotalAreReported) {
  for (int i = 0; i < 2; ++i) List("before" + std::to_string(i));
  for (int i = 0; i < 8; ++i) {
    Hold("held" + std::to_string(i));
    List("held" + std::to_string(i));
  }
  EXPECT_THAT(Check(10), IsEmpty());
  Hold("one more");
  List("one more");
  EXPECT_THAT(Check(11), ElementsAre(IsFault(Fault::Kind::kAboveTotal, "11 coupons")));
  after_ = CampaignFigures{.total = 11};
  EXPECT_THAT(Check(11), IsEmpty()) << "raised during the load";
}

TEST_F(ConsistencyCheckTest, FaultsOfOneKindAreCounted) {
  HoldAndListAsItShouldBe();
  Hold("x1");
  Hold("x2");
  Hold("x3");
  const auto faults = Check(8);
  ASSERT_FALSE(faults.empty());
  EXPECT_EQ(faults[0].kind, Fault::Kind::kNotListed);
  EXPECT_EQ(faults[0].count, 3U);
}

TEST(CodeText, HoldsTenSyllablesAndNoLongerText) {
  EXPECT_EQ(CodeText::From("가나다라마바사아자차").value().text(), "가나다라마바사아자차");
  EXPECT_FALSE(CodeText::From("").has_value());
  EXPECT_FALSE(CodeText::From(std::string(32, 'x')).has_value());
}

TEST_F(ConsistencyCheckTest, UsersWithOneCouponEachPass) {
  HoldAndListForUsers();
  EXPECT_THAT(Check(4), IsEmpty());
}

TEST_F(ConsistencyCheckTest, AUserWithTwoCouponsIsReported) {
  HoldAndListForUsers();
  HoldFor(2, "마5");
  ListFor("user-2", "마5");
  EXPECT_THAT(Check(5), ElementsAre(testing::AllOf(
                            IsFault(Fault::Kind::kAboveUserLimit,
                                    "user-2 was given both 라4 and 마5, and may have 1 of them"),
                            testing::Field(&Fault::count, 2))));
}

TEST_F(ConsistencyCheckTest, AsManyCouponsAsAUserMayHavePass) {
  before_.coupons_per_user = 2;
  HoldAndListForUsers();
  HoldFor(2, "마5");
  ListFor("user-2", "마5");
  EXPECT_THAT(Check(5), IsEmpty());
  HoldFor(2, "바6");
  ListFor("user-2", "바6");
  EXPECT_THAT(Check(6), ElementsAre(testing::AllOf(
                            IsFault(Fault::Kind::kAboveUserLimit, "may have 2 of them"),
                            testing::Field(&Fault::count, 2))));
  after_ = CampaignFigures{.total = 10, .coupons_per_user = 3};
  EXPECT_THAT(Check(6), IsEmpty()) << "raised during the load";
}

TEST_F(ConsistencyCheckTest, CouponsFromBeforeTheLimitWasLoweredPass) {
  before_ = {.total = 10, .issued = 5, .coupons_per_user = 2};
  HoldAndListForUsers();
  for (const char* code : {"마5", "바6", "사7"}) ListFor("user-3", code);
  EXPECT_THAT(Check(7), IsEmpty());
  // But such a user gets no more.
  HoldFor(3, "아8");
  ListFor("user-3", "아8");
  EXPECT_THAT(Check(8), ElementsAre(IsFault(Fault::Kind::kAboveUserLimit,
                                            "lists 4 coupons for user-3, who may have 2")));
}

TEST_F(ConsistencyCheckTest, AVoidCouponMayHaveBeenReplaced) {
  HoldAndListForUsers();
  listed_.front().set_user_id("user-2");
  EXPECT_THAT(Check(4), Not(IsEmpty()));
  listed_.front().set_state(coupon::v1::COUPON_STATE_VOIDED);
  EXPECT_THAT(Check(4), IsEmpty());
}

TEST_F(ConsistencyCheckTest, ACouponOnlyTheServerKnowsIsReported) {
  HoldAndListForUsers();
  ListFor("user-2", "마5");
  EXPECT_THAT(Check(5, {.open = 1, .users = 5}),
              ElementsAre(IsFault(Fault::Kind::kAboveUserLimit,
                                  "lists 2 coupons for user-2, who may have 1")));
}

TEST_F(ConsistencyCheckTest, ACouponOfAnotherUserIsReported) {
  HoldAndListForUsers();
  HoldFor(3, "마5");
  ListFor("user-4", "마5");
  EXPECT_THAT(Check(5), ElementsAre(IsFault(
                            Fault::Kind::kOtherUser,
                            "마5 was handed out to user-3, but the server lists it as user-4's")));
  held_.back().for_user = false;
  EXPECT_THAT(Check(5), ElementsAre(testing::Field(&Fault::count, 2)));
}

TEST_F(ConsistencyCheckTest, CouponsThatMayBeOlderNeedNotBeNew) {
  HoldAndListForUsers();
  // One of the two before the load was that of user-1.
  listed_.erase(listed_.begin());
  EXPECT_THAT(Check(3, {.maybe_older = 1, .users = 5}), IsEmpty());
  EXPECT_THAT(
      Check(3, {.users = 5}),
      ElementsAre(IsFault(Fault::Kind::kCountOff, "from 2 to 3, by 1, but the clients hold 2")));
}

TEST(FaultName, NamesEveryKind) {
  EXPECT_EQ(FaultName(Fault::Kind::kDuplicateCode), "duplicate_code");
  EXPECT_EQ(FaultName(Fault::Kind::kAboveTotal), "above_total");
  EXPECT_EQ(FaultName(Fault::Kind::kRedeemedCountOff), "redeemed_count_off");
}

}  // namespace
}  // namespace coupond::ctl
