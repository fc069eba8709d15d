#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/builders.h"
#include "system/crash/client_ledger.h"
#include "system/crash/fault_log.h"

// Servers that forget what became of a campaign; each fault must be found.
namespace coupond::test {
namespace {

using Kind = CampaignRequestKind;

/// Draws of these kinds make the total higher or lower by one.
constexpr std::uint32_t kHigher = 0;
constexpr std::uint32_t kLower = 1;
/// Draws of these kinds set an end three days after the start, and none.
constexpr std::uint32_t kSomeEnd = 5;
constexpr std::uint32_t kNoEnd = 0;
constexpr std::chrono::hours kSomeEndAfter{3 * 24};

class CampaignRequestTest : public testing::Test {
 protected:
  CampaignRequestTest() {
    ledger_.BeginCreate({.name = kName, .total_coupons = 2, .start_time = At(0)});
    ledger_.Created(kName, "id");
  }
  CampaignRequest Begin(Kind kind, std::uint32_t draw = kHigher) {
    const auto request =
        ledger_.BeginCampaignRequest(kind, kName, "request " + std::to_string(++requests_), draw);
    EXPECT_TRUE(request);
    return request.value_or(CampaignRequest());
  }
  void Do(Kind kind, std::uint32_t draw = kHigher, CampaignReply reply = CampaignReply::kDone) {
    ledger_.Heard(Begin(kind, draw), reply);
  }
  ClientLedger::Attempt Ask() { return ledger_.BeginIssue(kName, {}); }
  static ShownCoupon Coupon(const std::string& code) {
    return {.code = code, .issued_at = At(1), .user_id = {}};
  }
  void Grant(const ClientLedger::Attempt& attempt, const std::string& code) {
    ledger_.Granted(attempt, {.coupon = Coupon(code), .already_issued = false}, At(100));
  }
  static ShownCampaign Summer(std::int64_t total = 2) {
    return {.id = "id", .name = kName, .total_coupons = total, .start_time = At(0), .coupons = {}};
  }
  void Check(std::int64_t total, bool paused = false, std::vector<ShownCoupon> coupons = {}) {
    ShownCampaign shown = Summer(total);
    shown.issued_coupons = static_cast<std::int64_t>(coupons.size());
    shown.issuing_paused = paused;
    shown.coupons = std::move(coupons);
    ledger_.Check({.campaigns = {std::move(shown)}});
  }
  void CheckEnd(Timestamp end) {
    ShownCampaign shown = Summer();
    shown.end_time = end;
    ledger_.Check({.campaigns = {std::move(shown)}});
  }
  void CheckArchived(bool is_archived) {
    ShownCampaign shown = Summer();
    shown.is_archived = is_archived;
    ledger_.Check({.campaigns = {std::move(shown)}});
  }
  [[nodiscard]] std::size_t lost() const { return faults_.count(FaultKind::kChangeLost); }

