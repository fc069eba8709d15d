#include "couponctl/command_line.h"

#include <charconv>
#include <functional>
#include <string>
#include <string_view>

#include "couponctl/arrival_schedule.h"
#include "couponctl/load_generator.h"
#include "couponctl/moment_text.h"
#include "couponctl/watch_run.h"
#include "engine/rules/limits.h"
#include "program/options.h"

namespace coupond::ctl {
namespace {

using std::chrono::nanoseconds;

constexpr std::string_view kFooter =
    "Durations are written as 500ms, 30s, 5m, 2h or 1d, numbers in decimal digits. An option that\n"
    "is given empty is an error, and so is an empty COUPOND_SERVER.\n\n"
    "Exit codes:\n"
    "  0  done\n"
    "  1  refused by the server, or a load's consistency check failed\n"
    "  2  the command line makes no sense\n"
    "  3  no answer, the server failed, or the output could not be written\n"
    "130  a watch was interrupted\n";

void AddLimit(CLI::App& app, Options& options) {
  AddInteger(app, "--limit", {1, limits::kCouponsPerCampaignMax},
             "The maximum number to show; all without it",
             [&options](std::uint64_t limit) { options.limit = limit; });
}

void AddCampaignId(CLI::App& app, Options& options) {
  app.add_option("id", options.campaign_id, "The campaign's id")->required();
}

CLI::App* AddCreate(CLI::App& app, Options& options) {
  CLI::App* create = app.add_subcommand("create", "Create a campaign");
  create->add_option("--name", options.name, "Its name, unique among live campaigns")->required();
  AddInteger(*create, "--total", options.total,
             OptionRange{static_cast<std::int32_t>(limits::kCouponsPerCampaignMin),
                         static_cast<std::int32_t>(limits::kCouponsPerCampaignMax)},
             "How many coupons there are")
      ->required();
  CLI::Option_group* start = create->add_option_group("start", "When it starts; one of:");
  AddDuration(*start, "--start-in", {nanoseconds(0), kDurationMax},
              "So long after its creation, by the server's clock; 0s: at once",
              [&options](nanoseconds wait) { options.start_in = wait; });
  start
      ->add_option_function<std::string>(
          "--start",
          [&options](const std::string& text) {
            const auto moment = ParseMoment(text);
            if (!moment) throw CLI::ValidationError("--start", moment.error());
            options.start = *moment;
          },
          "At this time by the server's clock, such as 2026-12-01T10:00:00+09:00")
      ->type_name("TIME");
  start->require_option(1);
  return create;
}

/// Digits with at most one decimal point; neither a sign nor an exponent, nor anything that is not
/// a number.
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
         " per second; for as fast as possible, write max";
}

/// `text` has passed CheckRate.
void SetRate(Options& options, const std::string& text) {
  double rate = 0;
  std::from_chars(text.data(), text.data() + text.size(), rate);
  options.rate = text == "max" ? std::nullopt : std::optional(rate);
}

CLI::App* AddLoad(CLI::App& app, Options& options) {
  CLI::App* load =
      app.add_subcommand("load", "Ask for coupons at a constant rate, and check what came of it");
  load->footer(
      "A request is due at its time whatever became of those before, and latency counts from\n"
      "then, so a slow server cannot hide. Afterwards every coupon that was handed out is held\n"
      "against what the server lists and counts; nobody else may use the campaign meanwhile.\n"
      "Only a server on this machine is put under load, unless --allow-remote is given.\n\n" +
      std::string(kFooter));
  AddCampaignId(*load, options);
  AddInteger(*load, "--concurrency", options.concurrency,
             OptionRange{std::size_t{1}, kLoadConnectionsMax},
             "Connections, and requests in flight")
      ->default_str(std::to_string(options.concurrency));
  load->add_option_function<std::string>(
          "--rate", [&options](const std::string& text) { SetRate(options, text); },
          "Requests per second: a number above 0, with a decimal point if you like, up to " +
              std::to_string(static_cast<std::uint64_t>(kRatePerSecondMax)) +
              ", or max: as fast as the connections allow, and latency counts from sending")
      ->type_name("NUMBER|max")
      ->default_str("500")
      ->check(CheckRate);
  AddDuration(*load, "--duration", {kDurationMin, kDurationMax}, "How long requests become due",
              [&options](nanoseconds value) { options.duration = value; })
      ->default_str("10s");
  AddDuration(*load, "--drain", {nanoseconds(0), kDurationMax},
              "How long after that the rest is still sent; 0s: not at all",
              [&options](nanoseconds value) { options.drain = value; })
      ->default_str("10s");
  CLI::Option* retry =
      load->add_flag("--retry", options.retry,
                     "Give each request a request_id, and repeat it while its outcome is unknown");
  AddDuration(*load, "--retry-for", {kDurationMin, kDurationMax},
              "With --retry, how long a request is repeated",
              [&options](nanoseconds value) { options.retry_for = value; })
      ->default_str("30s")
      ->needs(retry);
  load->add_flag("--allow-remote", options.allow_remote, "Load a server on another machine too");
  load->add_flag("--skip-check", options.skip_check,
                 "Do not read the campaign before and after; for benchmarks");
  load->add_flag("--progress", options.progress,
                 "A line a second on stderr (a terminal gets a live line without asking)");
  return load;
}

CLI::App* AddWatch(CLI::App& app, Options& options) {
  CLI::App* watch =
      app.add_subcommand("watch", "Show how a campaign goes, until it is sold out or deleted");
  watch->footer(
      "On a terminal one line shows the state of the campaign; elsewhere each change is a line.\n"
      "With --json each message is one JSON object, also those that only repeat the one before:\n"
      "coupond repeats itself when nothing has changed for a while (20 s, its flag --heartbeat),\n"
      "and after the connection was lost.\n\n"
      "Once a first message has come, a connection that is lost is made again, also after a\n"
      "restart of the server, until the campaign is sold out or deleted: pauses grow from 0.2 s\n"
      "to 5 s, and standard error says what happens. With --no-reconnect it ends the watch with\n"
      "exit code 3. If the time of --duration is up while the connection is lost, that is 3 "
      "too.\n\n"
      "With --streams many connections watch at once and are counted, to see what watchers cost\n"
      "a server: messages in all and per second, the longest pause, how the streams ended. They\n"
      "are not reconnected; one that breaks counts as failed. Only a server on this machine is\n"
      "put under that, unless --allow-remote is given.\n\n" +
      std::string(kFooter));
  AddCampaignId(*watch, options);
  CLI::Option* streams = AddInteger(*watch, "--streams", {1, kWatchStreamsMax},
                                    "Watch over so many connections at once, and count",
                                    [&options](std::uint64_t count) { options.streams = count; });
  AddDuration(*watch, "--duration", {kDurationMin, kDurationMax}, "Watch no longer than this",
              [&options](nanoseconds value) { options.watch_for = value; });
  AddDuration(*watch, "--silence-timeout", {kDurationMin, kDurationMax},
              "A connection on which nothing comes for so long is lost: three times the server's "
              "--heartbeat",
              [&options](nanoseconds value) { options.silence_timeout = value; })
      ->default_str("60s");
  watch->add_flag("--no-reconnect", options.no_reconnect, "End when the connection is lost");
  watch->add_flag("--allow-remote", options.allow_remote, "Many streams to another machine too")
      ->needs(streams);
  return watch;
}

}  // namespace

