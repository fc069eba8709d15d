#include "couponctl/command_line.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "common/moment_text.h"
#include "couponctl/command_options.h"
#include "couponctl/commands/outcome.h"
#include "couponctl/watch/watch_run.h"
#include "engine/rules/limits.h"
#include "program/command_line.h"

namespace coupond::ctl {
namespace {

using std::chrono::nanoseconds;

void AddLimit(CLI::App& app, Options& options) {
  AddInteger(app, "--limit", {1, limits::kCouponsPerCampaignMax},
             "Maximum number to show instead of all",
             [&options](std::uint64_t limit) { options.limit = limit; });
}

CLI::App* AddWatch(CLI::App& app, Options& options) {
  CLI::App* watch =
      app.add_subcommand("watch", "Show a campaign's progress until it is sold out or over");
  watch->footer(
      "On a terminal, one line shows the state of the campaign; elsewhere, each change is a line.\n"
      "With --json, each message is a JSON object on one line, including messages that only repeat\n"
      "the previous one: coupond repeats itself when nothing has changed for a while (20 s, its\n"
      "option --heartbeat), and after a reconnect.\n\n"
      "The watch is over, with exit code 0, when the campaign is sold out, has ended, is archived or\n"
      "deleted, or when --duration is up. With --follow, only the deletion ends it: what is sold out\n"
      "or has ended may go on after its total was raised or its end was moved.\n\n"
      "  couponctl watch ID --follow\n\n"
      "Once the first message has arrived, couponctl reconnects whenever the connection is lost,\n"
      "even across a restart of the server, until the watch is over. The pauses grow from 0.2 s to\n"
      "5 s, and standard error says what happens. With --no-reconnect, a lost connection ends the\n"
      "watch with exit code 3. The exit code is also 3 if --duration ends while the connection is\n"
      "lost.\n\n"
      "With --streams, many connections watch at once, to see what watchers cost a server.\n"
      "couponctl prints the number of messages, the messages per second, the longest pause and how\n"
      "the streams ended. These streams do not reconnect; one that breaks counts as failed. Without\n"
      "--allow-remote, only a server on this machine is put under that load.\n\n" +
      std::string(kFooter));
  AddCampaignId(*watch, options);
  watch->add_flag("--follow", options.follow, "Go on until the campaign is deleted");
  CLI::Option* streams = AddInteger(*watch, "--streams", {1, kWatchStreamsMax},
                                    "Open this many streams at once, and count their messages",
                                    [&options](std::uint64_t count) { options.streams = count; });
  AddDuration(*watch, "--duration", {kDurationMin, kDurationMax}, "Watch for at most this long",
              [&options](nanoseconds value) { options.watch_for = value; });
  AddDuration(*watch, "--silence-timeout", {kDurationMin, kDurationMax},
              "Treat a connection as lost when nothing arrives for this long; use three times the "
              "server's --heartbeat",
              [&options](nanoseconds value) { options.silence_timeout = value; })
      ->default_str("60s");
  watch->add_flag("--no-reconnect", options.no_reconnect, "End when the connection is lost");
  watch
      ->add_flag("--allow-remote", options.allow_remote,
                 "Allow --streams to a server on another machine")
      ->needs(streams);
  return watch;
}

void AddClock(CLI::App& app, Options& options) {
  CLI::App* const clock =
      AddCommand(app, "clock", "Show the server's time, and whether its machine's clock agrees",
                 {"clock", "clock accept 2026-12-01T10:00:00Z"});
  CLI::App* const accept = AddCommand(
      *clock, "accept", "Let the server go on from the time that its machine's clock shows",
      {"clock accept 2026-12-01T10:00:00Z"});
  accept
      ->add_option_function<std::string>(
          "TIME",
          [&options](const std::string& text) {
            const auto moment = tools::ParseMoment(text);
            if (!moment) throw CLI::ValidationError("TIME", moment.error());
            options.accepted_clock = *moment;
          },
          "What `couponctl clock` has shown of the machine's clock, at most 10 minutes ago")
      ->required();
}

void AddEraseUser(CLI::App& app, Options& options) {
  CLI::App* const erase =
      AddCommand(app, "erase-user",
                 "Erase a user: remove the user_id from all coupons that the user has got so far",
                 {"erase-user kim", "erase-user kim --forget-claims --request-id ticket-4711"});
  erase->add_option("USER", options.erasure.user_id, "The user_id")->required();
  erase->add_flag("--forget-claims", options.erasure.forget_claims,
                  "Let the user get other coupons; otherwise, asking again gives the same ones");
  erase->add_option("--request-id", options.erasure.request_id,
                    "Makes a retry erase nothing that was issued since");
}

}  // namespace

void AddOptions(CLI::App& app, Options& options) {
  app.footer(std::string(kFooter));
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--server", options.server, "URL of the server, http:// or https://")
      ->envname("COUPOND_SERVER")
      ->capture_default_str();
  app.add_option("--key-file", options.key_file,
                 "File with the access key to send, on its first line. The variable COUPOND_KEY "
                 "may have the key itself; a command line may not, because everybody on the "
                 "machine can see it")
      ->type_name("FILE");
  app.add_option("--ca-file", options.trust.ca,
                 "File in PEM with one or more CAs to trust for the certificate of an https:// "
                 "server. Without it, the system's CAs are trusted")
      ->type_name("FILE");
  CLI::Option* const client_certificate =
      app.add_option("--client-cert", options.trust.certificate,
                     "File of the certificate in PEM to show to an https:// server that wants one "
                     "(coupond --tls-client-ca)")
          ->type_name("FILE");
  CLI::Option* const client_key =
      app.add_option("--client-key", options.trust.key,
                     "File of that certificate's private key in PEM, without a password")
          ->type_name("FILE");
  client_certificate->needs(client_key);
  client_key->needs(client_certificate);
  app.add_flag("--json", options.json,
               "Print JSON for programs: one document; `coupons`, `search`, `events`, `watch` and "
               "`keys list` print one per line");
  AddDuration(
      app, "--timeout", {kDurationMin, kDurationMax},
      "Maximum duration of a call; with `export` and `events`, of the wait for each message",
      [&options](nanoseconds value) { options.timeout = value; })
      ->default_str("10s (backup, erase-user: 1h; events: 30s)");

  AddCreate(app, options);
  AddIssue(app, options);
  AddBatch(app, options);
  AddCampaignId(*AddCommand(app, "get", "Show a campaign", {"get ID --json"}), options);
  AddStatus(app, options);
  CLI::App* list = AddCommand(app, "list", "List the campaigns", {"list --limit 20"});
  AddLimit(*list, options);
  list->add_flag("--archived", options.archived, "List archived campaigns too");
  CLI::App* coupons = AddCommand(app, "coupons", "List the coupons that a campaign has issued",
                                 {"coupons ID --limit 100", "coupons ID --json"});
  AddCampaignId(*coupons, options);
  AddLimit(*coupons, options);
  AddSearch(app, options);
  AddExport(app, options);
  AddEvents(app, options);
  AddChanges(app, options);
  AddCouponCommands(app, options);
  CLI::App* remove = AddCommand(app, "delete", "Delete a campaign permanently",
                                {"delete ID", "delete --name \"spring sale\""});
  remove->add_option("id", options.campaign_id, "The campaign's ID");
  remove->add_option("--name", options.name,
                     "The campaign's name; if both are given, both must match");
  remove->callback([&options] {
    if (!options.campaign_id.empty() || !options.name.empty()) return;
    throw CLI::ValidationError("no campaign is given; give its id or --name");
  });
  AddLoad(app, options);
  AddWatch(app, options);
  AddClock(app, options);
  AddEraseUser(app, options);
  AddKeys(app, options);
  AddCommand(app, "health", "Check that the server accepts commands; exit code 0 if it does",
             {"health --timeout 2s"});
  AddCommand(app, "info", "Show the server's version, store, log and limits", {"info --json"});
  CLI::App* backup = AddCommand(app, "backup", "Back up the store while the server issues coupons",
                                {"backup nightly-1"});
  backup
      ->add_option("name", options.backup_name,
                   "Name of the backup in the server's --backup-dir: letters, digits, . _ -")
      ->type_name("NAME")
      ->required();
  app.callback([&app, &options] { options.command = app.get_subcommands().front()->get_name(); });
}

std::expected<Options, int> ParseOptions(int argc, const char* const* argv) {
  Options options;
  CLI::App app(
      "The client of coupond: manages campaigns, gets coupons, and puts the server under load.",
      "couponctl");
  AddOptions(app, options);
  constexpr int kOutputFailed = static_cast<int>(ExitCode::kFailed);
  if (const auto status = ParseCommandLine(app, argc, argv, kOutputFailed)) {
    return std::unexpected(*status);
  }
  return options;
}

}  // namespace coupond::ctl
