#include "api/coupon_file/state_names.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/display_text.h"

namespace coupond::api {
namespace {

struct Row {
  coupon::v1::CouponState state;
  std::string_view name;
};

constexpr std::array kRows = {
    Row{coupon::v1::COUPON_STATE_ISSUED, "issued"},
    Row{coupon::v1::COUPON_STATE_REDEEMED, "redeemed"},
    Row{coupon::v1::COUPON_STATE_EXPIRED, "expired"},
    Row{coupon::v1::COUPON_STATE_VOIDED, "voided"},
    Row{coupon::v1::COUPON_STATE_RETURNED, "returned"},
};

}  // namespace

std::string_view StateName(coupon::v1::CouponState state) {
  const auto* const row = std::ranges::find(kRows, state, &Row::state);
  return row == kRows.end() ? "unknown" : row->name;
}

std::string AllStateNames() {
  std::string names;
  for (const Row& row : kRows) {
    if (!names.empty()) names += ", ";
    names += row.name;
  }
  return names;
}

std::expected<std::vector<coupon::v1::CouponState>, std::string> ParseStates(
    std::string_view text) {
  std::vector<coupon::v1::CouponState> states;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::string_view name = text.substr(begin, text.find(',', begin) - begin);
    begin += name.size() + 1;
    const auto* const row = std::ranges::find(kRows, name, &Row::name);
    if (row == kRows.end()) {
      return std::unexpected(Quoted(name) + " is not a state; give one or more of " +
                             AllStateNames() + ", separated by commas");
    }
    if (std::ranges::find(states, row->state) == states.end()) states.push_back(row->state);
  }
  return states;
}

}  // namespace coupond::api