void AddOptions(CLI::App& app, Options& options) {
  app.footer(std::string(kFooter));
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--server", options.server, "Where coupond listens")
      ->envname("COUPOND_SERVER")
      ->capture_default_str();
  app.add_flag("--json", options.json,
               "One JSON document for programs; `coupons` and `watch`: one a line");
  AddDuration(app, "--timeout", {kDurationMin, kDurationMax}, "How long a call may take",
              [&options](nanoseconds value) { options.timeout = value; })
      ->default_str("10s, a backup: 1h");

  AddCreate(app, options);
  CLI::App* issue = app.add_subcommand("issue", "Get one coupon of a campaign");
  AddCampaignId(*issue, options);
  issue->add_option("--request-id", options.request_id,
                    "Makes asking again safe: the same id gives the same coupon. It belongs to the "
                    "--user-id: with another one, or none, it is another request");
  issue->add_option("--user-id", options.user_id, "One coupon per user");
  AddCampaignId(*app.add_subcommand("get", "Show a campaign"), options);
  CLI::App* list = app.add_subcommand("list", "Show the campaigns");
  AddLimit(*list, options);
  CLI::App* coupons = app.add_subcommand("coupons", "Show the coupons that a campaign issued");
  AddCampaignId(*coupons, options);
  AddLimit(*coupons, options);
  CLI::App* remove = app.add_subcommand("delete", "End a campaign for good");
  remove->add_option("id", options.campaign_id, "The campaign's id");
  remove->add_option("--name", options.name, "Its name; if both are given, both must fit");
  AddLoad(app, options);
  AddWatch(app, options);
  CLI::App* backup =
      app.add_subcommand("backup", "Copy the store to disk while it gives out coupons");
  backup
      ->add_option("name", options.backup_name,
                   "The copy's name in the server's --backup-dir: letters, digits, . _ -")
      ->type_name("DEST")
      ->required();
}

}  // namespace coupond::ctl
