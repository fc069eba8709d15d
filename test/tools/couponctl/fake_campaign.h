#ifndef COUPOND_TEST_TOOLS_COUPONCTL_FAKE_CAMPAIGN_H_
#define COUPOND_TEST_TOOLS_COUPONCTL_FAKE_CAMPAIGN_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"
#include "support/fake_server.h"

namespace coupond::ctl {

/// One campaign in memory, as a handler for a FakeServer. It behaves correctly; tests wrap it to
/// plant faults. Any thread.
class FakeCampaign {
 public:
  static constexpr const char* kId = "11111111-2222-4333-8444-555555555555";
  static constexpr std::int64_t kStartSeconds = 1'700'000'000;

  explicit FakeCampaign(int total) : total_(total) {}

  test::FakeAnswer Handle(std::string_view method, std::string_view body) {
    const std::lock_guard lock(mutex_);
    if (method == "IssueCoupon") return Message(Issue(Parse<coupon::v1::IssueCouponRequest>(body)));
    if (method == "RedeemCoupon") {
      return Message(Redeem(Parse<coupon::v1::RedeemCouponRequest>(body)));
    }
    if (method == "GetCampaign") return GetCampaign(body);
    if (method == "GetCampaignStatus") return Message(Status());
    if (method == "ListCoupons") return Message(List(Parse<coupon::v1::ListCouponsRequest>(body)));
    return {.status = 404,
            .content_type = "application/json",
            .body = R"({"code":"not_found","message":"no such method"})"};
  }

  /// Returns the request_id of every IssueCoupon request, in the order of arrival.
  [[nodiscard]] std::vector<std::string> request_ids() const {
    const std::lock_guard lock(mutex_);
    return request_ids_;
  }
  [[nodiscard]] int issued() const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(coupons_.size());
  }
  /// Returns every RedeemCoupon request, in the order of arrival.
  [[nodiscard]] std::vector<coupon::v1::RedeemCouponRequest> redemptions() const {
    const std::lock_guard lock(mutex_);
    return redemptions_;
  }
  [[nodiscard]] int redeemed() const {
    const std::lock_guard lock(mutex_);
    return redeemed_;
  }
  /// What GetCampaign says besides the figures, as far as this campaign obeys it: coupons_per_user
  /// and redeeming_paused.
  coupon::v1::Campaign terms;
  /// The code of the next coupons if not empty, and their issue time.
  std::string planted_code;
  std::int64_t issued_at_seconds = kStartSeconds + 1;

 private:
  template <typename Message>
  static Message Parse(std::string_view body) {
    Message message;
    message.ParseFromArray(body.data(), static_cast<int>(body.size()));
    return message;
  }
  static test::FakeAnswer Message(const google::protobuf::MessageLite& message) {
    return {.body = message.SerializeAsString()};
  }

  test::FakeAnswer GetCampaign(std::string_view body) {
    if (Parse<coupon::v1::GetCampaignRequest>(body).campaign_id() != kId) {
      return {.status = 404,
              .content_type = "application/json",
              .body = R"({"code":"not_found","message":"no such campaign"})"};
    }
    coupon::v1::GetCampaignResponse response;
    *response.mutable_campaign() = terms;
    response.mutable_campaign()->set_id(kId);
    response.mutable_campaign()->set_name("여름");
    response.mutable_campaign()->set_total_coupons(total_);
    response.mutable_campaign()->set_issued_coupons(static_cast<int>(coupons_.size()));
    response.mutable_campaign()->set_redeemed_coupons(redeemed_);
    response.mutable_campaign()->mutable_start_time()->set_seconds(kStartSeconds);
    for (const auto& coupon : coupons_) *response.add_coupons() = coupon;
    return Message(response);
  }

