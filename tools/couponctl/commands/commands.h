#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_COMMANDS_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_COMMANDS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "couponctl/commands/campaign_changes.h"
#include "couponctl/commands/campaign_terms.h"
#include "couponctl/commands/outcome.h"
#include "engine/rules/command.h"
#include "engine/rules/timestamp.h"

/// The commands that are one call, or a list of pages. Each prints its result to `out`, and what
/// went wrong and what to do next to `err`. With `json`, it prints one JSON document to `out`,
/// which is {"code","message"} for errors; `coupons` prints one document per line.
namespace coupond::ctl {

struct NewCampaign {
  std::string name;
  std::int32_t total = 0;
  StartTime start;
  std::optional<Timestamp> end = {};
  std::string description = {};
  CouponTerms terms = {};
};
/// Also reports on `err` if this machine's clock and the server's differ.
[[nodiscard]] ExitCode CreateCampaign(const CommandContext& context, const NewCampaign& campaign,
                                      const RequestOptions& options = {});
/// `request_id` and `user_id` may be empty.
[[nodiscard]] ExitCode IssueCoupon(const CommandContext& context, const std::string& campaign_id,
                                   const std::string& request_id, const std::string& user_id);
[[nodiscard]] ExitCode GetCampaign(const CommandContext& context, const std::string& campaign_id);
[[nodiscard]] ExitCode GetCampaignStatus(const CommandContext& context,
                                         const std::string& campaign_id);
[[nodiscard]] ExitCode ListCampaigns(const CommandContext& context, bool show_archived,
                                     std::optional<std::uint64_t> limit);
[[nodiscard]] ExitCode ListCoupons(const CommandContext& context, const std::string& campaign_id,
                                   std::optional<std::uint64_t> limit);
/// At least one of the two must not be empty.
[[nodiscard]] ExitCode DeleteCampaign(const CommandContext& context, const std::string& campaign_id,
                                      const std::string& name);

/// Makes the server copy its store. Prints where the copy is and how to check it.
[[nodiscard]] ExitCode CreateBackup(const CommandContext& context, const std::string& name);

/// The times on this machine's clock before a call was sent and after its answer arrived.
struct CallTimes {
  Timestamp sent;
  Timestamp answered;
};

/// Returns the minimum by which this machine's clock is ahead of the server's, given that the
/// server's clock read `server_time` at some moment during the call. Negative if it is behind, 0 if
/// the two may agree.
[[nodiscard]] std::chrono::nanoseconds AheadOfServer(const CallTimes& call, Timestamp server_time);

/// Returns a note for the caller, "this machine's clock is 1h ahead of the server's", or nullopt if
/// the difference is at most 2 s, which is harmless.
[[nodiscard]] std::optional<std::string> ClockDifference(const CallTimes& call,
                                                         Timestamp server_time);

/// Returns the time on this machine's clock.
[[nodiscard]] Timestamp NowHere();

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_COMMANDS_H_
