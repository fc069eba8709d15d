#include "couponctl/command_line.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <functional>
#include <string>
#include <string_view>

#include "couponctl/command_options.h"
#include "couponctl/commands/outcome.h"
#include "couponctl/load/arrival_schedule.h"
#include "couponctl/load/issue_requests.h"
#include "couponctl/load/load_generator.h"
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

/// Reports whether the text is digits with at most one decimal point, without sign or exponent.
bool IsDecimal(const std::string& text) {
  const std::size_t point = text.find('.');
  const std::string whole = text.substr(0, point);
  return !whole.empty() && text.find_first_not_of("0123456789.") == std::string::npos &&
         text.find('.', point == std::string::npos ? point : point + 1) == std::string::npos &&
         text.back() != '.' && (whole.size() == 1 || whole.front() != '0');
}

std::string CheckRate(const std::string& text) {
  if (text == "max") return {};
  double rate = 0;
  if (!IsDecimal(text)) {
    return "\"" + text + "\" is neither a number nor max; write it as 500 or 0.5";
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate);
  if (error == std::errc() && rate > 0 && rate <= kRatePerSecondMax) return {};
  return "the rate must be above 0 and at most " +
         std::to_string(static_cast<std::uint64_t>(kRatePerSecondMax)) +
         " per second; write max for as fast as possible";
}

/// Stores the rate. `text` has passed CheckRate.
void SetRate(Options& options, const std::string& text) {
  double rate = 0;
  std::from_chars(text.data(), text.data() + text.size(), rate);
  options.rate = text == "max" ? std::nullopt : std::optional(rate);
}

CLI::App* AddLoad(CLI::App& app, Options& options) {
  CLI::App* load =
      app.add_subcommand("load", "Request coupons at a constant rate, and check the outcome");
  load->footer(
      "A request is due at its time whatever became of those before, and its latency counts from\n"
      "that time, so a slow server cannot hide. Afterwards, every coupon that was issued is compared\n"
      "with what the server lists and counts, so nobody else may use the campaign meanwhile.\n"
      "Without --allow-remote, only a server on this machine is put under load.\n\n"
      "The report says whether the load generator was the limit and not the server: its thread had\n"
      "nothing left to give, or half of the measured latency (p99) was its own lateness. couponctl\n"
      "takes about 100 bytes of memory for each coupon, and 4 for each of --users.\n\n"
      "Examples:\n"
      "  couponctl load ID --rate 2000 --duration 30s --ramp 10s --plot load.svg\n"
      "  couponctl load ID --rate max --concurrency 256 --users 100000\n\n" +
      std::string(kFooter));
  AddCampaignId(*load, options);
  AddInteger(*load, "--concurrency", options.concurrency,
             OptionRange{std::size_t{1}, kLoadConnectionsMax},
             "Number of connections, each with one request in flight")
      ->default_str(std::to_string(options.concurrency));
  load->add_option_function<std::string>(
          "--rate", [&options](const std::string& text) { SetRate(options, text); },
          "Requests per second: a number above 0, such as 500 or 0.5, up to " +
              std::to_string(static_cast<std::uint64_t>(kRatePerSecondMax)) +
              "; or max, which sends as fast as the connections allow and counts latency from sending")
      ->type_name("NUMBER|max")
      ->default_str("500")
      ->check(CheckRate);
  AddDuration(*load, "--duration", {kDurationMin, kDurationMax}, "How long to send requests",
              [&options](nanoseconds value) { options.duration = value; })
      ->default_str("10s");
  AddInteger(
      *load, "--users", options.users, OptionRange{std::uint64_t{1}, kLoadUsersMax},
      "Let user-1 to user-N ask in turn, and check that each gets one coupon; the campaign "
      "must not allow a user several. Without it, requests name no user; the campaign must not "
      "require one");
  AddDuration(*load, "--ramp", {kDurationMin, kDurationMax},
              "Let the rate, or with --rate max the number of connections, rise linearly from 0 "
              "within the first part of --duration; without it, the load begins in full",
              [&options](nanoseconds value) { options.ramp = value; });
  AddDuration(*load, "--drain", {nanoseconds(0), kDurationMax},
              "How long to send overdue requests afterwards; 0s drops them",
              [&options](nanoseconds value) { options.drain = value; })
      ->default_str("10s");
  CLI::Option* retry = load->add_flag(
      "--retry", options.retry,
      "Repeat a request while its outcome is unknown; without --users, each request then "
      "has a request_id of its own");
  AddDuration(*load, "--retry-for", {kDurationMin, kDurationMax},
              "With --retry, how long to repeat a request",
              [&options](nanoseconds value) { options.retry_for = value; })
      ->default_str("30s")
      ->needs(retry);
  load->add_option(
          "--plot", options.plot,
          "Write a drawing of the load's course: percentiles of latency, and what requests "
          "got per second")
      ->type_name("FILE.svg")
      ->check([](const std::string& path) {
        if (path.ends_with(".svg")) return std::string();
        return "\"" + path + "\" does not end in .svg, which is what is written";
      });
  load->add_flag("--allow-remote", options.allow_remote,
                 "Allow putting a server on another machine under load");
  load->add_flag("--skip-check", options.skip_check,
                 "Do not read the campaign before and after; for benchmarks");
  load->add_flag("--progress", options.progress,
                 "Print a line per second to standard error (a terminal always gets a live line)");
  return load;
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

}  // namespace

void AddOptions(CLI::App& app, Options& options) {
  app.footer(std::string(kFooter));
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--server", options.server, "URL of the server")
      ->envname("COUPOND_SERVER")
      ->capture_default_str();
  app.add_flag("--json", options.json,
               "Print JSON for programs: one document; `coupons` and `watch` print one per line");
  AddDuration(app, "--timeout", {kDurationMin, kDurationMax}, "Maximum duration of a call",
              [&options](nanoseconds value) { options.timeout = value; })
      ->default_str("10s (backup: 1h)");

  AddCreate(app, options);
  AddIssue(app, options);
  AddCampaignId(*app.add_subcommand("get", "Show a campaign"), options);
  AddStatus(app, options);
  CLI::App* list = app.add_subcommand("list", "List the campaigns");
  AddLimit(*list, options);
  list->add_flag("--archived", options.archived, "List archived campaigns too");
  CLI::App* coupons = app.add_subcommand("coupons", "List the coupons that a campaign has issued");
  AddCampaignId(*coupons, options);
  AddLimit(*coupons, options);
  AddChanges(app, options);
  AddCouponCommands(app, options);
  CLI::App* remove = app.add_subcommand("delete", "Delete a campaign permanently");
  remove->add_option("id", options.campaign_id, "The campaign's ID");
  remove->add_option("--name", options.name,
                     "The campaign's name; if both are given, both must match");
  remove->callback([&options] {
    if (!options.campaign_id.empty() || !options.name.empty()) return;
    throw CLI::ValidationError("no campaign is given; give its id or --name");
  });
  AddLoad(app, options);
  AddWatch(app, options);
  CLI::App* backup =
      app.add_subcommand("backup", "Back up the store while the server issues coupons");
  backup
      ->add_option("name", options.backup_name,
                   "Name of the backup in the server's --backup-dir: letters, digits, . _ -")
      ->type_name("DEST")
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
