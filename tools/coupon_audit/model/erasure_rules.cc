#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "coupon_audit/model/log_model.h"

// The part of the auditor's rules that is about erasing users: which coupons lose theirs, and which
// texts are missing in the log.
namespace coupond::audit {
namespace {

// From the documents, like the limits in terms_check.cc.
constexpr std::size_t kErasedCouponsMax = 10'000;

Audited<void> CheckErasedSerials(const std::vector<Serial>& serials, const Place& place) {
  if (serials.empty() || serials.size() > kErasedCouponsMax) {
    return Unsound(ViolationKind::kErasedCouponsWrong, place,
                   fmt::format("the erasure names {} coupons", serials.size()));
  }
  const auto unordered = std::ranges::adjacent_find(serials, std::ranges::greater_equal());
  if (unordered == serials.end()) return {};
  return Unsound(
      ViolationKind::kErasedCouponsWrong, place,
      fmt::format("serial {} comes before {}", unordered->value(), (unordered + 1)->value()));
}

}  // namespace

Audited<void> LogModel::CheckTextMayBeMissing(Serial coupon, const Moment& moment,
                                              const Place& place) const {
  if (erasures_.Find(coupon) || erasures_.IsRestoredAfter(moment.sequence)) return {};
  return Unsound(ViolationKind::kUserIdMissing, place,
                 "the coupon has a holder, but there is no user_id beside its group, and nothing "
                 "says that the user was erased");
}

void LogModel::NoteText(const CouponIssued& event) {
  const bool is_erased = erasures_.Find(event.serial).has_value();
  if (!event.holder) {
    if (is_erased) erased_without_user_.insert(event.serial);
  } else if (event.user_id.empty() && !is_erased) {
    lost_texts_.insert(event.serial);
  }
}

template <>
Audited<void> LogModel::On(const UserErased& event, const Moment& moment) {
  const Place place = PlaceOf(moment, event.campaign);
  ModelCampaign& campaign = *TRY(FindCreated(event.campaign, place));
  TRY(CheckErasedSerials(event.serials, place));
  std::vector<std::uint64_t> ordinals;
  for (const Serial serial : event.serials) {
    const std::uint64_t ordinal = TRY(FindIssued(campaign, serial, place));
    ordinals.push_back(ordinal);
    if (erased_without_user_.contains(serial)) {
      return Unsound(ViolationKind::kErasedCouponsWrong, place,
                     fmt::format("serial {} was issued without a user", serial.value()));
    }
    const std::optional<Sequence> before = erasures_.Find(serial);
    if (before && *before < moment.sequence) {
      return Unsound(ViolationKind::kErasedTwice, place,
                     fmt::format("the user of serial {} was erased at sequence {}", serial.value(),
                                 before->value()));
    }
  }
  TRY(CheckIsNew(event.request, place));
  for (const std::uint64_t ordinal : ordinals) {
    // No user gets coupons of a deleted campaign.
    if (!event.claims_freed || !campaign.live()) break;
    ModelCoupon coupon = campaign.CouponAt(ordinal);
    if (coupon.claim_freed) continue;
    coupon.claim_freed = true;
    campaign.SetCoupon(ordinal, coupon);
    campaign.holders.Free(ordinal);
  }
  erasures_.Note(event, moment.sequence);
  unfinished_erasures_.emplace(moment.sequence, event);
  Remember(event.request, moment);
  return {};
}

template <>
Audited<void> LogModel::On(const ErasureFinished& event, const Moment& moment) {
  if (!unfinished_erasures_.contains(event.erasure)) {
    return Unsound(ViolationKind::kErasureFinishedWrong,
                   {.group = moment.group, .sequence = moment.sequence, .campaign = {}},
                   fmt::format("the event of sequence {} is no erasure that was not finished yet",
                               event.erasure.value()));
  }
  unfinished_erasures_.erase(unfinished_erasures_.begin(),
                             unfinished_erasures_.upper_bound(event.erasure));
  erasures_.Note(event, moment.sequence);
  return {};
}

}  // namespace coupond::audit
