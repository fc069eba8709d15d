#include "couponctl/commands/outcome.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <boost/json.hpp>
#include <ostream>

#include "base/check.h"
#include "base/display_text.h"
#include "rpc/client/network_error.h"

namespace coupond::ctl {

ExitCode ReportError(const CommandContext& context, const CallError& error, const NextStep& next) {
  std::string text = error.message;
  if (!error.code.empty()) {
    text = fmt::format("{}{}{}", error.code, error.message.empty() ? "" : ": ", error.message);
  }
  std::string_view advice = error.may_be_done ? next.if_open : std::string_view();
  if (error.code == "not_found" && !error.foreign) advice = next.if_not_found;
  if (!advice.empty()) text += fmt::format("; {}", advice);
  context.err << "couponctl: " << Printable(text) << '\n';
  if (context.json) {
    context.out << boost::json::serialize(
                       boost::json::object{{"code", error.code.empty() ? "no_answer" : error.code},
                                           {"message", error.message}})
                << '\n';
  }
  return ExitCodeOf(error);
}

ExitCode ReportEmptyAnswer(const CommandContext& context, std::string_view method,
                           const NextStep& next) {
  return ReportError(
      context,
      UnreadableAnswer(context.client.server(), method, "it does not say what came of the request"),
      next);
}

std::string JsonLine(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  COUPOND_CHECK(status.ok());  // only an unresolvable Any could fail, and there is none
  return json + "\n";
}

}  // namespace coupond::ctl
