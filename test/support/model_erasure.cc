#include <utility>

#include "support/model.h"

// What the model expects of commands that erase users.
namespace coupond::test {

ModelOutcome Model::JudgeCommand(const EraseUser& command, Timestamp time) {
  if (auto answer = AnswerRepeated(command.request)) return *std::move(answer);
  if (command.coupons.empty()) return Unchanged(CampaignNumber());
  ModelOutcome outcome;
  for (const CouponsToErase& erased : command.coupons) {
    const bool is_first = !outcome.has_event();
    ModelOutcome next = Happened(ModelOutcome::Kind::kChanged, erased.campaign, time,
                                 UserErased{.campaign = erased.campaign,
                                            .serials = erased.serials,
                                            .claims_freed = command.free_claims,
                                            .request = is_first ? command.request : std::nullopt});
    for (const Serial serial : erased.serials) {
      const auto [number, ordinal] = coupon_of_serial_.at(serial);
      ModelCampaign& campaign = campaigns_.at(number);
      ModelCoupon& coupon = campaign.coupons[ordinal];
      if (!coupon.erased) coupon.erased = next.sequence;
      CouponStatus status = coupon.status();
      if (campaign.deleted || !command.free_claims || status.claim_freed) continue;
      status.claim_freed = true;
      coupon.changes.push_back({.since = next.sequence, .status = std::move(status)});
    }
    if (is_first) {
      outcome = std::move(next);
      Remember(command.request);
    } else {
      outcome.following.push_back(*std::move(next.event));
    }
  }
  return outcome;
}

ModelOutcome Model::JudgeCommand(const FinishErasure& command, Timestamp time) {
  return Happened(ModelOutcome::Kind::kChanged, CampaignNumber(), time,
                  ErasureFinished{.erasure = command.erasure});
}

}  // namespace coupond::test
