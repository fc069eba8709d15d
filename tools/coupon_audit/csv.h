#ifndef COUPOND_TOOLS_COUPON_AUDIT_CSV_H_
#define COUPOND_TOOLS_COUPON_AUDIT_CSV_H_

#include <initializer_list>
#include <string>
#include <string_view>

namespace coupond::audit {

/// One record of comma-separated values (RFC 4180), with its CR and LF: a field with a comma, a
/// quote or a line break stands in quotes, and quotes in it are doubled.
[[nodiscard]] std::string CsvRecord(std::initializer_list<std::string_view> fields);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_CSV_H_
