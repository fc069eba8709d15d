#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/builders.h"
#include "system/crash/client_ledger.h"
#include "system/crash/fault_log.h"

// Servers that forget that a user was erased.
namespace coupond::test {
namespace {

class ErasureTest : public testing::Test {
 protected:
  ErasureTest() {
    ledger_.BeginCreate({.name = kName, .total_coupons = 2, .start_time = At(0)});
    ledger_.Created(kName, "id");
    ledger_.Granted(ledger_.BeginIssue(kName, kUser, kUser),
                    {.coupon = Coupon(kUser), .already_issued = false}, At(100));
  }
  static ShownCoupon Coupon(const std::string& user_id) {
    return {.code = "a", .issued_at = At(1), .user_id = user_id};
  }
  /// Checks a restarted server that shows the coupon with this user.
  void Check(const std::string& user_id) {
    ledger_.Check({.campaigns = {{.id = "id",
                                  .name = kName,
                                  .total_coupons = 2,
                                  .issued_coupons = 1,
                                  .start_time = At(0),
                                  .coupons = {Coupon(user_id)}}}});
  }

  static constexpr const char* kName = "summer";
  static constexpr const char* kUser = "erased 1";
  FaultLog faults_;
  ClientLedger ledger_{faults_};
};

TEST_F(ErasureTest, AnErasedUserWhoIsShownAgainIsFound) {
  ASSERT_TRUE(ledger_.BeginErasure(kUser, kName, kUser));
  ledger_.Erased(kUser, {.erased_coupons = 1});
  ledger_.SawCouponsOfErased(kUser, 0);
  Check("");
  EXPECT_EQ(ledger_.ErasedUsers(), std::vector<std::string>{kUser});
  EXPECT_EQ(ledger_.totals().acknowledged_erasures, 1U);
  EXPECT_EQ(faults_.total(), 0U);
  Check(kUser);
  EXPECT_EQ(faults_.count(FaultKind::kChangeLost), 1U);
  ledger_.SawCouponsOfErased(kUser, 1);
  EXPECT_EQ(faults_.count(FaultKind::kChangeLost), 2U);
}

TEST_F(ErasureTest, AnUnknownErasureMayBeEither) {
  ASSERT_TRUE(ledger_.BeginErasure(kUser, kName, kUser));
  ledger_.ErasureUnknown();
  Check(kUser);
  EXPECT_TRUE(ledger_.ErasedUsers().empty());
  Check("");
  EXPECT_EQ(faults_.total(), 0U);
  Check(kUser);
  EXPECT_EQ(faults_.count(FaultKind::kChangeLost), 1U) << "it was seen";
}

TEST_F(ErasureTest, AUserWhomNobodyErasedIsMissed) {
  Check("");
  EXPECT_EQ(faults_.count(FaultKind::kDuplicate), 1U);
}

TEST_F(ErasureTest, AnErasureThatFindsNothingIsFound) {
  ASSERT_TRUE(ledger_.BeginErasure(kUser, kName, kUser));
  ledger_.Erased(kUser, {.erased_coupons = 0});
  EXPECT_EQ(faults_.count(FaultKind::kUnexpected), 1U);
}

TEST_F(ErasureTest, OnlyAUserWithACouponIsErased) {
  EXPECT_FALSE(ledger_.BeginErasure("erased 2", kName, "erased 2"));
}

TEST_F(ErasureTest, OneUserIsErasedAfterEachRestart) {
  EXPECT_TRUE(ledger_.TakeErasure());
  EXPECT_FALSE(ledger_.TakeErasure());
  Check(kUser);
  EXPECT_TRUE(ledger_.TakeErasure());
}

}  // namespace
}  // namespace coupond::test
