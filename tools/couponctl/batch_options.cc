#include <CLI/CLI.hpp>
#include <string>

#include "couponctl/command_line.h"
#include "couponctl/command_options.h"
#include "couponctl/commands/user_list.h"
#include "engine/rules/limits.h"
#include "program/command_line.h"

namespace coupond::ctl {

void AddBatch(CLI::App& app, Options& options) {
  BatchPlan& plan = options.batch;
  const auto coupons_max = static_cast<std::uint64_t>(limits::kCouponsPerBatchMax);
  CLI::App* command =
      AddCommand(app, "batch", "Issue many coupons at once: all of them, or none",
                 {"batch ID --count 500 > codes.txt",
                  "batch ID --users users.txt --allow-partial --request-id mailing-7"});
  command->add_option("id", plan.campaign_id, "The campaign's ID")->required();
  CLI::Option_group* coupons = command->add_option_group("coupons", "Which coupons; one of:");
  AddInteger(*coupons, "--count", {1, coupons_max}, "This many coupons without a user",
             [&plan](std::uint64_t count) { plan.count = static_cast<std::int32_t>(count); });
  coupons
      ->add_option("--users", plan.users_file,
                   "One for each user in this file, which has an ID on each line and at most " +
                       std::to_string(coupons_max) + " of them; - for standard input")
      ->type_name("FILE");
  coupons->require_option(1);
  command->add_flag("--allow-partial", plan.allow_partial,
                    "Issue as many as there are, the first ones first, and leave out users who "
                    "have as many as the campaign allows. The exit code is 1 if any user got none");
  command->add_option("--request-id", plan.request_id,
                      "Makes a retry safe: the same ID gets the same coupons. Without it, an ID is "
                      "drawn and printed before the request is sent");
  command->callback([&plan] {
    if (plan.users_file.empty()) return;
    auto users = ReadUsersFile(plan.users_file, limits::kCouponsPerBatchMax);
    if (!users) throw CLI::ValidationError("--users: " + users.error());
    plan.user_ids = *std::move(users);
  });
}

}  // namespace coupond::ctl
