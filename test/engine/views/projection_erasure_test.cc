#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/views/projection_fixture.h"
#include "support/builders.h"

// What the rows show of users who were erased.
namespace coupond {
namespace {

using test::At;
using test::ClaimOf;
using test::Id;
using testing::ElementsAre;
using testing::IsEmpty;

class ProjectedErasureTest : public ProjectionTest {
 protected:
  /// Campaign 1, created at sequence 1.
  void SetUp() override { Given(1, {kOne}); }

  /// Returns an issue of campaign 1 to a user.
  static CouponIssued To(std::uint64_t ordinal, const char* user_id) {
    CouponIssued issued = IssuedBy(kOne, ordinal);
    issued.holder = ClaimOf(static_cast<std::uint8_t>(20 + ordinal));
    issued.user_id = user_id;
    return issued;
  }
  static UserErased Erased(std::initializer_list<std::uint64_t> serials,
                           bool claims_freed = false) {
    return {.campaign = kOne.number,
            .serials = test::CouponsOf(1, serials).serials,
            .claims_freed = claims_freed};
  }
  static CouponRedeemed Redemption(std::uint64_t serial) {
    return {.campaign = kOne.number,
            .serial = Serial(serial),
            .order_ref = {},
            .redeemed_by = {},
            .request_id = {},
            .request = {}};
  }
  static RedemptionCanceled Cancellation(std::uint64_t serial, std::uint64_t redemption) {
    return {.campaign = kOne.number,
            .serial = Serial(serial),
            .redemption = Sequence(redemption),
            .reason = {},
            .request = {}};
  }
  static CouponVoided Voiding(std::uint64_t serial, bool returned) {
    return {.campaign = kOne.number,
            .serial = Serial(serial),
            .returned = returned,
            .reason = {},
            .added_serials = {},
            .request = {}};
  }
  /// Returns the text of each coupon of campaign 1 in the views.
  std::vector<std::string> Users() {
    std::vector<std::string> users;
    for (const CouponRow& coupon : Coupons(1)) users.push_back(coupon.user_id);
    return users;
  }
  std::vector<Sequence> Erasures() {
    std::vector<Sequence> sequences;
    const auto rows = views_.ListErasures().value();
    for (const ErasureRow& row : rows) sequences.push_back(row.sequence);
    return sequences;
  }
};

TEST_F(ProjectedErasureTest, TextsGoFromRunsThatWereWrittenBefore) {
  Given(7, {To(0, "kim"), To(1, "lee"), To(2, "kim")});
  Given(8, {To(3, "kim")});
  Write();
  Given(9, {Erased({1, 3, 4})});
  const ViewChanges changes = WriteChanges();
  EXPECT_EQ(changes.removed_texts,
            (std::vector<TextRemoval>{{.campaign = kOne.number, .ordinal = 0},
                                      {.campaign = kOne.number, .ordinal = 2},
                                      {.campaign = kOne.number, .ordinal = 3}}));
  EXPECT_THAT(Users(), ElementsAre("", "lee", "", ""));
}

TEST_F(ProjectedErasureTest, TextsGoFromRunsThatAreNotWrittenYet) {
  Given(7, {To(0, "kim"), To(1, "lee"), To(2, "kim")});
  Given(8, {To(3, "kim"), To(4, "lee")});
  Given(9, {Erased({1, 3, 4})});
  const ViewChanges changes = WriteChanges();
  EXPECT_THAT(changes.removed_texts, IsEmpty());
  EXPECT_THAT(Users(), ElementsAre("", "lee", "", "", "lee"));
}

TEST_F(ProjectedErasureTest, TextsGoFromBothInOneEvent) {
  Given(7, {To(0, "kim"), To(1, "lee")});
  Write();
  Given(8, {To(2, "kim"), To(3, "lee")});
  Given(9, {Erased({1, 3}), To(4, "kim")});
  const ViewChanges changes = WriteChanges();
  EXPECT_EQ(changes.removed_texts,
            (std::vector<TextRemoval>{{.campaign = kOne.number, .ordinal = 0}}));
  EXPECT_THAT(Users(), ElementsAre("", "lee", "", "lee", "kim")) << "what came later stays";
}

TEST_F(ProjectedErasureTest, TextsGoFromTheGroupThatIssuedThem) {
  Given(7, {To(0, "kim"), Erased({1}), To(1, "kim")});
  Write();
  EXPECT_THAT(Users(), ElementsAre("", "kim"));
}

TEST_F(ProjectedErasureTest, OtherCampaignsKeepTheirs) {
  CouponIssued other = IssuedBy(kTwo, 0);
  other.holder = ClaimOf(9);
  other.user_id = "kim";
  Given(6, {kTwo, To(0, "kim"), other});
  Given(7, {Erased({1})});
  Write();
  EXPECT_THAT(Users(), ElementsAre(""));
  EXPECT_EQ(Coupons(2)[0].user_id, "kim");
  Given(8, {Erased({11}), UserErased{.campaign = kTwo.number, .serials = {Serial(1)}}});
  const ViewChanges changes = WriteChanges();
  EXPECT_THAT(changes.removed_texts, IsEmpty()) << "these are not their coupons";
  EXPECT_EQ(Coupons(2)[0].user_id, "kim");
}

TEST_F(ProjectedErasureTest, TheIndexOfUsersKeepsItsEntries) {
  Given(7, {To(0, "kim")});
  Write();
  Given(8, {Erased({1})});
  Write();
  EXPECT_EQ(views_.ListCouponsOf(UserDigests(CodeKey{}).Of("kim"), CouponOrder::kOldestFirst, {}, 9)
                .value()
                .size(),
            1U);
}

TEST_F(ProjectedErasureTest, ADeletionInTheSameWriteLeavesNothing) {
  Given(7, {To(0, "kim")});
  Write();
  Given(8, {Erased({1}, true)});
  Given(9, {CampaignDeleted{kOne.number}});
  const ViewChanges changes = WriteChanges();
  EXPECT_THAT(changes.removed_texts, IsEmpty());
  EXPECT_THAT(changes.statuses, IsEmpty());
  EXPECT_THAT(Erasures(), ElementsAre(Sequence(3))) << "but what is to be finished";
  EXPECT_EQ(views_.FindCampaign(Id(1)).value(), std::nullopt);
}

TEST_F(ProjectedErasureTest, ADeletedCampaignHasNothingToLose) {
  Given(7, {To(0, "kim")});
  Given(8, {CampaignDeleted{kOne.number}});
  Write();
  Given(9, {Erased({1}, true)});
  const ViewChanges changes = WriteChanges();
  EXPECT_THAT(changes.removed_texts, IsEmpty());
  EXPECT_THAT(changes.statuses, IsEmpty());
  EXPECT_EQ(views_.ListErasures().value(),
            (std::vector<ErasureRow>{
                {.sequence = Sequence(4), .campaign = kOne.number, .serials = {Serial(1)}}}));
}

TEST_F(ProjectedErasureTest, AnErasureIsListedUntilItIsFinished) {
  Given(7, {To(0, "kim"), To(1, "lee")});  // sequences 2 and 3
  Given(8, {Erased({1})});                 // 4
  Write();
  EXPECT_THAT(Erasures(), ElementsAre(Sequence(4)));
  Given(9, {Erased({2})});  // 5
  Write();
  EXPECT_THAT(Erasures(), ElementsAre(Sequence(4), Sequence(5)));
  Given(10, {ErasureFinished{.erasure = Sequence(4)}});
  Write();
  EXPECT_THAT(Erasures(), ElementsAre(Sequence(5)));
  Given(11, {ErasureFinished{.erasure = Sequence(5)}});
  Write();
  EXPECT_THAT(Erasures(), IsEmpty());
}

TEST_F(ProjectedErasureTest, AnErasureIsFinishedInTheSameWrite) {
  Given(7, {To(0, "kim"), To(1, "lee")});
  Given(8, {Erased({1})});  // 4
  Write();
  Given(9, {Erased({2})});                               // 5
  Given(10, {ErasureFinished{.erasure = Sequence(5)}});  // 6
  Given(11, {Erased({1})});                              // 7
  const ViewChanges changes = WriteChanges();
  EXPECT_EQ(changes.finished_erasure, Sequence(5));
  ASSERT_EQ(changes.erasures.size(), 1U);
  EXPECT_THAT(Erasures(), ElementsAre(Sequence(7)));
  EXPECT_EQ(projection_.Take().finished_erasure, std::nullopt);
}

TEST_F(ProjectedErasureTest, AFreedClaimIsAStatusInEveryState) {
  Given(7, {To(0, "a"), To(1, "b"), To(2, "c"), To(3, "d")});  // 2 to 5
  Write();
  Given(8, {Redemption(2),  // 6
            Voiding(3, false)});
  Given(9, {Erased({1, 2, 3}, true), Erased({4})});
  const ViewChanges changes = WriteChanges();
  EXPECT_EQ(changes.statuses.size(), 3U);
  std::vector<CouponRow> coupons = Coupons(1);
  EXPECT_EQ(coupons[0].status, CouponStatus{.claim_freed = true});
  EXPECT_EQ(coupons[1].status.state, CouponState::kRedeemed);
  EXPECT_TRUE(coupons[1].status.claim_freed);
  EXPECT_EQ(coupons[2].status.state, CouponState::kVoided);
  EXPECT_EQ(coupons[2].status.voided_at, At(8));
  EXPECT_TRUE(coupons[2].status.claim_freed);
  EXPECT_EQ(views_.FindStatus(kOne.number, 3).value(), std::nullopt);
  const Campaign row = *views_.FindCampaign(Id(1)).value();
  EXPECT_EQ(row.issued_coupons, 4) << "erased coupons count as before";
  EXPECT_EQ(row.redeemed_coupons, 1);
}

TEST_F(ProjectedErasureTest, AFreedClaimStaysFree) {
  Given(7, {To(0, "a"), To(1, "b"), To(2, "c")});  // 2 to 4
  Given(8, {Redemption(2)});                       // 5
  Given(9, {Erased({1, 2, 3}, true)});             // 6
  Write();
  Given(10, {Redemption(1), Cancellation(2, 5), Voiding(3, true)});
  Write();
  const std::vector<CouponRow> coupons = Coupons(1);
  EXPECT_EQ(coupons[0].status.state, CouponState::kRedeemed);
  EXPECT_TRUE(coupons[0].status.claim_freed);
  EXPECT_EQ(coupons[1].status, CouponStatus{.claim_freed = true});
  EXPECT_EQ(coupons[2].status.state, CouponState::kReturned);
  EXPECT_TRUE(coupons[2].status.claim_freed);
}

TEST_F(ProjectedErasureTest, ItsRequestIsRemembered) {
  Given(7, {To(0, "kim")});
  UserErased erased = Erased({1});
  erased.request = test::RequestOf(3, 4);
  Given(8, {erased});
  const ViewChanges changes = WriteChanges();
  EXPECT_EQ(changes.requests, (std::vector<RequestRow>{{ClaimOf(3), {Sequence(3), 4}}}));
}

}  // namespace
}  // namespace coupond
