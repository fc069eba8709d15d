#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <string>

#include "couponctl/command_line.h"
#include "couponctl/command_options.h"
#include "program/command_line.h"

namespace coupond::ctl {

void AddEvents(CLI::App& app, Options& options) {
  EventsPlan& plan = options.events;
  CLI::App* command =
      AddCommand(app, "events", "Show what has happened on the server, and what happens",
                 {"events --from 1 --campaign ID --types coupon.redeemed,coupon.voided",
                  "events --from 4711 --follow --json | jq -r .code"});
  AddInteger(*command, "--from", {1, std::numeric_limits<std::uint64_t>::max() - 1},
             "Sequence of the first event; an event's is the number with which its line begins",
             [&plan](std::uint64_t from) { plan.from = from; })
      ->default_str("1");
  command->add_flag("--follow", plan.follow, "Go on with what happens, until interrupted");
  command->add_option("--campaign", plan.campaign_id,
                      "ID of the campaign, which may have been deleted; without it, all campaigns");
  command
      ->add_option("--types", plan.types,
                   "Only events of these types, such as coupon.issued; separated by commas")
      ->delimiter(',');
  command->add_flag_callback(
      "--no-reconnect", [&plan] { plan.reconnect = false; }, "End when the connection is lost");
}

}  // namespace coupond::ctl
