#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMPARE_ROWS_IN_ORDER_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMPARE_ROWS_IN_ORDER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "coupon_audit/model/finding.h"
#include "storage/views/stored_view_rows.h"
#include "storage/views/view_rows.h"

namespace coupond::audit {

/// Compares the rows of one kind with the expected ones, which come in the order of their keys, so
/// that each row is read once and none can be there in excess. One thread; `rows` outlive this.
class RowsInOrder {
 public:
  /// `what` is a row of that kind, for people, and outlives this.
  RowsInOrder(const storage::StoredViewRows& rows, storage::KeyRange range, std::string_view what);

  /// Returns the value of the next expected row.
  [[nodiscard]] Audited<std::string> Next(const std::string& key, const Place& place);
  /// Returns how many rows there were, if there is no other one.
  [[nodiscard]] Audited<std::uint64_t> Finish();

 private:
  [[nodiscard]] std::unexpected<Finding> Unexpected() const;

  const storage::KeyRange range_;
  const std::string_view what_;
  storage::StoredViewRows::Cursor row_;
  bool taken_ = false;  // the row has been compared
  std::uint64_t rows_ = 0;
};

[[nodiscard]] inline bool IsIn(const storage::KeyRange& range, std::string_view key) {
  return key >= range.first && key < range.end;
}

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMPARE_ROWS_IN_ORDER_H_