  coupon::v1::IssueCouponResponse Issue(const coupon::v1::IssueCouponRequest& request) {
    request_ids_.push_back(request.request_id());
    coupon::v1::IssueCouponResponse response;
    const bool several_each = terms.coupons_per_user() > 1;
    std::string asker =
        request.user_id().empty() ? request.request_id() : "user " + request.user_id();
    if (several_each && !request.user_id().empty()) asker += " request " + request.request_id();
    const auto known = by_asker_.find(asker);
    if (!asker.empty() && known != by_asker_.end()) {
      response.set_success(true);
      response.set_already_issued(true);
      *response.mutable_coupon() = coupons_[known->second];
      return response;
    }
    if (several_each && of_user_[request.user_id()] >= terms.coupons_per_user()) {
      response.set_error("the user has as many as allowed");
      response.set_refusal(coupon::v1::REFUSAL_USER_LIMIT_REACHED);
      return response;
    }
    if (coupons_.size() >= static_cast<std::size_t>(total_)) {
      response.set_error("no more coupons available");
      response.set_refusal(coupon::v1::REFUSAL_SOLD_OUT);
      return response;
    }
    coupon::v1::Coupon coupon;
    coupon.set_code(planted_code.empty() ? "가나" + std::to_string(10'000'000 + coupons_.size())
                                         : planted_code);
    coupon.set_campaign_id(kId);
    coupon.mutable_issued_at()->set_seconds(issued_at_seconds);
    if (!request.user_id().empty()) coupon.set_user_id(request.user_id());
    coupon.set_state(coupon::v1::COUPON_STATE_ISSUED);
    by_asker_[asker] = coupons_.size();
    by_code_.try_emplace(coupon.code(), coupons_.size());
    if (!request.user_id().empty()) ++of_user_[request.user_id()];
    coupons_.push_back(coupon);
    response.set_success(true);
    *response.mutable_coupon() = coupon;
    return response;
  }

  coupon::v1::RedeemCouponResponse Redeem(const coupon::v1::RedeemCouponRequest& request) {
    redemptions_.push_back(request);
    coupon::v1::RedeemCouponResponse response;
    const auto refuse = [&response](coupon::v1::Refusal refusal) {
      response.set_error("refused");
      response.set_refusal(refusal);
      return response;
    };
    const auto known = by_code_.find(request.code());
    if (known == by_code_.end()) return refuse(coupon::v1::REFUSAL_NO_SUCH_COUPON);
    coupon::v1::Coupon& coupon = coupons_[known->second];
    *response.mutable_coupon() = coupon;
    if (coupon.has_redemption()) {
      if (coupon.redemption().request_id() != request.request_id()) {
        return refuse(coupon::v1::REFUSAL_COUPON_ALREADY_REDEEMED);
      }
      response.set_already_redeemed(true);
    } else {
      if (terms.redeeming_paused()) return refuse(coupon::v1::REFUSAL_REDEEMING_PAUSED);
      ++redeemed_;
      coupon.set_state(coupon::v1::COUPON_STATE_REDEEMED);
      coupon.mutable_redemption()->set_request_id(request.request_id());
    }
    response.set_success(true);
    *response.mutable_coupon() = coupon;
    return response;
  }

  static coupon::v1::GetCampaignStatusResponse Status() {
    coupon::v1::GetCampaignStatusResponse response;
    response.mutable_server_time()->set_seconds(kStartSeconds + 1);
    return response;
  }

  // A page has at most three coupons, whatever size was requested, so that every list has several.
  coupon::v1::ListCouponsResponse List(const coupon::v1::ListCouponsRequest& request) {
    const std::size_t from = request.page_token().empty() ? 0 : std::stoul(request.page_token());
    const std::size_t size =
        std::min<std::size_t>(3, static_cast<std::size_t>(request.page_size()));
    coupon::v1::ListCouponsResponse response;
    for (std::size_t i = from; i < from + size && i < coupons_.size(); ++i) {
      *response.add_coupons() = coupons_[i];
    }
    if (from + size < coupons_.size()) {
      response.set_next_page_token(std::to_string(from + size));
    }
    return response;
  }

  mutable std::mutex mutex_;
  int total_;
  std::vector<coupon::v1::Coupon> coupons_;
  std::map<std::string, std::size_t> by_asker_;  ///< by request_id and user_id
  std::map<std::string, std::size_t> by_code_;
  std::map<std::string, std::int32_t> of_user_;  ///< the number of coupons, by user_id
  std::vector<std::string> request_ids_;
  std::vector<coupon::v1::RedeemCouponRequest> redemptions_;
  int redeemed_ = 0;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TEST_TOOLS_COUPONCTL_FAKE_CAMPAIGN_H_
