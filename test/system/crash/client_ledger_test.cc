#include "system/crash/client_ledger.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "support/builders.h"
#include "system/crash/fault_log.h"

// A crash run is only as good as its ledger: these tests fabricate servers with a fault, and each
// fault must be found and named. What is right must pass.
namespace coupond::test {
namespace {

constexpr std::string_view kName = "summer";

class ClientLedgerTest : public testing::Test {
 protected:
  /// Acknowledges a campaign of three coupons that starts at 0 s.
  ClientLedgerTest() {
    ledger_.BeginCreate({.name = std::string(kName), .total_coupons = 3, .start_time = At(0)});
    ledger_.Created(std::string(kName), "id");
  }

  static ShownCoupon Coupon(std::string code, std::int64_t issued_at_s = 1,
                            std::string user_id = {}) {
    return {.code = std::move(code), .issued_at = At(issued_at_s), .user_id = std::move(user_id)};
  }
  ClientLedger::Attempt Ask(const std::string& claim = {}, const std::string& user_id = {}) {
    return ledger_.BeginIssue(std::string(kName), claim, user_id);
  }
  void Acknowledge(const ShownCoupon& coupon, const std::string& claim = {}) {
    ledger_.Granted(Ask(claim), {.coupon = coupon, .already_issued = false}, At(100));
  }
  static ShownCampaign Campaign(std::vector<ShownCoupon> coupons) {
    return {.id = "id",
            .name = std::string(kName),
            .total_coupons = 3,
            .issued_coupons = static_cast<std::int64_t>(coupons.size()),
            .start_time = At(0),
            .coupons = std::move(coupons)};
  }
  /// Checks a restarted server that has only this campaign.
  void Check(ShownCampaign campaign) { ledger_.Check({.campaigns = {std::move(campaign)}}); }
  void CheckCoupons(std::vector<ShownCoupon> coupons) { Check(Campaign(std::move(coupons))); }

  /// Returns the faults as "LOST 2, EARLY 1"; empty if there are none.
  [[nodiscard]] std::string Faults() const {
    std::string text;
    for (std::size_t i = 0; i < kFaultKinds; ++i) {
      const auto kind = static_cast<FaultKind>(i);
      if (faults_.count(kind) == 0) continue;
      text += text.empty() ? "" : ", ";
      text += std::string(FaultName(kind)) + " " + std::to_string(faults_.count(kind));
    }
    return text;
  }

