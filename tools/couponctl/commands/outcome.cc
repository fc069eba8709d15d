#include "couponctl/commands/outcome.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <boost/json.hpp>
#include <ostream>

#include "base/check.h"
#include "base/display_text.h"

namespace coupond::ctl {
namespace {

using rpc_client::CallError;
using rpc_client::Failure;

constexpr int kServerErrors = 500;  // the first HTTP status for errors of the server
/// How coupond begins to say that an unavailable server did nothing.
constexpr std::string_view kNotDone = "not done";

std::string_view RemedyFor(const CallError& error) {
  switch (error.failure) {
    case Failure::kConnectionRefused:
      return "is coupond running there? script/server or `systemctl start coupond` starts it";
    case Failure::kTimedOut:
      return "--timeout DURATION waits longer";
    case Failure::kUnreadable:
      return "check --server";
    case Failure::kForeign:
      return error.http_status < kServerErrors
                 ? "check --server"
                 : "check --server, and whether a proxy in between reaches coupond";
    case Failure::kAnswered:
      if (error.code == connect::Code::kUnauthenticated) {
        return "give the key with --key-file FILE or COUPOND_KEY";
      }
      if (error.code == connect::Code::kUnimplemented) {
        return "check --server: with --ops-listen, coupond has AdminService at that address, and "
               "everything else at the one of --listen";
      }
      return {};
    case Failure::kUntrusted:
      return "name its CA with --ca-file FILE";
    case Failure::kMisnamed:
      return "use a name that the certificate has in --server";
    case Failure::kCertificateWanted:
      return "give one with --client-cert FILE and --client-key FILE";
    case Failure::kUnreachable:
    case Failure::kNoAnswer:
    case Failure::kNoTls:  // the message asks about the address
      return {};
  }
  return {};
}

/// Prints an error for programs, if the command is used by one.
void PrintAsJson(const CommandContext& context, std::string_view code, std::string_view message) {
  if (!context.json) return;
  context.out << boost::json::serialize(boost::json::object{{"code", code}, {"message", message}})
              << '\n';
}

}  // namespace

std::string MessageOf(const CallError& error) {
  const std::string_view remedy = RemedyFor(error);
  return fmt::format("{}{}{}", error.message, remedy.empty() ? "" : "; ", remedy);
}

std::string Describe(const CallError& error) {
  const std::string message = MessageOf(error);
  const std::string_view code = error.CodeName();
  return fmt::format("{}{}{}", code, code.empty() || message.empty() ? "" : ": ", message);
}

ExitCode ReportError(const CommandContext& context, const CallError& error, const NextStep& next) {
  const bool not_found =
      error.failure == Failure::kAnswered && error.code == connect::Code::kNotFound;
  const bool is_open = error.may_be_done && !error.message.starts_with(kNotDone);
  std::string_view advice = is_open ? next.if_open : std::string_view();
  if (not_found) advice = next.if_not_found;
  context.err << "couponctl: " << Printable(Describe(error));
  if (!advice.empty()) context.err << "; " << advice;
  if (!next.result.empty()) context.err << "; " << Printable(next.result);
  context.err << '\n';
  PrintAsJson(context, error.code ? error.CodeName() : "no_answer", MessageOf(error));
  return ExitCodeOf(error);
}

void ReportFileError(const CommandContext& context, const std::string& message) {
  context.err << "couponctl: " << Printable(message) << '\n';
  PrintAsJson(context, "cannot_write", message);
}

ExitCode ReportEmptyAnswer(const CommandContext& context, std::string_view path,
                           const NextStep& next) {
  return ReportError(context,
                     rpc_client::UnreadableAnswer(context.client.server(), path,
                                                  "it does not say what became of the request"),
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
