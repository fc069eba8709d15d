#ifndef COUPOND_TOOLS_COUPON_AUDIT_MODEL_FINDING_H_
#define COUPOND_TOOLS_COUPON_AUDIT_MODEL_FINDING_H_

#include <expected>
#include <utility>
#include <variant>

#include "base/error.h"
#include "coupon_audit/model/violation.h"

namespace coupond::audit {

/// Why an audit came to an end before that of the log: the store violates something, or it could
/// not be read.
using Finding = std::variant<Violation, Error>;

/// What was asked for, or why there is none.
template <typename T>
using Audited = std::expected<T, Finding>;

/// An operating error is a violation or not, as ViolationOf says.
[[nodiscard]] inline Finding FindingOf(Error error) {
  if (auto violation = ViolationOf(error)) return std::move(*violation);
  return error;
}

[[nodiscard]] inline std::unexpected<Finding> Unsound(ViolationKind kind, Place place,
                                                      std::string detail) {
  return std::unexpected<Finding>(
      Violation{.kind = kind, .place = place, .detail = std::move(detail)});
}

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_MODEL_FINDING_H_