  FaultLog faults_;
  ClientLedger ledger_{faults_};
};

TEST_F(ClientLedgerTest, AcknowledgedCouponsAreNoFault) {
  Acknowledge(Coupon("a"));
  Acknowledge(Coupon("b", 2, "kim"), "user kim");
  CheckCoupons({Coupon("a"), Coupon("b", 2, "kim")});
  ledger_.Granted(Ask("user kim"), {.coupon = Coupon("b", 2, "kim"), .already_issued = true},
                  At(100));
  EXPECT_EQ(Faults(), "");
}

TEST_F(ClientLedgerTest, AMissingAcknowledgedCouponIsLost) {
  Acknowledge(Coupon("a"));
  Acknowledge(Coupon("b"));
  CheckCoupons({Coupon("a")});
  EXPECT_EQ(Faults(), "LOST 1");
  EXPECT_NE(faults_.kept().front().what.find("summer"), std::string::npos);
  EXPECT_NE(faults_.kept().front().what.find("b was given"), std::string::npos);
}

TEST_F(ClientLedgerTest, AMissingCouponThatWasShownIsLost) {
  ledger_.OutcomeUnknown(Ask());
  CheckCoupons({Coupon("a")});
  CheckCoupons({});
  EXPECT_EQ(Faults(), "LOST 1");
}

TEST_F(ClientLedgerTest, ACountedButUnlistedCouponIsLost) {
  ShownCampaign campaign = Campaign({});
  campaign.issued_coupons = 1;
  Check(std::move(campaign));
  EXPECT_EQ(Faults(), "LOST 1");
}

TEST_F(ClientLedgerTest, AMissingCampaignIsLost) {
  ledger_.Check({});
  EXPECT_EQ(Faults(), "LOST 1");
}

TEST_F(ClientLedgerTest, SoldOutWithCouponsLeftIsLost) {
  ledger_.SoldOut(Ask());
  CheckCoupons({});
  EXPECT_EQ(Faults(), "LOST 1");
}

TEST_F(ClientLedgerTest, AForgottenClaimIsLost) {
  Acknowledge(Coupon("a", 1, "kim"), "user kim");
  ledger_.SoldOut(Ask("user kim"));
  EXPECT_EQ(Faults(), "LOST 1");
}

TEST_F(ClientLedgerTest, ARefusedBatchThatHadCouponsIsLost) {
  const auto first = Ask("batch 1, coupon 1");
  ledger_.OutcomeUnknown(first);
  ledger_.BatchRefused({first, Ask("batch 1, coupon 2")}, /*as_sold_out=*/false);
  EXPECT_EQ(Faults(), "") << "it may have come too late";
  Acknowledge(Coupon("a"), "batch 2, coupon 1");
  ledger_.BatchRefused({Ask("batch 2, coupon 1")}, /*as_sold_out=*/false);
  EXPECT_EQ(Faults(), "LOST 1");
  CheckCoupons({Coupon("a"), Coupon("b")});
  EXPECT_EQ(Faults(), "LOST 1, OVER-ISSUED 1") << "the first batch got none";
}

TEST_F(ClientLedgerTest, ABatchThatIsSoldOutSaysNothingOfItsUsers) {
  Acknowledge(Coupon("a", 1, "kim"), "user kim");
  ledger_.BatchRefused({Ask("user kim", "kim")}, /*as_sold_out=*/true);
  EXPECT_EQ(Faults(), "") << "the user may have a coupon";
  CheckCoupons({Coupon("a", 1, "kim")});
  EXPECT_EQ(Faults(), "LOST 1") << "two are left";
}

TEST_F(ClientLedgerTest, ACampaignUnknownUnderLoadIsLost) {
  ledger_.NoSuchCampaign(Ask());
  ledger_.SawNothing(ledger_.BeginLook(std::string(kName)));
  ledger_.SawCampaigns(ledger_.BeginListing(), {});
  EXPECT_EQ(Faults(), "LOST 3");
}

TEST_F(ClientLedgerTest, ALookWithoutAnEarlierCouponIsLost) {
  Acknowledge(Coupon("a"));
  const auto look = ledger_.BeginLook(std::string(kName));
  Acknowledge(Coupon("b"));  // after the look began: it need not be seen
  ledger_.SawAll(look, Campaign({Coupon("a")}));
  EXPECT_EQ(Faults(), "");
  ledger_.SawAll(look, Campaign({Coupon("b")}));
  EXPECT_EQ(Faults(), "LOST 1");
}

TEST_F(ClientLedgerTest, OneCodeForTwoRequestsIsADuplicate) {
  Acknowledge(Coupon("a"));
  Acknowledge(Coupon("a"));
  EXPECT_EQ(Faults(), "DUPLICATE 1");
}

TEST_F(ClientLedgerTest, TwoCodesForOneClaimAreADuplicate) {
  Acknowledge(Coupon("a"), "request 1");
  Acknowledge(Coupon("b"), "request 1");
  EXPECT_EQ(Faults(), "DUPLICATE 1");
}

TEST_F(ClientLedgerTest, ACodeListedTwiceIsADuplicate) {
  Acknowledge(Coupon("a"));
  CheckCoupons({Coupon("a"), Coupon("a")});
  EXPECT_EQ(Faults(), "DUPLICATE 1");
}

TEST_F(ClientLedgerTest, AUserWithTwoCouponsIsADuplicate) {
  ledger_.OutcomeUnknown(Ask("user kim"));
  ledger_.OutcomeUnknown(Ask());
  CheckCoupons({Coupon("a", 1, "kim"), Coupon("b", 1, "kim")});
  EXPECT_EQ(Faults(), "DUPLICATE 1");
}

TEST_F(ClientLedgerTest, UsersMayHaveWhatTheCampaignAllows) {
  ledger_.BeginCreate(
      {.name = "winter", .total_coupons = 9, .start_time = At(0), .coupons_per_user = 2});
  ledger_.Created("winter", "its id");
  ShownCampaign winter = Campaign({Coupon("a", 1, "kim"), Coupon("b", 1, "kim")});
  winter.name = "winter";
  winter.id = "its id";
  winter.total_coupons = 9;
  for (const char* request : {"request 1", "request 2", "request 3"}) {
    ledger_.OutcomeUnknown(ledger_.BeginIssue("winter", request, "kim"));
  }
  ledger_.Check({.campaigns = {Campaign({}), winter}});
  EXPECT_EQ(Faults(), "");
  winter.coupons.push_back(Coupon("c", 1, "kim"));
  winter.issued_coupons = 3;
  ledger_.Check({.campaigns = {Campaign({}), winter}});
  EXPECT_EQ(Faults(), "DUPLICATE 1");
}

TEST_F(ClientLedgerTest, AUserAtTheLimitWithoutCouponsHasLostThem) {
  ledger_.OutcomeUnknown(Ask("request 1", "kim"));
  ledger_.LimitReached(Ask("request 2", "kim"), Coupon("a", 1, "kim"));
  CheckCoupons({Coupon("a", 1, "kim")});
  EXPECT_EQ(Faults(), "");
  CheckCoupons({});
  EXPECT_EQ(Faults(), "LOST 2");  // the coupon that was shown, and the user's only one
}

TEST_F(ClientLedgerTest, AClaimWithACouponThatIsOneTooManyIsLost) {
  Acknowledge(Coupon("a", 1, "kim"), "request 1");
  ledger_.LimitReached(Ask("request 1", "kim"), Coupon("a", 1, "kim"));
  EXPECT_EQ(Faults(), "LOST 1");
}

TEST_F(ClientLedgerTest, AnotherUsersLastCouponIsUnexpected) {
  Acknowledge(Coupon("a", 1, "kim"), "request 1");
  ledger_.LimitReached(Ask("request 2", "lee"), Coupon("a", 1, "kim"));
  EXPECT_EQ(Faults(), "UNEXPECTED 1");
}

TEST_F(ClientLedgerTest, ACodeIssuedAgainAfterACrashIsADuplicate) {
  Acknowledge(Coupon("a", 1));
  CheckCoupons({Coupon("a", 7)});
  EXPECT_EQ(Faults(), "DUPLICATE 1");
}

TEST_F(ClientLedgerTest, ACodeOfADeletedCampaignIsADuplicate) {
  Acknowledge(Coupon("a"));
  ASSERT_TRUE(ledger_.BeginDelete(std::string(kName)));
  ledger_.Deleted(std::string(kName));
  ledger_.BeginCreate({.name = "winter", .total_coupons = 3, .start_time = At(0)});
  ledger_.Created("winter", "other id");
  ledger_.Granted(ledger_.BeginIssue("winter", {}),
                  {.coupon = Coupon("a"), .already_issued = false}, At(100));
  EXPECT_EQ(Faults(), "DUPLICATE 1");
}

TEST_F(ClientLedgerTest, MoreCouponsThanTheTotalAreOverIssued) {
  for (const char* code : {"a", "b", "c"}) Acknowledge(Coupon(code));
  EXPECT_EQ(Faults(), "");
  Acknowledge(Coupon("d"));
  EXPECT_EQ(Faults(), "OVER-ISSUED 1");
}

TEST_F(ClientLedgerTest, ACouponWithoutARequestIsOverIssued) {
  Acknowledge(Coupon("a"));
  CheckCoupons({Coupon("a"), Coupon("b")});
  EXPECT_EQ(Faults(), "OVER-ISSUED 1");
}

TEST_F(ClientLedgerTest, AnUnknownOutcomeMayBeACouponOrNone) {
  ledger_.OutcomeUnknown(Ask());
  ledger_.OutcomeUnknown(Ask());
  CheckCoupons({Coupon("a")});
  EXPECT_EQ(Faults(), "");
  CheckCoupons({Coupon("a"), Coupon("b"), Coupon("c")});
  EXPECT_EQ(Faults(), "OVER-ISSUED 1");
}

TEST_F(ClientLedgerTest, ASecondCouponForARetryIsOverIssued) {
  ledger_.OutcomeUnknown(Ask("request 1"));
  CheckCoupons({Coupon("a")});
  EXPECT_EQ(Faults(), "");  // it may be that of request 1
  Acknowledge(Coupon("b"), "request 1");
  CheckCoupons({Coupon("a"), Coupon("b")});
  EXPECT_EQ(Faults(), "OVER-ISSUED 1");
}

TEST_F(ClientLedgerTest, ACouponFromBeforeTheStartIsEarly) {
  ledger_.OutcomeUnknown(Ask());
  CheckCoupons({Coupon("a", -1)});
  EXPECT_EQ(Faults(), "EARLY 1");
}

TEST_F(ClientLedgerTest, AnAnswerBeforeTheStartIsEarly) {
  ledger_.Granted(Ask(), {.coupon = Coupon("a"), .already_issued = false}, At(-1));
  EXPECT_EQ(Faults(), "EARLY 1");
}

TEST_F(ClientLedgerTest, ADeletedCampaignThatExistsHasReturned) {
  ASSERT_TRUE(ledger_.BeginDelete(std::string(kName)));
  ledger_.Deleted(std::string(kName));
  ledger_.Check({});
  EXPECT_EQ(Faults(), "");
  CheckCoupons({});
  EXPECT_EQ(Faults(), "RETURNED 1");
  ledger_.SawCampaigns(ledger_.BeginListing(), {std::string(kName)});
  EXPECT_EQ(Faults(), "RETURNED 2");
  Acknowledge(Coupon("a"));
  EXPECT_EQ(Faults(), "RETURNED 3");
}

TEST_F(ClientLedgerTest, ARestartSettlesAnUnknownDeletion) {
  ASSERT_TRUE(ledger_.BeginDelete(std::string(kName)));
  CheckCoupons({});
  EXPECT_EQ(ledger_.Find(std::string(kName)).life, ClientLedger::Life::kLive);
  ASSERT_TRUE(ledger_.BeginDelete(std::string(kName)));
  ledger_.Check({});
  EXPECT_EQ(ledger_.Find(std::string(kName)).life, ClientLedger::Life::kGone);
  EXPECT_EQ(Faults(), "");
  CheckCoupons({});
  EXPECT_EQ(Faults(), "RETURNED 1");
}

TEST_F(ClientLedgerTest, ARestartSettlesAnUnknownCreation) {
  for (const char* name : {"autumn", "winter"}) {
    ledger_.BeginCreate({.name = name, .total_coupons = 3, .start_time = At(0)});
  }
  ShownCampaign autumn = Campaign({});
  autumn.name = "autumn";
  autumn.id = "its id";
  ledger_.Check({.campaigns = {Campaign({}), autumn}});
  EXPECT_EQ(ledger_.Find("autumn").life, ClientLedger::Life::kLive);
  EXPECT_EQ(ledger_.Find("autumn").id, "its id");
  EXPECT_EQ(ledger_.Find("winter").life, ClientLedger::Life::kGone);
  EXPECT_EQ(Faults(), "");
  ShownCampaign winter = autumn;
  winter.name = "winter";
  ledger_.Check({.campaigns = {Campaign({}), autumn, winter}});
  EXPECT_EQ(Faults(), "RETURNED 1");
}

TEST_F(ClientLedgerTest, ACampaignThatNobodyCreatedHasReturned) {
  ShownCampaign other = Campaign({});
  other.name = "whose is this";
  ledger_.Check({.campaigns = {Campaign({}), other}});
  EXPECT_EQ(Faults(), "RETURNED 1");
}

TEST_F(ClientLedgerTest, OtherTermsAreUnexpected) {
  ShownCampaign campaign = Campaign({});
  campaign.start_time = At(1);
  Check(std::move(campaign));
  EXPECT_EQ(Faults(), "UNEXPECTED 1");
}

}  // namespace
}  // namespace coupond::test
