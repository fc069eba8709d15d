#include "couponctl/command_line.h"

#include <charconv>
#include <functional>
#include <string>
#include <string_view>

#include "base/duration_text.h"
#include "couponctl/load_generator.h"
#include "couponctl/moment_text.h"
#include "couponctl/watch_run.h"

namespace coupond::ctl {
namespace {

using std::chrono::nanoseconds;

constexpr std::string_view kFooter =
    "Durations are written as 500ms, 30s, 5m, 2h or 1d.\n\n"
    "Exit codes:\n"
    "  0  done\n"
    "  1  refused by the server, or a load's consistency check failed\n"
    "  2  the command line makes no sense\n"
    "  3  no answer, or the server failed\n"
    "130  a watch was interrupted\n";

CLI::Option* AddDuration(CLI::App& app, const std::string& name, const std::string& description,
                         const std::function<void(nanoseconds)>& set) {
  return app
      .add_option_function<std::string>(
          name,
          [name, set](const std::string& text) {
            const auto duration = ParseDuration(text);
            if (!duration) throw CLI::ValidationError(name, duration.error());
            set(*duration);
          },
          description)
      ->type_name("DURATION");
}

void AddCampaignId(CLI::App& app, Options& options) {
  app.add_option("id", options.campaign_id, "The campaign's id")->required();
}

CLI::App* AddCreate(CLI::App& app, Options& options) {
  CLI::App* create = app.add_subcommand("create", "Create a campaign");
  create->add_option("--name", options.name, "Its name, unique among live campaigns")->required();
  create->add_option("--total", options.total, "How many coupons there are")->required();
  CLI::Option_group* start = create->add_option_group("start", "When it starts; one of:");
  AddDuration(*start, "--start-in", "So long from now",
              [&options](nanoseconds wait) { options.start_in = wait; });
  start
      ->add_option_function<std::string>(
          "--start",
          [&options](const std::string& text) {
            const auto moment = ParseMoment(text);
            if (!moment) throw CLI::ValidationError("--start", moment.error());
            options.start = *moment;
          },
          "At this time, such as 2026-12-01T10:00:00+09:00")
      ->type_name("TIME");
  start->require_option(1);
  return create;
}

void SetRate(Options& options, const std::string& text) {
  double rate = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate);
  const bool number = error == std::errc() && end == text.data() + text.size();
  if (!number && text != "max") {
    throw CLI::ValidationError("--rate", "\"" + text + "\" is neither a number nor max");
  }
  options.rate = text == "max" || rate == 0 ? std::nullopt : std::optional(rate);
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
  load->add_option("--concurrency", options.concurrency, "Connections, and requests in flight")
      ->check(CLI::Range(std::size_t{1}, kLoadConnectionsMax))
      ->capture_default_str();
  load->add_option_function<std::string>(
          "--rate", [&options](const std::string& text) { SetRate(options, text); },
          "Requests per second; 0 or max: as fast as the connections allow, and latency counts "
          "from "
          "sending")
      ->type_name("NUMBER|max")
      ->default_str("500");
  AddDuration(*load, "--duration", "How long requests become due", [&options](nanoseconds value) {
    options.duration = value;
  })->default_str("10s");
  AddDuration(*load, "--drain", "How long after that the rest is still sent",
              [&options](nanoseconds value) { options.drain = value; })
      ->default_str("10s");
  load->add_flag("--retry", options.retry,
                 "Give each request a request_id, and repeat it while its outcome is unknown");
  AddDuration(*load, "--retry-for", "How long a request is repeated",
              [&options](nanoseconds value) { options.retry_for = value; })
      ->default_str("30s");
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
      "On a terminal one line shows how far it is; elsewhere each message is a line, with --json\n"
      "one JSON object. With --streams so many watch at once and are counted, to see what "
      "watchers\n"
      "cost a server: messages in all and a second, the longest pause, how the streams ended. "
      "Only\n"
      "a server on this machine is put under that, unless --allow-remote is given.\n\n" +
      std::string(kFooter));
  AddCampaignId(*watch, options);
  CLI::Option* streams =
      watch
          ->add_option_function<std::size_t>(
              "--streams", [&options](const std::size_t& count) { options.streams = count; },
              "Watch over so many connections at once, and count")
          ->check(CLI::Range(std::size_t{1}, kWatchStreamsMax));
  AddDuration(*watch, "--duration", "Watch no longer than this",
              [&options](nanoseconds value) { options.watch_for = value; });
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
  AddDuration(app, "--timeout", "How long a call may take", [&options](nanoseconds value) {
    options.timeout = value;
  })->default_str("10s, a backup: 1h");

  AddCreate(app, options);
  CLI::App* issue = app.add_subcommand("issue", "Get one coupon of a campaign");
  AddCampaignId(*issue, options);
  issue->add_option("--request-id", options.request_id,
                    "Makes asking again safe: the same id gives the same coupon. It belongs to the "
                    "--user-id: with another one, or none, it is another request");
  issue->add_option("--user-id", options.user_id, "One coupon per user");
  AddCampaignId(*app.add_subcommand("get", "Show a campaign"), options);
  CLI::App* list = app.add_subcommand("list", "Show the campaigns");
  list->add_option("--limit", options.limit, "No more than so many");
  CLI::App* coupons = app.add_subcommand("coupons", "Show the coupons that a campaign issued");
  AddCampaignId(*coupons, options);
  coupons->add_option("--limit", options.limit, "No more than so many");
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
