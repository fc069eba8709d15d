#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "coupond/storage/v1/view_rows.pb.h"
#include "engine/rules/coupon.h"
#include "storage/views/coupon_rows.h"
#include "storage/views/state_rows.h"
#include "tools/coupon_audit/compare/altered_views.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/verdict.h"

// An intact log in which coupons are redeemed and voided, and views in which one row of what has
// become of them is wrong.
namespace coupond::test {
namespace {

std::string StatusKeyOf(std::uint64_t campaign, std::uint64_t ordinal) {
  return storage::StatusKey(CampaignNumber(campaign), ordinal);
}
std::string SerialsKeyOf(std::uint64_t last_serial) {
  return storage::SerialsKey(Serial(last_serial));
}
std::string StateKeyOf(std::uint64_t campaign, CouponState state, std::uint64_t ordinal) {
  return storage::StateKey(CampaignNumber(campaign), state, ordinal);
}
/// Removes a row that has no value.
std::function<void(PlantedStore&)> RemoveKey(const std::string& key) {
  return [key](PlantedStore& store) {
    ASSERT_EQ(store.ViewRow(key), "");  // it is there
    store.DeleteViewRow(key);
  };
}
std::string RequestRowKey(const std::string& request_id) {
  return storage::RequestKeyOf(RequestKeyFor(request_id).digest);
}
std::string SomeStatus() {
  return storage::EncodeStatus({.state = CouponState::kVoided, .voided_at = At(14)});
}
std::string SomeSerials(std::uint64_t campaign, std::uint64_t first, std::uint64_t count) {
  return storage::EncodeSerials(
      {.campaign = CampaignNumber(campaign), .serials = {.first = Serial(first), .count = count}});
}

/// Alters the status of spring's 2, which is redeemed.
std::function<void(PlantedStore&)> AlterRedeemed(
    std::function<void(storage::v1::CouponStatusRow&)> change) {
  return Alter(StatusKeyOf(kSpring, 1), std::move(change));
}
/// Alters the status of spring's 3, which is voided.
std::function<void(PlantedStore&)> AlterVoided(
    std::function<void(storage::v1::CouponStatusRow&)> change) {
  return Alter(StatusKeyOf(kSpring, 2), std::move(change));
}
std::function<void(PlantedStore&)> AlterRequest(
    std::function<void(storage::v1::RequestRow&)> change) {
  return Alter(RequestRowKey("request 1"), std::move(change));
}
std::function<void(PlantedStore&)> AlterSerials(
    std::function<void(storage::v1::SerialsRow&)> change) {
  return Alter(SerialsKeyOf(1'034), std::move(change));
}
constexpr const char* kRedeemedAltered = "view_row_altered at sequence 14, campaign 1";
constexpr const char* kVoidedAltered = "view_row_altered at sequence 17, campaign 1";

std::vector<ViewFault> CountFaults() {
  return {
      {"Redeemed", AlterSpring([](auto& row) { row.set_redeemed_coupons(2); }),
       "view_count_wrong at group 8, campaign 1"},
      {"Voided", AlterSpring([](auto& row) { row.set_voided_coupons(0); }),
       "view_count_wrong at group 8, campaign 1"},
      {"Returned",
       Alter<storage::v1::CampaignRow>(CampaignKeyOf(kSummer),
                                       [](auto& row) { row.set_returned_coupons(2); }),
       "view_count_wrong at group 8, campaign 2"},
  };
}

std::vector<ViewFault> StatusFaults() {
  using Row = storage::v1::CouponStatusRow;
  return {
      {"Missing", Remove(StatusKeyOf(kSpring, 1)), "view_row_missing at sequence 14, campaign 1"},
      {"OfAReturnedCouponMissing", Remove(StatusKeyOf(kSummer, 2)),
       "view_row_missing at sequence 18, campaign 2"},
      {"LastMissing", Remove(StatusKeyOf(kSummer, 3)),
       "view_row_missing at sequence 20, campaign 2"},
      {"Moved", Move(StatusKeyOf(kSpring, 2), StatusKeyOf(kSpring, 3)),
       "view_row_missing at sequence 17, campaign 1"},
      {"Redemption", AlterRedeemed([](auto& row) { row.set_redemption(15); }), kRedeemedAltered},
      {"RedeemedAt", AlterRedeemed([](auto& row) { row.set_redeemed_at_unix_ns(1); }),
       kRedeemedAltered},
      {"OrderRef", AlterRedeemed([](auto& row) { row.set_order_ref("order 2"); }),
       kRedeemedAltered},
      {"RedeemedBy", AlterRedeemed([](auto& row) { row.clear_redeemed_by(); }), kRedeemedAltered},
      {"RequestId", AlterRedeemed([](auto& row) { row.set_request_id("request 2"); }),
       kRedeemedAltered},
      {"KeyId", AlterRedeemed([](auto& row) { row.set_key_id(5); }), kRedeemedAltered},
      {"VoidedInsteadOfRedeemed", Put(StatusKeyOf(kSpring, 1), SomeStatus()), kRedeemedAltered},
      {"ReturnedInsteadOfVoided",
       AlterVoided([](auto& row) { row.set_state(Row::STATE_RETURNED); }), kVoidedAltered},
      {"VoidedAt", AlterVoided([](auto& row) { row.set_voided_at_unix_ns(1); }), kVoidedAltered},
      {"VoidReason", AlterVoided([](auto& row) { row.set_void_reason("a link"); }), kVoidedAltered},
      {"ClaimFreed", AlterVoided([](auto& row) { row.set_claim_freed(true); }), kVoidedAltered},
      {"Unreadable", Put(StatusKeyOf(kSpring, 2), "no row"), kVoidedAltered},
      {"UnknownField", AlterVoided([](auto& row) {
         row.GetReflection()->MutableUnknownFields(&row)->AddVarint(99, 1);
       }),
       kVoidedAltered},
      {"OfACanceledRedemption", Put(StatusKeyOf(kSpring, 0), SomeStatus()), "view_row_unexpected"},
      {"OfTheLastCoupon", Put(StatusKeyOf(kSummer, 4), SomeStatus()), "view_row_unexpected"},
      {"OfADeletedCampaign", Put(StatusKeyOf(kAutumn, 0), SomeStatus()), "view_row_unexpected"},
      {"KeyTooShort", Put("t1234", SomeStatus()), "view_row_unexpected"},
  };
}

std::vector<ViewFault> StateFaults() {
  using enum CouponState;
  return {
      {"Missing", RemoveKey(StateKeyOf(kSpring, kRedeemed, 1)),
       "view_row_missing at sequence 14, campaign 1"},
      {"OfAReturnedCouponMissing", RemoveKey(StateKeyOf(kSummer, kReturned, 2)),
       "view_row_missing at sequence 18, campaign 2"},
      {"LaterState", Move(StateKeyOf(kSpring, kRedeemed, 1), StateKeyOf(kSpring, kReturned, 1)),
       "view_row_missing at sequence 14, campaign 1"},
      {"EarlierState", Move(StateKeyOf(kSpring, kVoided, 2), StateKeyOf(kSpring, kRedeemed, 2)),
       "view_row_unexpected at campaign 1"},
      {"TwoStates", Put(StateKeyOf(kSpring, kReturned, 2), ""),
       "view_row_unexpected at campaign 1"},
      {"OfAnotherCampaign", Move(StateKeyOf(kSpring, kVoided, 2), StateKeyOf(kSummer, kVoided, 2)),
       "view_row_missing at sequence 17, campaign 1"},
      {"OfACanceledRedemption", Put(StateKeyOf(kSpring, kRedeemed, 0), ""),
       "view_row_unexpected at campaign 1"},
      {"OfACouponNeverIssued", Put(StateKeyOf(kSummer, kReturned, 4), ""),
       "view_row_unexpected at campaign 2"},
      {"OfADeletedCampaign", Put(StateKeyOf(kAutumn, kVoided, 0), ""),
       "view_row_unexpected at campaign 3"},
      {"WithAValue", Put(StateKeyOf(kSpring, kVoided, 2), "something"),
       "view_row_altered at sequence 17, campaign 1"},
      {"UnknownState", Put(StateKeyOf(kSpring, kVoided, 2).replace(9, 1, "z"), ""),
       "view_row_unexpected"},
      {"KeyTooShort", Put("v1234", ""), "view_row_unexpected"},
  };
}

std::vector<ViewFault> SerialsFaults() {
  return {
      {"Missing", Remove(SerialsKeyOf(5)), "view_row_missing at campaign 1"},
      {"LastMissing", Remove(SerialsKeyOf(1'034)), "view_row_missing at campaign 2"},
      {"Campaign", AlterSerials([](auto& row) { row.set_campaign_number(kSpring); }),
       "view_row_altered at campaign 2"},
      {"Count", AlterSerials([](auto& row) { row.set_count(1'023); }),
       "view_row_altered at campaign 2"},
      {"OfADeletedCampaign", Put(SerialsKeyOf(10), SomeSerials(kAutumn, 9, 2)),
       "view_row_unexpected"},
      {"OfNobody", Put(SerialsKeyOf(1'035), SomeSerials(kSummer, 1'035, 1)), "view_row_unexpected"},
  };
}

std::vector<ViewFault> RequestFaults() {
  return {
      {"Missing", Remove(RequestRowKey("request 1")), "view_row_missing at sequence 14"},
      {"OfACancellationMissing", Remove(RequestRowKey("request 2")),
       "view_row_missing at sequence 16"},
      {"Sequence", AlterRequest([](auto& row) { row.set_sequence(15); }),
       "view_row_altered at sequence 14"},
      {"Content", AlterRequest([](auto& row) { row.set_content(1); }),
       "view_row_altered at sequence 14"},
      {"Unreadable", Put(RequestRowKey("request 1"), "no row"), "view_row_altered at sequence 14"},
      {"TooMany", Put(RequestRowKey("request 3"), "something"), "view_row_unexpected"},
      {"KeyTooLong", Put(RequestRowKey("request 2") + "x", "something"), "view_row_unexpected"},
  };
}

class CouponRowFaultTest : public testing::TestWithParam<ViewFault> {};

TEST_P(CouponRowFaultTest, IsFoundAndNamed) {
  PlantedStore store;
  store.AddCouponLives();
  store.MakeViews();
  ASSERT_EQ(VerdictOn(store.path()), "sound");
  GetParam().plant(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), GetParam().verdict);
}

/// What the log says of the key decides, also where it is another event's of the group.
TEST(CouponRowKeys, AWrongOneIsFound) {
  for (const std::uint64_t wrong : {0U, 6U}) {
    PlantedStore store;
    store.Add(At(14), {RedeemedEvent(kSpring, 2), VoidedEvent(kSpring, 3)}, {KeyId(5), KeyId(6)});
    store.WriteFiles();
    store.MakeViews();
    ASSERT_EQ(VerdictOn(store.path()), "sound");
    AlterRedeemed([wrong](auto& row) { row.set_key_id(wrong); })(store);
    store.CloseViews();
    EXPECT_EQ(VerdictOn(store.path()), kRedeemedAltered) << wrong;
  }
}

constexpr auto kNameOfFault = [](const auto& fault) { return fault.param.name; };
INSTANTIATE_TEST_SUITE_P(Counts, CouponRowFaultTest, testing::ValuesIn(CountFaults()),
                         kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Statuses, CouponRowFaultTest, testing::ValuesIn(StatusFaults()),
                         kNameOfFault);
INSTANTIATE_TEST_SUITE_P(States, CouponRowFaultTest, testing::ValuesIn(StateFaults()),
                         kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Serials, CouponRowFaultTest, testing::ValuesIn(SerialsFaults()),
                         kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Requests, CouponRowFaultTest, testing::ValuesIn(RequestFaults()),
                         kNameOfFault);

}  // namespace
}  // namespace coupond::test
