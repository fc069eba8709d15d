#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "coupond/storage/v1/view_rows.pb.h"
#include "storage/views/coupon_rows.h"
#include "tools/coupon_audit/compare/altered_views.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/verdict.h"

// An intact log of a campaign that limits each user and the validity of its coupons, and views in
// which one of its rows is wrong.
namespace coupond::test {
namespace {

constexpr std::uint64_t kWinter = 4;

std::string RequestRowKey(const std::string& request_id) {
  return storage::RequestKeyOf(RequestKeyFor(request_id).digest);
}

/// Alters the run of group 7, which has two claims, both with a holder.
std::function<void(PlantedStore&)> AlterClaims(
    std::function<void(storage::v1::ClaimRunRow&)> change) {
  return Alter(ClaimsKeyOf(kWinter, 0), std::move(change));
}
/// Alters the status of winter's 11, whose claim is free.
std::function<void(PlantedStore&)> AlterVoided(
    std::function<void(storage::v1::CouponStatusRow&)> change) {
  return Alter(storage::StatusKey(CampaignNumber(kWinter), 0), std::move(change));
}
constexpr const char* kClaimsAltered = "view_row_altered at group 7, sequence 15, campaign 4";

std::vector<ViewFault> LimitFaults() {
  return {
      {"HolderOfAClaim", AlterClaims([](auto& row) { (*row.mutable_holders())[20] ^= 1; }),
       kClaimsAltered},
      {"HolderMissing", AlterClaims([](auto& row) {
         row.mutable_holder_offsets()->RemoveLast();
         row.mutable_holders()->resize(16);
       }),
       kClaimsAltered},
      {"HoldersMissing", AlterClaims([](auto& row) {
         row.clear_holder_offsets();
         row.clear_holders();
       }),
       kClaimsAltered},
      {"NotAllTimed", AlterClaims([](auto& row) { row.clear_all_timed(); }), kClaimsAltered},
      {"TimeOfAnonymousCouponsMissing", Remove(ClaimsKeyOf(kWinter, 3)),
       "view_row_missing at group 8, sequence 20, campaign 4"},
      {"TimeOfAnonymousCoupons",
       Alter<storage::v1::ClaimRunRow>(ClaimsKeyOf(kWinter, 3),
                                       [](auto& row) { row.set_issued_at_unix_ns(1); }),
       "view_row_altered at group 8, sequence 20, campaign 4"},
      {"ClaimNotFreed", AlterVoided([](auto& row) { row.clear_claim_freed(); }),
       "view_row_altered at sequence 19, campaign 4"},
      {"RequestOfTheCreationMissing", Remove(RequestRowKey("request 1")),
       "view_row_missing at sequence 14"},
      {"RequestOfTheUpdate",
       Alter<storage::v1::RequestRow>(RequestRowKey("request 2"),
                                      [](auto& row) { row.set_sequence(17); }),
       "view_row_altered at sequence 18"},
  };
}

class LimitRowFaultTest : public testing::TestWithParam<ViewFault> {};

TEST_P(LimitRowFaultTest, IsFoundAndNamed) {
  PlantedStore store;
  store.AddLimitedCampaign();
  store.MakeViews();
  ASSERT_EQ(VerdictOn(store.path()), "sound");
  GetParam().plant(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(Views, LimitRowFaultTest, testing::ValuesIn(LimitFaults()),
                         [](const auto& fault) { return fault.param.name; });

}  // namespace
}  // namespace coupond::test
