#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "api/coupon_file/state_names.h"
#include "couponctl/command_line.h"
#include "couponctl/command_options.h"
#include "engine/rules/limits.h"
#include "program/command_line.h"

namespace coupond::ctl {

void AddStates(CLI::App& command, std::vector<coupon::v1::CouponState>& states) {
  command
      .add_option_function<std::string>(
          "--state",
          [&states](const std::string& text) {
            const auto named = api::ParseStates(text);
            states.insert(states.end(), named->begin(), named->end());
          },
          "Only the coupons in these states: " + api::AllStateNames() + "; separated by commas")
      ->type_name("STATES")
      ->check([](const std::string& text) {
        const auto named = api::ParseStates(text);
        return named ? std::string() : named.error();
      });
}

void AddSearch(CLI::App& app, Options& options) {
  SearchPlan& plan = options.searching;
  CLI::App* command =
      AddCommand(app, "search", "Find coupons by their user, their campaign and their states",
                 {"search --user kim",
                  "search --campaign ID --state redeemed,voided --newest-first --limit 20"});
  command->add_option("--user,--user-id", plan.user_id, "User whom the coupons were issued to");
  command->add_option("--campaign", plan.campaign_id,
                      "ID of the campaign that issued them; without it, all campaigns");
  AddStates(*command, plan.states);
  command->add_flag("--newest-first", plan.newest_first, "Begin with the coupon issued last");
  AddInteger(*command, "--limit", {1, limits::kCouponsPerCampaignMax},
             "Maximum number to show instead of all",
             [&plan](std::uint64_t limit) { plan.limit = limit; });
  command->callback([&plan] {
    if (!plan.user_id.empty() || !plan.campaign_id.empty()) return;
    throw CLI::ValidationError("nothing to search by; give --user, --campaign or both");
  });
}

}  // namespace coupond::ctl
