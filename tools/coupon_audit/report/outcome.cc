#include "coupon_audit/report/outcome.h"

#include <boost/json.hpp>
#include <iostream>
#include <variant>

#include "base/display_text.h"
#include "common/output.h"
#include "coupon_audit/report/verification_report.h"

namespace coupond::audit {

ExitCode TellError(const Error& error, bool json) {
  std::cerr << "coupon-audit: " << ErrorCodeName(error.code) << ": " << Printable(error.message)
            << '\n';
  if (!json) return ExitCode::kCannotRead;
  return Print(boost::json::serialize(boost::json::object{
                   {"error", boost::json::object{{"code", ErrorCodeName(error.code)},
                                                 {"message", error.message}}}}) +
                   "\n",
               ExitCode::kCannotRead, {});
}

ExitCode TellFinding(const Finding& finding, bool json) {
  if (const auto* error = std::get_if<Error>(&finding)) return TellError(*error, json);
  const auto& violation = std::get<Violation>(finding);
  std::cerr << "coupon-audit: " << ViolationText(violation);
  return Print(json ? ViolationJson(violation) : "", ExitCode::kViolation, {});
}

ExitCode Print(std::string_view text, ExitCode exit_code, std::string_view done) {
  Output output;
  static_cast<void>(output.Write(text));
  if (const auto error = output.Finish()) return TellUnwritten(*error, done);
  return exit_code;
}

ExitCode TellUnwritten(const OutputError& error, std::string_view done) {
  std::cerr << "coupon-audit: " << error.what() << (done.empty() ? "" : "; ") << Printable(done)
            << '\n';
  return ExitCode::kCannotRead;
}

}  // namespace coupond::audit
