#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_OUTCOME_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_OUTCOME_H_

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rpc/client/call_error.h"
#include "rpc/client/connect_client.h"

namespace google::protobuf {
class Message;
}

/// What every command is given, and how it ends.
namespace coupond::ctl {

/// The exit status of couponctl. Part of its interface, so the numbers never change.
enum class ExitCode : int {
  kDone = 0,           ///< done as asked
  kRefused = 1,        ///< the server refused, or a load's consistency check failed
  kUsage = 2,          ///< the command line makes no sense
  kFailed = 3,         ///< no answer, the server failed, or output or a keys file cannot be used
  kInterrupted = 130,  ///< watch or events was ended by a signal, as shells report it
};

/// Returns kRefused if the server refused this very request, otherwise kFailed.
[[nodiscard]] inline ExitCode ExitCodeOf(const rpc_client::CallError& error) {
  return rpc_client::IsRefusal(error) ? ExitCode::kRefused : ExitCode::kFailed;
}

struct CommandContext {
  rpc_client::ConnectClient& client;
  bool json = false;
  std::ostream& out;
  std::ostream& err;
  /// The width of the terminal that `out` is, to which tables are cut; nullopt if it is not one.
  std::optional<std::size_t> columns = std::nullopt;
  /// Receives what the command has done before it prints, in case `out` cannot be written.
  std::string* done = nullptr;

  void SetDone(std::string text) const {
    if (done != nullptr) *done = std::move(text);
  }
};

/// Returns the error's message with the option that mends it, such as "…; --timeout DURATION waits
/// longer". Not safe to print on a terminal.
[[nodiscard]] std::string MessageOf(const rpc_client::CallError& error);

/// Returns the same after the name of the error's code: "not_found: no such campaign".
[[nodiscard]] std::string Describe(const rpc_client::CallError& error);

/// What is so and what to do after a failed call, as far as the command knows.
struct NextStep {
  std::string_view if_open = {};       ///< if the server may have done it anyway
  std::string_view if_not_found = {};  ///< if coupond answered not_found
  std::string_view result = {};        ///< what the command leaves behind, whatever the error
};
inline constexpr std::string_view kListShowsCampaigns = "`couponctl list` shows the campaigns";
/// If the request was to be checked only, with --validate-only.
inline constexpr std::string_view kOnlyChecked = "it was only checked, so nothing was changed";

/// Prints why a call returned no message, and returns its exit status.
[[nodiscard]] ExitCode ReportError(const CommandContext& context,
                                   const rpc_client::CallError& error, const NextStep& next = {});

/// Prints why a file could not be written; with `json`, as an error with the code "cannot_write".
void ReportFileError(const CommandContext& context, const std::string& message);

/// Reports an answer, such as an empty message, that does not even say whether the change that was
/// asked for was made. The outcome is open, whichever program shortened the answer on the way.
[[nodiscard]] ExitCode ReportEmptyAnswer(const CommandContext& context, std::string_view path,
                                         const NextStep& next);

/// Returns the message as a JSON object on one line, with its newline. It includes fields that are
/// zero, so programs need no defaults.
[[nodiscard]] std::string JsonLine(const google::protobuf::Message& message);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_OUTCOME_H_
