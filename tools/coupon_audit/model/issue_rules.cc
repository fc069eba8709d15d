#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "common/moment_text.h"
#include "coupon_audit/model/log_model.h"
#include "coupon_audit/model/terms_check.h"

// The part of the auditor's rules that is about issuing: when, with which serial, and to whom.
namespace coupond::audit {
namespace {

// From the documents, like the limits in terms_check.cc.
constexpr std::uint32_t kCouponsPerBatchMax = 10'000;

/// Checks that the campaign gives out coupons at this moment.
Audited<void> CheckIsOpen(const ModelCampaign& campaign, Timestamp now, const Place& place) {
  if (campaign.archived) {
    return Unsound(
        ViolationKind::kIssuedWhileArchived, place,
        fmt::format("the campaign was archived at {}", tools::FormatMoment(*campaign.archived)));
  }
  const Timestamp end = std::min(campaign.end, campaign.expiry);
  if (end != kNever && now >= end) {
    return Unsound(ViolationKind::kIssuedAfterEnd, place,
                   fmt::format("the coupon was issued {} ns after {}", now.Since(end).count(),
                               end == campaign.end ? "the end" : "all coupons expired"));
  }
  if (now < campaign.start) {
    return Unsound(ViolationKind::kIssuedBeforeStart, place,
                   fmt::format("the coupon was issued {} ns before the start",
                               campaign.start.Since(now).count()));
  }
  if (campaign.issuing_paused) {
    return Unsound(ViolationKind::kIssuedWhilePaused, place,
                   "the campaign's issuing was paused, and not resumed");
  }
  return {};
}

/// Checks that this coupon is the campaign's next one.
Audited<void> CheckSerial(const ModelCampaign& campaign, Serial serial, const Place& place) {
  const std::optional<std::uint64_t> ordinal = campaign.OrdinalOf(serial);
  const auto serials = [&] {
    return fmt::format("the serials {} are the campaign's, and {} of them were issued",
                       SerialsText(campaign.serials), campaign.ordinals());
  };
  if (ordinal && *ordinal < campaign.ordinals()) {
    return Unsound(ViolationKind::kDuplicateSerial, place,
                   fmt::format("serial {} was issued earlier; {}", serial.value(), serials()));
  }
  if (campaign.issued >= campaign.total) {
    return Unsound(ViolationKind::kOverIssue, place,
                   fmt::format("coupon {} of {} was issued", campaign.issued + 1, campaign.total));
  }
  if (!ordinal) {
    return Unsound(ViolationKind::kSerialOutOfRange, place,
                   fmt::format("serial {} was issued; {}", serial.value(), serials()));
  }
  if (*ordinal != campaign.ordinals()) {
    return Unsound(ViolationKind::kSerialSkipped, place,
                   fmt::format("serial {} was issued, but serial {} was next", serial.value(),
                               campaign.SerialOf(campaign.ordinals())->value()));
  }
  return {};
}

/// Checks which of the two digests the coupon has.
Audited<void> CheckKeys(const ModelCampaign& campaign, const CouponIssued& event,
                        const Place& place) {
  if (!event.holder) {
    if (!campaign.user_required) return {};
    return Unsound(ViolationKind::kIssuedWithoutUser, place,
                   "the campaign requires a user, but the coupon has no holder");
  }
  if (event.request_key.has_value() == (campaign.coupons_per_user > 1)) return {};
  return Unsound(ViolationKind::kCouponKeysWrong, place,
                 fmt::format("each user may have {}, and the coupon has a holder {} a request key",
                             campaign.coupons_per_user, event.request_key ? "and" : "without"));
}

/// Checks that the same caller does not have a coupon already, and may have one more.
Audited<void> CheckMayGetOne(const ModelCampaign& campaign, const CouponIssued& event,
                             const Place& place) {
  const std::optional<Claim>& claim = event.request_key ? event.request_key : event.holder;
  if (!claim) return {};
  const auto before = campaign.claims.find(*claim);
  if (before != campaign.claims.end() && !campaign.CouponAt(before->second).claim_freed) {
    return Unsound(
        ViolationKind::kClaimGivenTwice, place,
        fmt::format("the claim got serial {} earlier", campaign.SerialOf(before->second)->value()));
  }
  if (!event.holder || campaign.coupons_per_user == 1) return {};
  const std::uint64_t coupons = campaign.holders.CountOf(*event.holder);
  if (coupons < campaign.coupons_per_user) return {};
  return Unsound(ViolationKind::kUserLimitExceeded, place,
                 fmt::format("the user had {} coupons, and each may have {}", coupons,
                             campaign.coupons_per_user));
}

}  // namespace

Audited<void> LogModel::CheckUser(const ModelCampaign& campaign, const CouponIssued& event,
                                  const Moment& moment) {
  const Place place = PlaceOf(moment, event.campaign);
  TRY(CheckUserId(event.user_id, place));
  if (event.user_id.empty()) {
    return event.holder ? CheckTextMayBeMissing(event.serial, moment, place) : Audited<void>();
  }
  if (const auto erasure = erasures_.Find(event.serial);
      erasure && erasures_.IsFinished(*erasure)) {
    return Unsound(
        ViolationKind::kUserIdNotErased, place,
        fmt::format("the user was erased at sequence {}, and that was finished, but there "
                    "is a user_id beside the group",
                    erasure->value()));
  }
  if (event.holder == digest_->Of(campaign.id, ClaimKind::kUser, event.user_id)) return {};
  return Unsound(ViolationKind::kClaimWrong, place,
                 event.holder
                     ? "the coupon has a user_id, but the holder is something else's digest"
                     : "the coupon has a user_id, but no holder");
}

template <>
Audited<void> LogModel::On(const CouponIssued& event, const Moment& moment) {
  const Place place = PlaceOf(moment, event.campaign);
  ModelCampaign& campaign = *TRY(FindLive(event.campaign, place));
  TRY(CheckIsOpen(campaign, moment.time, place));
  TRY(CheckSerial(campaign, event.serial, place));
  TRY(CheckKeys(campaign, event, place));
  TRY(CheckUser(campaign, event, moment));
  TRY(CheckMayGetOne(campaign, event, place));
  const auto ordinal = static_cast<std::uint32_t>(campaign.ordinals());
  if (event.request_key) {
    campaign.claims.insert_or_assign(*event.request_key, ordinal);
    if (event.holder) campaign.holders.Add(*event.holder, ordinal);
  } else if (event.holder) {
    campaign.claims.insert_or_assign(*event.holder, ordinal);
  }
  if (event.holder) campaign.issued_to_users = true;
  NoteText(event);
  campaign.NoteIssue(moment.time);
  ++campaign.issued;
  ++issued_;
  if (campaign.issued == campaign.total) NoteSoldOut(campaign, moment);
  return {};
}

template <>
Audited<void> LogModel::On(const BatchIssued& event, const Moment& moment) {
  const Place place = PlaceOf(moment, event.campaign);
  const ModelCampaign& campaign = *TRY(FindLive(event.campaign, place));
  TRY(CheckIsOpen(campaign, moment.time, place));
  if (event.coupons < 1 || event.coupons > kCouponsPerBatchMax) {
    return Unsound(ViolationKind::kBatchSizeWrong, place,
                   fmt::format("the batch has {} coupons", event.coupons));
  }
  TRY(CheckIsNew(event.request, place));
  // The coupons themselves are judged one by one.
  batch_ = OpenBatch{.since = moment,
                     .campaign = event.campaign,
                     .coupons = event.coupons,
                     .coupons_due = event.coupons};
  Remember(event.request, moment);
  return {};
}

}  // namespace coupond::audit
