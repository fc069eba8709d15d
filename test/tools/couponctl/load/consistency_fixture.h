#ifndef COUPOND_TEST_TOOLS_COUPONCTL_LOAD_CONSISTENCY_FIXTURE_H_
#define COUPOND_TEST_TOOLS_COUPONCTL_LOAD_CONSISTENCY_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/moment_text.h"
#include "couponctl/load/consistency_check.h"

namespace coupond::ctl {

inline constexpr const char* kCampaign = "c-1";
inline const Timestamp kStart = Timestamp::FromUnixNanoseconds(1'000'000'000);
inline const Timestamp kLater = kStart.Plus(std::chrono::seconds(1));

/// A campaign of ten coupons. Two were issued before, and clients got three more.
class ConsistencyCheckTest : public testing::Test {
 protected:
  void Hold(const std::string& code, Timestamp issued_at = kLater, bool in_campaign = true) {
    held_.push_back({.code = CodeText::From(code).value(),
                     .issued_at = issued_at,
                     .in_campaign = in_campaign,
                     .for_user = true,
                     .is_new = true});
  }
  void List(const std::string& code, Timestamp issued_at = kLater,
            const std::string& campaign = kCampaign) {
    coupon::v1::Coupon coupon;
    coupon.set_code(code);
    coupon.set_campaign_id(campaign);
    *coupon.mutable_issued_at() = tools::ToMessage(issued_at);
    coupon.set_state(coupon::v1::COUPON_STATE_ISSUED);
    listed_.push_back(coupon);
  }
  void HoldFor(std::uint32_t user, const std::string& code) {
    Hold(code);
    held_.back().user = user;
  }
  void ListFor(const std::string& user_id, const std::string& code) {
    List(code);
    listed_.back().set_user_id(user_id);
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
    ConsistencyCheck check({.id = kCampaign, .start_time = kStart, .before = before_}, held_, load);
    for (const auto& coupon : listed_) check.AddListed(coupon);
    for (const auto& [code, outcome] : again_) check.AddSecondRedemption(code, outcome);
    CampaignFigures after = after_.value_or(before_);
    after.issued = issued_after;
    return check.Finish(after);
  }
  static auto IsFault(Fault::Kind kind, const std::string& part) {
    return testing::AllOf(testing::Field(&Fault::kind, kind),
                          testing::Field(&Fault::message, testing::HasSubstr(part)));
  }

  std::vector<HeldCoupon> held_;
  std::vector<coupon::v1::Coupon> listed_;
  std::vector<std::pair<std::string, RedeemOutcome>> again_;  ///< second redemptions
  CampaignFigures before_{.total = 10, .issued = 2};
  std::optional<CampaignFigures> after_;  ///< but for the issued ones; nullopt: as before
};

}  // namespace coupond::ctl

#endif  // COUPOND_TEST_TOOLS_COUPONCTL_LOAD_CONSISTENCY_FIXTURE_H_
