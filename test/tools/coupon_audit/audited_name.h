#ifndef COUPOND_TEST_TOOLS_COUPON_AUDIT_AUDITED_NAME_H_
#define COUPOND_TEST_TOOLS_COUPON_AUDIT_AUDITED_NAME_H_

#include <string>
#include <variant>

#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/model_campaign.h"
#include "support/builders.h"

namespace coupond::test {

/// Where and when events happen that no log has.
inline const audit::Moment kMoment{
    .group = GroupNumber(2), .sequence = Sequence(2), .time = At(10)};

/// Returns "sound", or the name of the violation.
inline std::string NameOf(const audit::Audited<void>& outcome) {
  if (outcome) return "sound";
  const auto* const violation = std::get_if<audit::Violation>(&outcome.error());
  return violation == nullptr ? "error" : std::string(KindName(violation->kind));
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_TOOLS_COUPON_AUDIT_AUDITED_NAME_H_
