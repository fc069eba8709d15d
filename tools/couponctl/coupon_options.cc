#include "couponctl/command_options.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <string>

#include "couponctl/command_line.h"
#include "program/command_line.h"

namespace coupond::ctl {
namespace {

void AddCode(CLI::App& command, Options& options) {
  command.add_option("code", options.code, "The coupon's code, in any spelling")->required();
}

void AddRedeem(CLI::App& app, Options& options) {
  CLI::App* redeem = AddCommand(app, "redeem", "Redeem a coupon",
                                {"redeem CODE --order 4711 --by till-3 --request-id 4711-1",
                                 "redeem CODE --user-id kim --validate-only"});
  AddCode(*redeem, options);
  redeem->add_option("--user-id", options.user_id,
                     "User who redeems it, which must be the one whom it was issued to");
  redeem->add_option("--order", options.order_ref, "What it is redeemed for; at most 128 bytes");
  redeem->add_option("--by", options.redeemed_by, "Who accepts it; at most 128 bytes");
  redeem->add_option("--request-id", options.request_id,
                     "Makes a retry safe: the same ID, code and order get the same answer");
  redeem->add_flag("--validate-only", options.validate_only,
                   "Only check whether it can be redeemed, and redeem nothing");
}

void AddUndoRedeem(CLI::App& app, Options& options) {
  CLI::App* undo =
      AddCommand(app, "undo-redeem", "Undo one redemption: the coupon may be redeemed again",
                 {"undo-redeem CODE --redemption 52 --reason \"order canceled\""});
  AddCode(*undo, options);
  CLI::Option_group* redemption =
      undo->add_option_group("redemption", "Which redemption is undone; one of:");
  AddInteger(*redemption, "--redemption", {1, std::numeric_limits<std::int64_t>::max()},
             "Its sequence, which `redeem` and `coupon` show",
             [&options](std::uint64_t sequence) { options.redemption.sequence = sequence; });
  redemption->add_option("--request-id-of", options.redemption.request_id,
                         "The --request-id that it was redeemed with");
  redemption->require_option(1);
  AddReason(*undo, options);
}

void AddVoid(CLI::App& app, Options& options) {
  CLI::App* command =
      AddCommand(app, "void", "Make a coupon that is not redeemed invalid, permanently",
                 {"void CODE --return --reason \"issued by mistake\"",
                  "void CODE --free-claim --reason lost"});
  AddCode(*command, options);
  command->add_flag(
      "--return", options.return_to_pool,
      "Give its place back to the campaign, which issues it again, with another code");
  command->add_flag("--free-claim", options.free_claim,
                    "Let the user who has it get another one in its place");
  AddReason(*command, options);
}

}  // namespace

void AddIssue(CLI::App& app, Options& options) {
  CLI::App* issue = AddCommand(app, "issue", "Get a coupon from a campaign",
                               {"issue ID --user-id kim", "issue ID --user-id kim --request-id 7"});
  AddCampaignId(*issue, options);
  issue->add_option(
      "--request-id", options.request_id,
      "Makes a retry safe: the same ID gets the same coupon. With another --user-id, or with none, "
      "the same --request-id is another request. Must be given with --user-id if a user may have "
      "several coupons");
  issue->add_option("--user-id", options.user_id,
                    "User who gets the coupon; each user gets at most as many as the campaign "
                    "allows, usually one");
}

void AddCouponCommands(CLI::App& app, Options& options) {
  AddCode(*AddCommand(app, "coupon", "Show what has become of a coupon", {"coupon CODE --json"}),
          options);
  AddRedeem(app, options);
  AddUndoRedeem(app, options);
  AddVoid(app, options);
}

}  // namespace coupond::ctl
