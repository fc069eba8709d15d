#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMPARE_ROW_COUNTS_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMPARE_ROW_COUNTS_H_

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>

#include "engine/rules/ids.h"

namespace coupond::audit {

/// How many rows of each kind a live campaign must have.
struct RowCounts {
  std::uint64_t runs = 0;
  std::uint64_t claims = 0;
};

/// Those of all campaigns that are live at the views' checkpoint.
using RowCountsByCampaign =
    boost::unordered_flat_map<CampaignNumber, RowCounts, std::hash<CampaignNumber>>;

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMPARE_ROW_COUNTS_H_
