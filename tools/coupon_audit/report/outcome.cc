#include "coupon_audit/report/outcome.h"

#include <boost/json.hpp>
#include <iostream>
#include <variant>

#include "base/display_text.h"
#include "coupon_audit/report/verification_report.h"

namespace coupond::audit {

ExitCode ReportError(const Error& error, bool json, tools::Output& output) {
  std::cerr << "coupon-audit: " << ErrorCodeName(error.code) << ": " << Printable(error.message)
            << '\n';
  if (json) {
    const boost::json::object text{
        {"error",
         boost::json::object{{"code", ErrorCodeName(error.code)}, {"message", error.message}}}};
    output.text << boost::json::serialize(text) << '\n';
  }
  return ExitCode::kCannotRead;
}

ExitCode ReportFinding(const Finding& finding, bool json, tools::Output& output) {
  if (const auto* error = std::get_if<Error>(&finding)) return ReportError(*error, json, output);
  const auto& violation = std::get<Violation>(finding);
  std::cerr << "coupon-audit: " << ViolationText(violation);
  if (json) output.text << ViolationJson(violation);
  return ExitCode::kViolation;
}

ExitCode ReportNoSuchCampaign() {
  std::cerr << "coupon-audit: this store has never had such a campaign; `coupon-audit replay DIR` "
               "lists all campaigns\n";
  return ExitCode::kUsage;
}

}  // namespace coupond::audit
