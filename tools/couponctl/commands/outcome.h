#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_OUTCOME_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_OUTCOME_H_

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rpc/client/connect_client.h"
#include "rpc/client/connect_protocol.h"

namespace google::protobuf {
class Message;
}

/// What every command is given, and how it ends.
namespace coupond::ctl {

/// What a run of couponctl ends with; part of its interface, so the numbers never change.
enum class ExitCode : int {
  kDone = 0,           ///< done as asked
  kRefused = 1,        ///< the server said no, or a load's consistency check failed
  kUsage = 2,          ///< the command line makes no sense
  kFailed = 3,         ///< no answer, or the server failed
  kInterrupted = 130,  ///< a watch was ended by SIGINT or SIGTERM, as a shell says it of others
};

/// Returns kRefused if the server said no to this very request, else kFailed.
[[nodiscard]] inline ExitCode ExitCodeOf(const CallError& error) {
  return IsRefusal(error) ? ExitCode::kRefused : ExitCode::kFailed;
}

struct CommandContext {
  ConnectClient& client;
  bool json = false;
  std::ostream& out;
  std::ostream& err;
  /// The width of the terminal that `out` is; tables are cut to it. None: `out` is no terminal.
  std::optional<std::size_t> columns = std::nullopt;
  /// Takes what the command has done before it prints, for when `out` cannot be written.
  std::string* done = nullptr;

  void SetDone(std::string text) const {
    if (done != nullptr) *done = std::move(text);
  }
};

/// What to do next when a call failed, as far as the command knows.
struct NextStep {
  std::string_view if_open = {};       ///< when it may have been done all the same
  std::string_view if_not_found = {};  ///< when coupond said so
};
inline constexpr std::string_view kListShowsCampaigns = "`couponctl list` shows the campaigns";

/// Says why a call gave no answer.
[[nodiscard]] ExitCode ReportError(const CommandContext& context, const CallError& error,
                                   const NextStep& next = {});

/// Says that the answer of something that changes something has not even said whether it is done,
/// such as an empty message: whoever shortened it on the way, the outcome is open.
[[nodiscard]] ExitCode ReportEmptyAnswer(const CommandContext& context, std::string_view method,
                                         const NextStep& next);

/// The message as one JSON object on one line, with its newline. Fields that are zero are there
/// too, so that programs need no defaults.
[[nodiscard]] std::string JsonLine(const google::protobuf::Message& message);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_OUTCOME_H_
