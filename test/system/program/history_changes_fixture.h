#ifndef COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_CHANGES_FIXTURE_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_CHANGES_FIXTURE_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include "system/program/fabricated_history.h"

namespace coupond::test {

inline constexpr const char* kCode = "code C";

/// What becomes of a coupon and of its campaign. Goes on where the fabricated history ends: at
/// event 7, the issue of code C, second 1,014.
class HistoryChangesTest : public HistoryCheckTest {
 protected:
  using Facts = std::map<std::string, std::string>;

  api::RedeemCouponResponse& Redeem(std::uint64_t sequence, const std::string& id = {},
                                    bool already_redeemed = false) {
    api::RedeemCouponResponse response;
    response.set_success(true);
    response.set_already_redeemed(already_redeemed);
    response.set_sequence(sequence);
    return std::get<api::RedeemCouponResponse>(Add(RedemptionOf(id), response).reply);
  }
  void RefuseRedeem(api::Refusal refusal, std::uint64_t sequence, const std::string& id = {}) {
    api::RedeemCouponResponse response;
    response.set_refusal(refusal);
    response.set_sequence(sequence);
    Add(RedemptionOf(id), response);
  }
  void Cancel(std::uint64_t redemption, std::uint64_t sequence, const std::string& id = {}) {
    Add(CancellationOf(redemption, id), Changed<api::CancelRedemptionResponse>(sequence, true));
  }
  void RefuseCancel(std::uint64_t redemption, api::Refusal refusal, std::uint64_t sequence,
                    Facts facts = {}) {
    Add(CancellationOf(redemption, {}), Detail(refusal, sequence)).facts = std::move(facts);
  }
  void Void(bool returned, std::uint64_t sequence, bool changed = true,
            const std::string& id = {}) {
    api::VoidCouponRequest request;
    request.set_code(kCode);
    request.set_return_to_pool(returned);
    request.set_request_id(id);
    Add(request, Changed<api::VoidCouponResponse>(sequence, changed));
  }
  void RefuseVoid(api::Refusal refusal, std::uint64_t sequence, Facts facts = {}) {
    api::VoidCouponRequest request;
    request.set_code(kCode);
    Add(request, Detail(refusal, sequence)).facts = std::move(facts);
  }
  void SetTotal(int total, std::uint64_t sequence, const std::string& id = {}) {
    Add(TotalOf(total, id), Changed<api::UpdateCampaignResponse>(sequence, true));
  }
  void RefuseTotal(int total, api::Refusal refusal, std::uint64_t sequence, Facts facts = {}) {
    Add(TotalOf(total, {}), Detail(refusal, sequence)).facts = std::move(facts);
  }
  /// Refuses a change of the total, because the campaign has not this revision.
  void RefuseRevision(std::uint64_t revision, std::uint64_t sequence, Facts facts) {
    api::UpdateCampaignRequest request = TotalOf(9, {});
    request.set_if_revision(revision);
    Add(request, Detail(api::REFUSAL_CHANGED_MEANWHILE, sequence)).facts = std::move(facts);
  }
  /// Refuses a batch of so many coupons, because not enough are left.
  void RefuseBatch(int count, std::uint64_t sequence, Facts facts) {
    api::BatchIssueCouponsRequest request;
    request.set_campaign_id(kSummer);
    request.set_count(count);
    Add(request, Detail(api::REFUSAL_NOT_ENOUGH_LEFT, sequence)).facts = std::move(facts);
  }
  void Pause(api::PauseScope scope, std::uint64_t sequence, bool changed = true) {
    api::PauseCampaignRequest request;
    request.set_campaign_id(kSummer);
    request.set_scope(scope);
    Add(request, Changed<api::PauseCampaignResponse>(sequence, changed));
  }
  void Resume(api::PauseScope scope, std::uint64_t sequence) {
    api::ResumeCampaignRequest request;
    request.set_campaign_id(kSummer);
    request.set_scope(scope);
    Add(request, Changed<api::ResumeCampaignResponse>(sequence, true));
  }
  void Archive(std::uint64_t sequence) {
    api::ArchiveCampaignRequest request;
    request.set_campaign_id(kSummer);
    Add(request, Changed<api::ArchiveCampaignResponse>(sequence, true));
  }
  void Unarchive(std::uint64_t sequence) {
    api::UnarchiveCampaignRequest request;
    request.set_campaign_id(kSummer);
    Add(request, Changed<api::UnarchiveCampaignResponse>(sequence, true));
  }
  void SetSoldOutTime(std::int64_t second) {
    std::get<api::IssueCouponResponse>(history_.back().reply)
        .mutable_sold_out_at()
        ->set_seconds(second);
  }
  static void Show(api::RedeemCouponResponse& response) {
    api::Coupon& coupon = *response.mutable_coupon();
    coupon.set_code(kCode);
    coupon.set_campaign_id(kSummer);
    coupon.set_user_id("minji");
    coupon.mutable_issued_at()->set_seconds(1'014);
    coupon.mutable_redemption()->set_sequence(response.sequence());
    coupon.mutable_redemption()->mutable_redeemed_at()->set_seconds(1'015);
  }

 private:
  static api::RedeemCouponRequest RedemptionOf(const std::string& id) {
    api::RedeemCouponRequest request;
    request.set_code(kCode);
    request.set_request_id(id);
    return request;
  }
  static api::CancelRedemptionRequest CancellationOf(std::uint64_t redemption,
                                                     const std::string& id) {
    api::CancelRedemptionRequest request;
    request.set_code(kCode);
    request.set_redemption_sequence(redemption);
    request.set_request_id(id);
    return request;
  }
  static api::UpdateCampaignRequest TotalOf(int total, const std::string& id) {
    api::UpdateCampaignRequest request;
    request.mutable_campaign()->set_id(kSummer);
    request.mutable_campaign()->set_total_coupons(total);
    request.set_request_id(id);
    return request;
  }
  template <typename Response>
  static Response Changed(std::uint64_t sequence, bool changed) {
    Response response;
    response.set_changed(changed);
    response.set_sequence(sequence);
    return response;
  }
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_CHANGES_FIXTURE_H_