  static constexpr const char* kName = "summer";
  FaultLog faults_;
  ClientLedger ledger_{faults_};
  int requests_ = 0;
};

TEST_F(CampaignRequestTest, AForgottenTotalIsFound) {
  Do(Kind::kSetTotal, kHigher);
  Check(3);
  EXPECT_EQ(ledger_.totals().acknowledged_updates, 1U);
  EXPECT_EQ(faults_.total(), 0U);
  Check(2);
  EXPECT_EQ(lost(), 1U);
}

TEST_F(CampaignRequestTest, AnUnknownTotalMayBeEither) {
  CampaignRequest request = Begin(Kind::kSetTotal, kLower);
  EXPECT_FALSE(ledger_.BeginCampaignRequest(Kind::kPause, kName, "other", 0));
  ledger_.OutcomeUnknown(request);
  Check(2);
  Check(1);
  EXPECT_EQ(faults_.total(), 0U);
  Check(2);
  EXPECT_EQ(lost(), 1U) << "the other one was seen";
}

TEST_F(CampaignRequestTest, ARetryRefusedAfterItsEffectIsFound) {
  CampaignRequest request = Begin(Kind::kSetTotal, kLower);
  ledger_.OutcomeUnknown(request);
  Check(1);
  ledger_.Heard(request, CampaignReply::kBelowIssued);
  EXPECT_EQ(lost(), 1U);
}

TEST_F(CampaignRequestTest, ATotalThatIsSoAlreadyIsFound) {
  Do(Kind::kSetTotal, kHigher, CampaignReply::kUnchanged);
  EXPECT_EQ(lost(), 1U);
}

TEST_F(CampaignRequestTest, OnlyALowerTotalMayBeBelowTheIssued) {
  Do(Kind::kSetTotal, kLower, CampaignReply::kBelowIssued);
  EXPECT_EQ(faults_.total(), 0U);
  Do(Kind::kSetTotal, kHigher, CampaignReply::kBelowIssued);
  EXPECT_EQ(faults_.count(FaultKind::kUnexpected), 1U);
}

TEST_F(CampaignRequestTest, AHigherTotalAllowsMoreCoupons) {
  Grant(Ask(), "a");
  Grant(Ask(), "b");
  ledger_.SoldOut(Ask());
  Do(Kind::kSetTotal, kHigher);
  Grant(Ask(), "c");
  Check(3, false, {Coupon("a"), Coupon("b"), Coupon("c")});
  EXPECT_EQ(faults_.total(), 0U);
  Grant(Ask(), "d");
  EXPECT_EQ(faults_.count(FaultKind::kOverIssued), 1U);
}

TEST_F(CampaignRequestTest, SoldOutIsHeldAgainstTheLowestTotal) {
  Grant(Ask(), "a");
  Do(Kind::kSetTotal, kLower);
  ledger_.SoldOut(Ask());
  Check(1, false, {Coupon("a")});
  EXPECT_EQ(faults_.total(), 0U);
}

TEST_F(CampaignRequestTest, AForgottenPauseIsFound) {
  Do(Kind::kPause);
  EXPECT_TRUE(ledger_.Find(kName).must_be_resumed);
  Check(2, /*paused=*/true);
  EXPECT_EQ(faults_.total(), 0U);
  Check(2, /*paused=*/false);
  EXPECT_EQ(lost(), 1U);
}

TEST_F(CampaignRequestTest, AForgottenResumptionIsFound) {
  Do(Kind::kPause);
  Do(Kind::kResume);
  EXPECT_FALSE(ledger_.Find(kName).must_be_resumed);
  Check(2, /*paused=*/true);
  EXPECT_EQ(lost(), 1U);
}

TEST_F(CampaignRequestTest, AnUnknownPauseMayBeEither) {
  CampaignRequest request = Begin(Kind::kPause);
  ledger_.OutcomeUnknown(request);
  Check(2, /*paused=*/false);
  Check(2, /*paused=*/true);
  EXPECT_FALSE(ledger_.Find(kName).must_be_resumed) << "it is repeated first";
  ledger_.Heard(request, CampaignReply::kUnchanged);
  EXPECT_TRUE(ledger_.Find(kName).must_be_resumed);
  EXPECT_EQ(faults_.total(), 0U);
}

TEST_F(CampaignRequestTest, AResumptionOfWhatIsNotPausedIsFound) {
  Do(Kind::kPause);
  Do(Kind::kResume, 0, CampaignReply::kUnchanged);
  EXPECT_EQ(lost(), 1U);
}

TEST_F(CampaignRequestTest, ACouponOfAPausedCampaignIsFound) {
  const auto before = Ask();
  Do(Kind::kPause);
  Grant(before, "a");
  EXPECT_EQ(faults_.total(), 0U) << "it may have come first";
  Grant(Ask(), "b");
  EXPECT_EQ(lost(), 1U);
}

TEST_F(CampaignRequestTest, ARefusalForNoPauseIsFound) {
  const auto before = Ask();
  Do(Kind::kPause);
  ledger_.Paused(before);
  ledger_.Paused(Ask());
  Do(Kind::kResume);
  EXPECT_EQ(faults_.total(), 0U);
  ledger_.Paused(Ask());
  EXPECT_EQ(faults_.count(FaultKind::kUnexpected), 1U);
}

TEST_F(CampaignRequestTest, AHolderWhoIsToldPausedHasLost) {
  ledger_.Granted(ledger_.BeginIssue(kName, "request 1"),
                  {.coupon = Coupon("a"), .already_issued = false}, At(100));
  Do(Kind::kPause);
  ledger_.Paused(ledger_.BeginIssue(kName, "request 1"));
  EXPECT_EQ(faults_.count(FaultKind::kLost), 1U);
}

TEST_F(CampaignRequestTest, AForgottenEndIsFound) {
  Do(Kind::kSetEnd, kSomeEnd);
  CheckEnd(At(0).Plus(kSomeEndAfter));
  EXPECT_EQ(ledger_.totals().acknowledged_updates, 1U);
  EXPECT_EQ(faults_.total(), 0U);
  CheckEnd(kNever);
  EXPECT_EQ(lost(), 1U);
}

TEST_F(CampaignRequestTest, AnEndThatWasRemovedIsFound) {
  Do(Kind::kSetEnd, kSomeEnd);
  Do(Kind::kSetEnd, kNoEnd);
  CheckEnd(kNever);
  EXPECT_EQ(faults_.total(), 0U);
  CheckEnd(At(0).Plus(kSomeEndAfter));
  EXPECT_EQ(lost(), 1U);
}

TEST_F(CampaignRequestTest, AnUnknownEndMayBeEither) {
  CampaignRequest request = Begin(Kind::kSetEnd, kSomeEnd);
  ledger_.OutcomeUnknown(request);
  CheckEnd(kNever);
  CheckEnd(At(0).Plus(kSomeEndAfter));
  EXPECT_EQ(faults_.total(), 0U);
  CheckEnd(kNever);
  EXPECT_EQ(lost(), 1U) << "the other one was seen";
}

TEST_F(CampaignRequestTest, AnEndThatNobodySetIsFound) {
  CheckEnd(At(5));
  EXPECT_EQ(faults_.count(FaultKind::kUnexpected), 1U);
  EXPECT_EQ(lost(), 1U);
}

TEST_F(CampaignRequestTest, AnEndThatIsSoAlreadyIsFound) {
  Do(Kind::kSetEnd, kSomeEnd, CampaignReply::kUnchanged);
  EXPECT_EQ(lost(), 1U);
}

TEST_F(CampaignRequestTest, AForgottenArchivingIsFound) {
  Do(Kind::kArchive);
  EXPECT_TRUE(ledger_.Find(kName).must_be_unarchived);
  CheckArchived(true);
  EXPECT_EQ(ledger_.totals().acknowledged_archivings, 1U);
  EXPECT_EQ(faults_.total(), 0U);
  CheckArchived(false);
  EXPECT_EQ(lost(), 1U);
}

TEST_F(CampaignRequestTest, AForgottenUnarchivingIsFound) {
  Do(Kind::kArchive);
  Do(Kind::kUnarchive);
  EXPECT_FALSE(ledger_.Find(kName).must_be_unarchived);
  CheckArchived(true);
  EXPECT_EQ(lost(), 1U);
}

TEST_F(CampaignRequestTest, AnUnknownArchivingMayBeEither) {
  CampaignRequest request = Begin(Kind::kArchive);
  ledger_.OutcomeUnknown(request);
  CheckArchived(false);
  CheckArchived(true);
  EXPECT_FALSE(ledger_.Find(kName).must_be_unarchived) << "it is repeated first";
  ledger_.Heard(request, CampaignReply::kUnchanged);
  EXPECT_TRUE(ledger_.Find(kName).must_be_unarchived);
  EXPECT_EQ(faults_.total(), 0U);
}

TEST_F(CampaignRequestTest, AnArchivedCampaignIsOnlyUnarchived) {
  Do(Kind::kPause);
  Do(Kind::kArchive);
  for (const Kind kind :
       {Kind::kSetTotal, Kind::kSetEnd, Kind::kPause, Kind::kResume, Kind::kArchive}) {
    EXPECT_FALSE(ledger_.BeginCampaignRequest(kind, kName, "other", kSomeEnd));
  }
  Do(Kind::kUnarchive);
  EXPECT_TRUE(ledger_.Find(kName).must_be_resumed);
}

TEST_F(CampaignRequestTest, ACouponOfAnArchivedCampaignIsFound) {
  const auto before = Ask();
  Do(Kind::kArchive);
  Grant(before, "a");
  EXPECT_EQ(faults_.total(), 0U) << "it may have come first";
  Grant(Ask(), "b");
  EXPECT_EQ(lost(), 1U);
}

TEST_F(CampaignRequestTest, ARefusalForNoEndIsFound) {
  const auto before = Ask();
  Do(Kind::kArchive);
  ledger_.Ended(before);
  ledger_.Ended(Ask());
  Do(Kind::kUnarchive);
  EXPECT_EQ(faults_.total(), 0U);
  ledger_.Ended(Ask());
  EXPECT_EQ(faults_.count(FaultKind::kUnexpected), 1U);
}

TEST_F(CampaignRequestTest, ACampaignUnknownUnderLoadIsLost) {
  Do(Kind::kSetTotal, kHigher, CampaignReply::kNoSuchCampaign);
  EXPECT_EQ(faults_.count(FaultKind::kLost), 1U);
}

}  // namespace
}  // namespace coupond::test
