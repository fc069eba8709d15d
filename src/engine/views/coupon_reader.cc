#include "engine/views/coupon_reader.h"

#include <algorithm>
#include <utility>

namespace coupond {

CouponReader::CouponReader(std::unique_ptr<CouponCursor> cursor, const Campaign& campaign,
                           std::uint64_t first_ordinal)
    : cursor_(std::move(cursor)),
      serials_(campaign.serials),
      next_ordinal_(first_ordinal),
      end_ordinal_(static_cast<std::uint64_t>(campaign.issued_coupons)) {}

Result<CouponReader> CouponReader::Open(const ViewStore& views, const Campaign& campaign,
                                        std::uint64_t first_ordinal) {
  std::unique_ptr<CouponCursor> cursor = TRY(views.OpenCoupons(campaign.number, first_ordinal));
  return CouponReader(std::move(cursor), campaign, first_ordinal);
}

Result<std::vector<CouponRow>> CouponReader::Next(std::size_t limit) {
  std::vector<CouponRow> coupons;
  if (at_end()) return coupons;
  coupons.reserve(std::min<std::uint64_t>(limit, end_ordinal_ - next_ordinal_));
  while (coupons.size() < limit && !at_end()) {
    if (!run_ || next_ordinal_ >= run_->first_ordinal + run_->count) {
      std::optional<CouponRun> next = TRY(cursor_->Next());
      if (!next || next->first_ordinal > next_ordinal_) {
        return MakeError(ErrorCode::kViewsDamaged,
                         "the views lack coupons of a campaign; stop the server and remove the "
                         "views folder, the next start rebuilds it from the log");
      }
      run_ = std::move(next);
      next_holder_ = 0;
      continue;
    }
    const std::uint64_t offset = next_ordinal_ - run_->first_ordinal;
    while (next_holder_ < run_->holders.size() && run_->holders[next_holder_].offset < offset) {
      ++next_holder_;
    }
    CouponRow& coupon = coupons.emplace_back();
    coupon.ordinal = next_ordinal_;
    coupon.serial = serials_.At(next_ordinal_);
    coupon.issued_at = run_->issued_at;
    if (next_holder_ < run_->holders.size() && run_->holders[next_holder_].offset == offset) {
      coupon.user_id = run_->holders[next_holder_].user_id;
    }
    ++next_ordinal_;
  }
  return coupons;
}

}  // namespace coupond
