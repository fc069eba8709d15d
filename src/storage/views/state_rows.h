#ifndef COUPOND_STORAGE_VIEWS_STATE_ROWS_H_
#define COUPOND_STORAGE_VIEWS_STATE_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/rules/coupon.h"
#include "engine/rules/ids.h"
#include "storage/views/view_rows.h"

/// The rows by which coupons are found by their state: keys alone, with empty values. Pure
/// functions, any thread.
namespace coupond::storage {

/// The coupon is in this state. Here and in OrdinalsInState it is one that has rows: kRedeemed,
/// kVoided or kReturned.
[[nodiscard]] std::string StateKey(CampaignNumber campaign, CouponState state,
                                   std::uint64_t ordinal);
[[nodiscard]] KeyRange OrdinalsInState(CampaignNumber campaign, CouponState state);
[[nodiscard]] KeyRange StatesOf(CampaignNumber campaign);
[[nodiscard]] KeyRange AllStates();
/// The coupon of a row of a state.
struct CouponInState {
  CampaignNumber campaign;
  CouponState state = CouponState::kIssued;
  std::uint64_t ordinal = 0;

  friend bool operator==(const CouponInState&, const CouponInState&) = default;
};
/// Returns nullopt if the key is none of that kind.
[[nodiscard]] std::optional<CouponInState> ParseStateKey(std::string_view key);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_STATE_ROWS_H_
