#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMPARE_COUPON_COMPARISON_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMPARE_COUPON_COMPARISON_H_

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <string_view>

#include "coupon_audit/model/coupon_numbers.h"
#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/log_model.h"
#include "engine/ports/view_store.h"
#include "storage/views/stored_view_rows.h"

namespace coupond::audit {

/// Compares the rows of what becomes of issued coupons (storage/views/coupon_rows.h and
/// state_rows.h): the coupons' statuses, the rows by which coupons in a state are found, the
/// requests that were carried out, and the serials that campaigns are found by. A part of
/// ViewComparison, for one thread.
///
/// All are compared at the checkpoint, in the order of their keys. A status may have changed often
/// until then, and the model has no texts, so 8 bytes of each expected row are kept: a hash of it,
/// which a wrong row has with a probability of 2^-64.
class CouponComparison {
 public:
  /// Takes the status that an event gives to a coupon.
  void Expect(const CouponStatusRow& row);

  /// Returns how many rows were right, or the first that is wrong, missing or one too many. The
  /// model is at the checkpoint.
  [[nodiscard]] Audited<std::uint64_t> Compare(const storage::StoredViewRows& rows,
                                               const LogModel& model) const;
  /// Reports whether a key is that of a row which Compare looks at.
  [[nodiscard]] static bool Covers(std::string_view key);

 private:
  [[nodiscard]] Audited<std::uint64_t> CompareStatuses(const storage::StoredViewRows& rows,
                                                       const LogModel& model) const;
  /// Once the statuses have been compared.
  [[nodiscard]] Audited<std::uint64_t> CompareStates(const storage::StoredViewRows& rows,
                                                     const LogModel& model) const;

  boost::unordered_flat_map<CampaignNumber, CouponNumbers, std::hash<CampaignNumber>> statuses_;
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMPARE_COUPON_COMPARISON_H_
