#include "coupon_audit/compare/rows_in_order.h"

#include <fmt/format.h>

#include <utility>

#include "base/hex.h"
#include "coupon_audit/model/model_campaign.h"
#include "storage/views/state_rows.h"

namespace coupond::audit {

RowsInOrder::RowsInOrder(const storage::StoredViewRows& rows, storage::KeyRange range,
                         std::string_view what)
    : range_(std::move(range)), what_(what), row_(rows.From(range_.first)) {}

Audited<std::string> RowsInOrder::Next(const std::string& key, const Place& place) {
  if (taken_) row_.Next();
  taken_ = false;
  if (!row_.Valid()) TRY(AsAudited(row_.status()));
  if (!row_.Valid() || row_.key() > key) {
    return Unsound(ViolationKind::kViewRowMissing, place, fmt::format("{} is missing", what_));
  }
  if (row_.key() < key) return Unexpected();
  taken_ = true;
  ++rows_;
  return std::string(row_.value());
}

Audited<std::uint64_t> RowsInOrder::Finish() {
  if (taken_) row_.Next();
  if (!row_.Valid()) TRY(AsAudited(row_.status()));
  if (row_.Valid() && row_.key() < range_.end) return Unexpected();
  return rows_;
}

std::unexpected<Finding> RowsInOrder::Unexpected() const {
  Place place;
  std::string which;
  if (const auto coupon = storage::ParseStateKey(row_.key())) {
    place.campaign = coupon->campaign;
    which = fmt::format("ordinal {}, {}; ", coupon->ordinal, StateName(coupon->state));
  }
  return Unsound(
      ViolationKind::kViewRowUnexpected, place,
      fmt::format("{} that the log does not have ({}key {})", what_, which, Hex(row_.key())));
}

}  // namespace coupond::audit
