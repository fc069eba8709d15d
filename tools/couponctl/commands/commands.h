#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_COMMANDS_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_COMMANDS_H_

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "couponctl/exit_code.h"
#include "engine/rules/command.h"
#include "rpc/client/connect_client.h"

/// The commands that are one call, or a list of pages. Each prints its result to `out` and what
/// went wrong, with what to do next, to `err`. With `json`, `out` gets one JSON document, for
/// errors {"code","message"}; `coupons` prints one document a line.
namespace coupond::ctl {

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

/// Also says on `err` when the clock here and the server's differ.
[[nodiscard]] ExitCode CreateCampaign(const CommandContext& context, const std::string& name,
                                      std::int32_t total, const StartTime& start);
/// `request_id` and `user_id` may be empty.
[[nodiscard]] ExitCode IssueCoupon(const CommandContext& context, const std::string& campaign_id,
                                   const std::string& request_id, const std::string& user_id);
[[nodiscard]] ExitCode GetCampaign(const CommandContext& context, const std::string& campaign_id);
[[nodiscard]] ExitCode ListCampaigns(const CommandContext& context,
                                     std::optional<std::uint64_t> limit);
[[nodiscard]] ExitCode ListCoupons(const CommandContext& context, const std::string& campaign_id,
                                   std::optional<std::uint64_t> limit);
/// At least one of the two is not empty.
[[nodiscard]] ExitCode DeleteCampaign(const CommandContext& context, const std::string& campaign_id,
                                      const std::string& name);

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

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_COMMANDS_H_
