#include <CLI/CLI.hpp>
#include <set>
#include <string>
#include <vector>

#include "access/role.h"
#include "base/display_text.h"
#include "couponctl/command_line.h"
#include "couponctl/command_options.h"
#include "program/command_line.h"

namespace coupond::ctl {
namespace {

void AddFile(CLI::App& command, KeysPlan& plan) {
  command.add_option("--file", plan.file, "The server's keys file (coupond --keys-file)")
      ->type_name("FILE")
      ->required();
}

void AddNew(CLI::App& keys, KeysPlan& plan) {
  CLI::App& command = *keys.add_subcommand(
      "new", "Make a key and print it; the file, which is created if needed, gets a digest of it");
  std::set<std::string> roles;
  for (const access::Role role : access::kRoles) roles.emplace(access::RoleName(role));
  command
      .add_option_function<std::string>(
          "--role", [&plan](const std::string& name) { plan.key.role = *access::RoleByName(name); },
          "What it is for: " + access::RoleNames())
      ->type_name("ROLE")
      ->check(CLI::IsMember(roles))
      ->required();
  command
      .add_option_function<std::vector<std::string>>(
          "--campaign",
          [&plan](const std::vector<std::string>& ids) {
            for (const std::string& text : ids) {
              const auto uuid = ParseUuid(text);
              if (!uuid) {
                throw CLI::ValidationError("--campaign", Quoted(text) +
                                                             " is not the id of a campaign; "
                                                             "`couponctl list` shows the ids");
              }
              plan.key.campaigns.push_back(CampaignId{*uuid});
            }
          },
          "ID of a campaign to which it is limited. Repeatable; without it, all campaigns")
      ->take_all()
      ->allow_extra_args(false);
  AddDuration(command, "--expires", {std::chrono::seconds(1), kDurationMax},
              "How long it is valid, such as 90d; without it, until it is revoked",
              [&plan](std::chrono::nanoseconds duration) { plan.expires_in = duration; });
  command.add_option_function<std::string>(
      "--note",
      [&plan](const std::string& note) {
        if (note.size() > access::kKeyNoteBytesMax || Printable(note) != note) {
          throw CLI::ValidationError("--note", "at most 128 bytes of text on one line");
        }
        plan.key.note = note;
      },
      "Whose it is, for people who read the file");
  AddFile(command, plan);
  command.callback([&plan] { plan.action = KeysAction::kNew; });
}

}  // namespace

void AddKeys(CLI::App& app, Options& options) {
  KeysPlan& plan = options.keys;
  CLI::App& keys = *AddCommand(
      app, "keys", "Make, list and revoke the access keys of a server, in its keys file",
      {"keys new --role admin --file /etc/coupond/keys.toml",
       "keys new --role issuer --campaign ID --expires 90d --note \"the shop\" --file keys.toml",
       "keys list --file keys.toml", "keys revoke k3v7x2ma --file keys.toml"});
  keys.require_subcommand(1);
  AddNew(keys, plan);
  CLI::App& list = *keys.add_subcommand("list", "Show what the file says of the keys");
  AddFile(list, plan);
  list.callback([&plan] { plan.action = KeysAction::kList; });
  CLI::App& revoke = *keys.add_subcommand("revoke", "Revoke a key permanently");
  revoke.add_option("ID", plan.id, "The key's id: the 8 characters after its role")->required();
  AddFile(revoke, plan);
  revoke.callback([&plan] { plan.action = KeysAction::kRevoke; });
}

}  // namespace coupond::ctl
