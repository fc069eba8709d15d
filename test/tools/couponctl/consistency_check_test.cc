#include "couponctl/load/consistency_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace coupond::ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kCampaign = "c-1";
const Timestamp kStart = Timestamp::FromUnixNanoseconds(1'000'000'000);
const Timestamp kLater = kStart.Plus(std::chrono::seconds(1));

/// A campaign of ten coupons. Two were issued before, and clients got three more.
class ConsistencyCheckTest : public testing::Test {
 protected:
  void Hold(const std::string& code, Timestamp issued_at = kLater, bool in_campaign = true) {
    held_.push_back({.code = CodeText::From(code).value(),
                     .issued_at = issued_at,
                     .in_campaign = in_campaign,
                     .for_user = true});
  }
  void List(const std::string& code, Timestamp issued_at = kLater,
            const std::string& campaign = kCampaign) {
    listed_.push_back({code, campaign, issued_at, {}});
  }
  void HoldFor(std::uint32_t user, const std::string& code) {
    Hold(code);
    held_.back().user = user;
  }
  void ListFor(const std::string& user_id, const std::string& code) {
    List(code);
    listed_.back().user_id = user_id;
  }
  void HoldAndListForUsers() {
    for (const char* code : {"가1", "나2"}) List(code);
    HoldFor(1, "다3");
    HoldFor(2, "라4");
    ListFor("user-1", "다3");
    ListFor("user-2", "라4");
  }
  void HoldAndListAsItShouldBe() {
    for (const char* code : {"가1", "나2"}) List(code);
    for (const char* code : {"다3", "라4", "마5"}) {
      Hold(code);
      List(code);
    }
  }
  std::vector<Fault> Check(std::int64_t issued_after, CheckedLoad load = {.users = 5}) {
    ConsistencyCheck check({.id = kCampaign, .total = 10, .issued_before = 2, .start_time = kStart},
                           held_, load);
    for (const auto& coupon : listed_) {
      check.AddListed(coupon.code, coupon.campaign, coupon.at, coupon.user_id);
    }
    check.RaiseTotal(total_after_);
    return check.Finish(issued_after);
  }
  static auto IsFault(Fault::Kind kind, const std::string& part) {
    return testing::AllOf(testing::Field(&Fault::kind, kind),
                          testing::Field(&Fault::message, HasSubstr(part)));
  }

  struct ListedCoupon {
    std::string code;
    std::string campaign;
    Timestamp at;
    std::string user_id;
  };
  std::vector<HeldCoupon> held_;
  std::vector<ListedCoupon> listed_;
  std::int64_t total_after_ = 0;  ///< of the campaign, if it was raised
};

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
  total_after_ = 11;
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
                            IsFault(Fault::Kind::kSecondCoupon, "user-2, who has another coupon"),
                            testing::Field(&Fault::count, 2))));
}

TEST_F(ConsistencyCheckTest, ASecondCouponThatOnlyTheServerKnowsIsReported) {
  HoldAndListForUsers();
  ListFor("user-2", "마5");
  EXPECT_THAT(Check(5, {.open = 1, .users = 5}),
              ElementsAre(IsFault(Fault::Kind::kSecondCoupon,
                                  "lists 마5 for user-2, who has another coupon")));
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

}  // namespace
}  // namespace coupond::ctl
