#include "engine/views/coupon_reader.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace coupond {
namespace {

constexpr std::string_view kLacksCoupons =
    "the views lack coupons of a campaign; stop the server and remove the views folder, the next "
    "start rebuilds it from the log";

/// Returns the element for an offset, or nullptr. `next` is where to look; the offsets of the calls
/// grow.
template <typename Element>
Element* FindAt(std::vector<Element>& elements, std::size_t& next, std::uint64_t offset) {
  while (next < elements.size() && elements[next].offset < offset) ++next;
  return next < elements.size() && elements[next].offset == offset ? &elements[next] : nullptr;
}

}  // namespace

CouponReader::CouponReader(std::unique_ptr<CouponCursor> cursor, const Campaign& campaign,
                           OrdinalRange ordinals)
    : cursor_(std::move(cursor)),
      serials_(campaign.serials),
      next_ordinal_(ordinals.first),
      end_ordinal_(ordinals.end) {}

Result<CouponReader> CouponReader::Open(const ViewStore& views, const Campaign& campaign,
                                        std::uint64_t first_ordinal, std::uint64_t count_max) {
  const std::uint64_t issued = campaign.ordinals();
  const std::uint64_t left = issued - std::min(first_ordinal, issued);
  const OrdinalRange ordinals{.first = first_ordinal,
                              .end = first_ordinal + std::min(left, count_max)};
  std::unique_ptr<CouponCursor> cursor = TRY(views.OpenCoupons(campaign.number, ordinals));
  return CouponReader(std::move(cursor), campaign, ordinals);
}

Result<std::vector<CouponRow>> CouponReader::Next(std::size_t limit) {
  std::vector<CouponRow> coupons;
  if (at_end()) return coupons;
  coupons.reserve(std::min<std::uint64_t>(limit, end_ordinal_ - next_ordinal_));
  while (coupons.size() < limit && !at_end()) {
    if (!run_ || next_ordinal_ >= run_->first_ordinal + run_->count) {
      std::optional<CouponRun> next = TRY(cursor_->Next());
      if (!next || next->first_ordinal > next_ordinal_) {
        return MakeError(ErrorCode::kViewsDamaged, std::string(kLacksCoupons));
      }
      run_ = std::move(next);
      next_holder_ = 0;
      next_changed_ = 0;
      continue;
    }
    const std::uint64_t offset = next_ordinal_ - run_->first_ordinal;
    CouponRow& coupon = coupons.emplace_back();
    coupon.ordinal = next_ordinal_;
    coupon.serial = serials_.At(next_ordinal_);
    coupon.issued_at = run_->issued_at;
    if (auto* const holder = FindAt(run_->holders, next_holder_, offset)) {
      coupon.user_id = std::move(holder->user_id);
    }
    if (auto* const changed = FindAt(run_->changed, next_changed_, offset)) {
      coupon.status = std::move(changed->status);
    }
    ++next_ordinal_;
  }
  return coupons;
}

Result<std::vector<std::optional<CouponRow>>> ReadCoupons(const ViewStore& views,
                                                          const Campaign& campaign,
                                                          std::span<const std::uint64_t> ordinals) {
  std::vector<std::optional<CouponRow>> coupons(ordinals.size());
  const auto behind = std::ranges::lower_bound(ordinals, campaign.ordinals());
  ordinals = ordinals.first(static_cast<std::size_t>(behind - ordinals.begin()));
  if (ordinals.empty()) return coupons;
  std::vector<std::optional<StoredCoupon>> stored =
      TRY(views.FindCoupons(campaign.number, ordinals));
  for (std::size_t i = 0; i < stored.size(); ++i) {
    if (!stored[i]) {
      // All of them are of one moment, so the campaign was not there for any.
      if (!TRY(views.FindCampaign(campaign.id))) break;
      return MakeError(ErrorCode::kViewsDamaged, std::string(kLacksCoupons));
    }
    coupons[i] = CouponRow{.ordinal = ordinals[i],
                           .serial = campaign.serials.At(ordinals[i]),
                           .issued_at = stored[i]->issued_at,
                           .user_id = std::move(stored[i]->user_id),
                           .status = std::move(stored[i]->status)};
  }
  return coupons;
}

Result<std::optional<CouponRow>> ReadCoupon(const ViewStore& views, const Campaign& campaign,
                                            std::uint64_t ordinal) {
  std::vector<std::optional<CouponRow>> coupons =
      TRY(ReadCoupons(views, campaign, std::span(&ordinal, 1)));
  return std::move(coupons.front());
}

Result<std::optional<FoundCoupon>> FindCoupon(const ViewStore& views, Serial serial) {
  std::optional<Campaign> campaign = TRY(views.FindCampaignOf(serial));
  if (!campaign) return std::nullopt;
  const std::optional<std::uint64_t> ordinal = campaign->serials.OrdinalOf(serial);
  if (!ordinal || *ordinal >= campaign->ordinals()) return std::nullopt;
  std::optional<CouponRow> coupon = TRY(ReadCoupon(views, *campaign, *ordinal));
  if (!coupon) return std::nullopt;
  return FoundCoupon{.campaign = *std::move(campaign), .coupon = *std::move(coupon)};
}

}  // namespace coupond
