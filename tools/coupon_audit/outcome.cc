#include "coupon_audit/outcome.h"

#include <boost/json.hpp>
#include <iostream>
#include <variant>

#include "base/display_text.h"
#include "coupon_audit/verification_report.h"

namespace coupond::audit {

ExitCode TellError(const Error& error, bool json) {
  std::cerr << "coupon-audit: " << ErrorCodeName(error.code) << ": " << Printable(error.message)
            << '\n';
  if (json) {
    std::cout << boost::json::serialize(boost::json::object{
                     {"error", boost::json::object{{"code", ErrorCodeName(error.code)},
                                                   {"message", error.message}}}})
              << '\n';
  }
  return ExitCode::kCannotRead;
}

ExitCode TellFinding(const Finding& finding, bool json) {
  if (const auto* error = std::get_if<Error>(&finding)) return TellError(*error, json);
  const auto& violation = std::get<Violation>(finding);
  std::cerr << "coupon-audit: " << ViolationText(violation);
  if (json) std::cout << ViolationJson(violation);
  return ExitCode::kViolation;
}

ExitCode TellUnwritten() {
  return TellError({ErrorCode::kIo, "cannot write to standard output"}, false);
}

}  // namespace coupond::audit
