// couponctl: the command line of the coupon service, and its load generator. This file knows the
// options; what they do is in the other files.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <iostream>
#include <optional>
#include <string>

#include "couponctl/commands.h"
#include "couponctl/duration_text.h"
#include "couponctl/load_command.h"
#include "couponctl/moment_text.h"
#include "couponctl/server_address.h"
#include "engine/rules/limits.h"

namespace coupond::ctl {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::string_view kFooter =
    "Durations are written as 500ms, 30s, 5m, 2h or 1d.\n\n"
    "Exit codes:\n"
    "  0  done\n"
    "  1  refused by the server, or a load's consistency check failed\n"
    "  2  the command line makes no sense\n"
    "  3  no answer, or the server failed\n";

struct Options {
  std::string server = "http://127.0.0.1:8080";
  bool json = false;
  nanoseconds timeout = seconds(10);

  std::string campaign_id;
  std::string name;
  std::int32_t total = 0;
  std::optional<nanoseconds> start_in;
  std::optional<Timestamp> start;
  std::string request_id;
  std::string user_id;
  std::optional<std::uint64_t> limit;

  std::size_t concurrency = 50;
  std::optional<double> rate = 500;
  nanoseconds duration = seconds(10);
  nanoseconds drain = seconds(10);
  bool retry = false;
  nanoseconds retry_for = seconds(30);
  bool allow_remote = false;
  bool skip_check = false;
  bool progress = false;
};

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

[[noreturn]] void Misused(const std::string& why) { throw CLI::ValidationError(why); }

ExitCode Load(const Options& options, ServerAddress server) {
  const auto schedule = ArrivalSchedule::Make(options.rate, options.duration);
  if (!schedule) Misused(schedule.error());
  ProgressStyle progress = options.progress ? ProgressStyle::kLog : ProgressStyle::kNone;
  if (!options.progress && !options.json && isatty(STDERR_FILENO) == 1) {
    progress = ProgressStyle::kLine;
  }
  return RunLoadCommand({
      .plan = {.server = std::move(server),
               .allow_remote = options.allow_remote,
               .campaign_id = options.campaign_id,
               .connections = options.concurrency,
               .schedule = *schedule,
               .request_timeout = options.timeout,
               .drain_for = options.drain,
               .retry_for = options.retry ? std::optional(options.retry_for) : std::nullopt},
      .check = !options.skip_check,
      .progress = progress,
      .json = options.json,
      .out = std::cout,
      .err = std::cerr,
  });
}

Timestamp StartOf(const Options& options) {
  if (options.start) return *options.start;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp::FromUnixNanoseconds(std::chrono::duration_cast<nanoseconds>(now).count())
      .Plus(options.start_in.value_or(nanoseconds(0)));
}

ExitCode Dispatch(const std::string& command, const Options& options) {
  auto server = ParseServerAddress(options.server);
  if (!server) Misused(server.error());
  if (command == "load") return Load(options, std::move(*server));
  ConnectClient client(std::move(*server), options.timeout);
  const CommandContext context{
      .client = client, .json = options.json, .out = std::cout, .err = std::cerr};
  if (command == "create") {
    return CreateCampaign(context, options.name, options.total, StartOf(options));
  }
  if (command == "issue") {
    return IssueCoupon(context, options.campaign_id, options.request_id, options.user_id);
  }
  if (command == "get") return GetCampaign(context, options.campaign_id);
  if (command == "list") return ListCampaigns(context, options.limit);
  if (command == "coupons") return ListCoupons(context, options.campaign_id, options.limit);
  if (options.campaign_id.empty() && options.name.empty())
    Misused("delete what? give ID or --name");
  return DeleteCampaign(context, options.campaign_id, options.name);
}

void AddOptions(CLI::App& app, Options& options) {
  app.footer(std::string(kFooter));
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--server", options.server, "Where coupond listens")
      ->envname("COUPOND_SERVER")
      ->capture_default_str();
  app.add_flag("--json", options.json, "One JSON document for programs; `coupons`: one a line");
  AddDuration(app, "--timeout", "How long a call may take", [&options](nanoseconds value) {
    options.timeout = value;
  })->default_str("10s");

  AddCreate(app, options);
  CLI::App* issue = app.add_subcommand("issue", "Get one coupon of a campaign");
  AddCampaignId(*issue, options);
  issue->add_option("--request-id", options.request_id, "Makes asking again safe");
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
}

int Main(int argc, char** argv) {
  CLI::App app("Talks to coupond: creates campaigns, gets coupons, and puts it under load.",
               "couponctl");
  Options options;
  AddOptions(app, options);
  try {
    app.parse(argc, argv);
    const ExitCode code = Dispatch(app.get_subcommands().front()->get_name(), options);
    std::cout.flush();
    return static_cast<int>(std::cout.good() ? code : ExitCode::kFailed);
  } catch (const CLI::ParseError& error) {
    // 0 is for --help; all that CLI11 tells apart is one to us.
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  } catch (const std::exception& error) {
    std::cerr << "couponctl: " << error.what() << '\n';
    return static_cast<int>(ExitCode::kFailed);
  }
}

}  // namespace
}  // namespace coupond::ctl

int main(int argc, char** argv) { return coupond::ctl::Main(argc, argv); }
