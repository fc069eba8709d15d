#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/views/coupon_reader.h"
#include "engine/views/projection_fixture.h"
#include "engine/views/random_history.h"
#include "support/builders.h"

// What the rows show of single coupons after they were issued.
namespace coupond {
namespace {

using test::At;
using test::ClaimOf;
using test::Id;

CouponRedeemed RedemptionOf(std::uint64_t serial, const char* order) {
  return {
      .campaign = kOne.number,
      .serial = Serial(serial),
      .order_ref = order,
      .redeemed_by = "till 3",
      .request_id = "r",
      .request = RequestKey{.digest = ClaimOf(static_cast<std::uint8_t>(serial)), .content = 5}};
}
CouponVoided VoidingOf(std::uint64_t serial, bool returned) {
  return {.campaign = kOne.number,
          .serial = Serial(serial),
          .returned = returned,
          .reason = "fraud",
          .added_serials = {},
          .request = {}};
}

TEST_F(ProjectionTest, ARunHasFewCouponsOfUsers) {
  constexpr std::uint64_t kCoupons = 3 * CouponRun::kToUsersMax;
  CampaignCreated created = kOne;
  created.terms.total_coupons = kCoupons;
  Given(1, {created});
  std::vector<Event> events;
  for (std::uint64_t ordinal = 0; ordinal < kCoupons; ++ordinal) {
    CouponIssued issued = IssuedBy(kOne, ordinal);
    if (ordinal % 3 != 0) {
      issued.holder = ClaimOf(static_cast<std::uint8_t>(ordinal % 250));
      // A text that was erased makes no difference to where a run ends.
      if (ordinal % 3 == 1) issued.user_id = "user " + std::to_string(ordinal);
    }
    events.emplace_back(issued);
  }
  Given(7, events);
  const ViewChanges changes = projection_.Take();
  // The two coupons in three that are users' fill two runs; what is nobody's goes into any.
  ASSERT_EQ(changes.runs.size(), 2U);
  ASSERT_EQ(changes.claims.size(), 2U);
  EXPECT_EQ(changes.runs[0].count, 3 * CouponRun::kToUsersMax / 2 + 1);
  EXPECT_EQ(changes.runs[0].count + changes.runs[1].count, kCoupons);
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(changes.claims[run].first_ordinal, changes.runs[run].first_ordinal);
    EXPECT_EQ(changes.claims[run].claims.size(), CouponRun::kToUsersMax);
  }
  ASSERT_TRUE(views_.Write(changes));
  const std::vector<CouponRow> coupons = Coupons(1);
  ASSERT_EQ(coupons.size(), kCoupons);
  for (std::uint64_t ordinal = 0; ordinal < kCoupons; ++ordinal) {
    EXPECT_EQ(coupons[ordinal].user_id,
              ordinal % 3 == 1 ? "user " + std::to_string(ordinal) : std::string());
  }
}

TEST_F(ProjectionTest, AFreedClaimKeepsWhenAndWhyItWasVoid) {
  Given(1, {kOne});
  Given(7, {IssuedBy(kOne, 0)});
  Given(8, {VoidingOf(1, false)});
  CouponVoided freeing = VoidingOf(1, false);
  freeing.reason = "";
  freeing.claim_freed = true;
  Given(9, {freeing});
  Write();
  EXPECT_EQ(Coupons(1)[0].status, (CouponStatus{.state = CouponState::kVoided,
                                                .voided_at = At(8),
                                                .void_reason = "fraud",
                                                .claim_freed = true}));
}

TEST_F(ProjectionTest, ACouponShowsWhatHasBecomeOfIt) {
  Given(1, {kOne});
  for (std::uint64_t ordinal = 0; ordinal < 4; ++ordinal) Given(7, {IssuedBy(kOne, ordinal)});
  Given(8, {RedemptionOf(1, "a"), VoidingOf(2, false), VoidingOf(3, true)});
  Write();
  const CouponStatus redeemed{.state = CouponState::kRedeemed,
                              .redemption = Redemption{.sequence = Sequence(6),
                                                       .redeemed_at = At(8),
                                                       .order_ref = "a",
                                                       .redeemed_by = "till 3",
                                                       .request_id = "r"}};
  std::vector<CouponRow> coupons = Coupons(1);
  ASSERT_EQ(coupons.size(), 4U) << "a returned coupon stays in the list";
  EXPECT_EQ(coupons[0].status, redeemed);
  EXPECT_EQ(
      coupons[1].status,
      (CouponStatus{.state = CouponState::kVoided, .voided_at = At(8), .void_reason = "fraud"}));
  EXPECT_EQ(coupons[2].status.state, CouponState::kReturned);
  EXPECT_EQ(coupons[3].status, CouponStatus{});
  Campaign row = *views_.FindCampaign(Id(1)).value();
  EXPECT_EQ(row.issued_coupons, 3);
  EXPECT_EQ(row.redeemed_coupons, 1);
  EXPECT_EQ(row.voided_coupons, 1);
  EXPECT_EQ(row.returned_coupons, 1);
  EXPECT_EQ(FindCoupon(views_, Serial(1)).value()->coupon.status, redeemed);
  EXPECT_EQ(FindCoupon(views_, Serial(5)).value(), std::nullopt) << "not issued yet";

  // In the same batch as what was written before, and in one with other changes of the coupon.
  Given(9, {RedemptionCanceled{kOne.number, Serial(1), Sequence(6), "", {}}, VoidingOf(2, true)});
  Given(10, {RedemptionOf(1, "b"), RedemptionOf(4, "c"),
             RedemptionCanceled{kOne.number, Serial(4), Sequence(12), "", {}}});
  Write();
  coupons = Coupons(1);
  EXPECT_EQ(coupons[0].status.redemption->order_ref, "b");
  EXPECT_EQ(coupons[0].status.redemption->sequence, Sequence(11));
  EXPECT_EQ(coupons[1].status.state, CouponState::kReturned);
  EXPECT_EQ(coupons[3].status, CouponStatus{});
  row = *views_.FindCampaign(Id(1)).value();
  EXPECT_EQ(row.issued_coupons, 2);
  EXPECT_EQ(row.redeemed_coupons, 1);
  EXPECT_EQ(row.voided_coupons, 0);
  EXPECT_EQ(row.returned_coupons, 2);

  Given(11, {CampaignDeleted{kOne.number}});
  Write();
  EXPECT_EQ(FindCoupon(views_, Serial(1)).value(), std::nullopt);
  EXPECT_EQ(views_.FindStatus(kOne.number, 0).value(), std::nullopt);
}

TEST_F(ProjectionTest, ARedemptionHasTheKeyOfItsOwnEvent) {
  const KeyId one(1);
  const KeyId two(2);
  Given(1, {kOne}, {one});
  Given(7, {IssuedBy(kOne, 0), IssuedBy(kOne, 1), IssuedBy(kOne, 2)});
  Given(8, {VoidingOf(3, false), RedemptionOf(1, "a"), RedemptionOf(2, "b")}, {one, two, kNoKey});
  Write();
  std::vector<CouponRow> coupons = Coupons(1);
  EXPECT_EQ(coupons[0].status.redemption->key, two);
  EXPECT_EQ(coupons[1].status.redemption->key, kNoKey);
  EXPECT_EQ(coupons[2].status.redemption, std::nullopt);

  Given(9, {RedemptionCanceled{kOne.number, Serial(1), Sequence(6), "", {}}, RedemptionOf(1, "c")},
        {two, one});
  Write();
  coupons = Coupons(1);
  EXPECT_EQ(coupons[0].status.redemption->order_ref, "c");
  EXPECT_EQ(coupons[0].status.redemption->key, one);
}

TEST_F(ProjectionTest, AFreedClaimStaysFree) {
  CouponVoided freeing = VoidingOf(1, false);
  freeing.claim_freed = true;
  Given(1, {kOne});
  Given(7, {IssuedBy(kOne, 0), IssuedBy(kOne, 1)});
  Given(8, {freeing, VoidingOf(2, false)});
  Write();
  std::vector<CouponRow> coupons = Coupons(1);
  EXPECT_TRUE(coupons[0].status.claim_freed);
  EXPECT_FALSE(coupons[1].status.claim_freed);
  freeing.serial = Serial(2);
  Given(9, {VoidingOf(1, true), freeing});
  Write();
  coupons = Coupons(1);
  EXPECT_EQ(coupons[0].status.state, CouponState::kReturned);
  EXPECT_TRUE(coupons[0].status.claim_freed);
  EXPECT_EQ(coupons[1].status.state, CouponState::kVoided);
  EXPECT_TRUE(coupons[1].status.claim_freed);
  EXPECT_EQ(views_.FindCampaign(Id(1)).value()->voided_coupons, 1) << "it is not counted again";
}

RedemptionCanceled CancellationOf(std::uint64_t serial, std::uint64_t redemption) {
  return {.campaign = kOne.number,
          .serial = Serial(serial),
          .redemption = Sequence(redemption),
          .reason = {},
          .request = {}};
}

class ProjectedStatesTest : public ProjectionTest {
 protected:
  using States = std::pair<CouponState, CouponState>;
  /// Returns the states before and after the changes of the next write, by ordinal, and writes.
  std::map<std::uint64_t, States> WriteStates() {
    const ViewChanges changes = projection_.Take();
    std::map<std::uint64_t, States> states;
    for (const CouponStatusRow& row : changes.statuses) {
      EXPECT_EQ(row.state_before, StateInTheViews(row));
      states[row.ordinal] = {row.state_before, row.status.state};
    }
    EXPECT_TRUE(views_.Write(changes));
    return states;
  }
  [[nodiscard]] CouponState StateInTheViews(const CouponStatusRow& row) const {
    return views_.FindStatus(row.campaign, row.ordinal).value().value_or(CouponStatus{}).state;
  }
};

TEST_F(ProjectedStatesTest, AChangeComesWithItsNewState) {
  using enum CouponState;
  Given(1, {kOne});  // its sequence is 1
  for (std::uint64_t ordinal = 0; ordinal < 4; ++ordinal) Given(7, {IssuedBy(kOne, ordinal)});
  Given(8, {RedemptionOf(1, "a"), VoidingOf(2, false), VoidingOf(3, true), RedemptionOf(4, "b")});
  // Of coupons that are not in the views yet.
  EXPECT_EQ(WriteStates(), (std::map<std::uint64_t, States>{{0, {kIssued, kRedeemed}},
                                                            {1, {kIssued, kVoided}},
                                                            {2, {kIssued, kReturned}},
                                                            {3, {kIssued, kRedeemed}}}));
  Given(9, {CancellationOf(1, 6), VoidingOf(2, true), CancellationOf(4, 9)});
  EXPECT_EQ(WriteStates(),
            (std::map<std::uint64_t, States>{
                {0, {kRedeemed, kIssued}}, {1, {kVoided, kReturned}}, {3, {kRedeemed, kIssued}}}));
  // Several changes in one write, in one group and over two.
  Given(10, {RedemptionOf(1, "c"), CancellationOf(1, 13), VoidingOf(1, false), VoidingOf(1, true),
             RedemptionOf(4, "d")});
  Given(11, {CancellationOf(4, 17), RedemptionOf(4, "e"), CancellationOf(4, 19)});
  EXPECT_EQ(WriteStates(),
            (std::map<std::uint64_t, States>{{0, {kIssued, kReturned}}, {3, {kIssued, kIssued}}}));
  Given(12, {RedemptionOf(4, "f")});
  EXPECT_EQ(WriteStates(), (std::map<std::uint64_t, States>{{3, {kIssued, kRedeemed}}}));
  Given(13, {CancellationOf(4, 21), RedemptionOf(4, "g")});
  EXPECT_EQ(WriteStates(), (std::map<std::uint64_t, States>{{3, {kRedeemed, kRedeemed}}}));
}

TEST_F(ProjectedStatesTest, AnyHistoryHasTheStatesOfTheViews) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  test::RandomHistory history(seed);
  std::size_t changed_again = 0;
  for (int writes = 0; writes < 800; ++writes) {
    for (std::uint64_t left = 1 + history.Below(20); left > 0; --left) {
      ASSERT_TRUE(projection_.Add(history.Next(), history.tip()));
    }
    for (const auto& [ordinal, states] : WriteStates()) {
      changed_again += states.first != CouponState::kIssued ? 1 : 0;
    }
    if (HasFailure()) return;
  }
  ASSERT_GT(changed_again, 5U) << "or the history would prove nothing";
}

}  // namespace
}  // namespace coupond
