// couponctl: the command line of the coupon service, and its load generator. This file gives
// the options to the command that they are for.

#include <google/protobuf/stubs/logging.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "base/display_text.h"
#include "couponctl/command_line.h"
#include "couponctl/commands/backup_command.h"
#include "couponctl/commands/commands.h"
#include "couponctl/load/load_command.h"
#include "couponctl/watch/watch_command.h"
#include "couponctl/watch/watch_load_command.h"
#include "program/command_line.h"
#include "program/process_environment.h"
#include "program/standard_output.h"
#include "program/terminal.h"
#include "rpc/client/server_address.h"
#include "rpc/client/server_endpoints.h"

namespace coupond::ctl {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

/// How long a call may take, unless --timeout says otherwise.
constexpr nanoseconds kCallTimeout = seconds(10);
constexpr nanoseconds kBackupTimeout = std::chrono::hours(1);

/// What is printed, and what to say if that fails: the output, not the request, did.
struct Printed {
  StandardOutput out;
  std::string done;
};

[[noreturn]] void Misused(const std::string& why) { throw CLI::ValidationError(why); }

ExitCode Load(const Options& options, ServerAddress server, Printed& printed) {
  const auto schedule = ArrivalSchedule::Make(options.rate, options.duration);
  if (!schedule) Misused(schedule.error());
  ProgressStyle progress = options.progress ? ProgressStyle::kLog : ProgressStyle::kNone;
  if (!options.progress && !options.json && MayRedraw(STDERR_FILENO)) {
    progress = ProgressStyle::kLine;
  }
  return RunLoadCommand({
      .plan = {.server = std::move(server),
               .allow_remote = options.allow_remote,
               .campaign_id = options.campaign_id,
               .connections = options.concurrency,
               .schedule = *schedule,
               .request_timeout = options.timeout.value_or(kCallTimeout),
               .drain_for = options.drain,
               .retry_for = options.retry ? std::optional(options.retry_for) : std::nullopt},
      .check = !options.skip_check,
      .progress = progress,
      .json = options.json,
      .out = printed.out,
      .err = std::cerr,
      .done = &printed.done,
  });
}

ExitCode Watch(const CommandContext& context, const Options& options) {
  const ServerAddress& server = context.client.server();
  auto endpoints = FindServer(server);
  if (!endpoints) return ReportError(context, endpoints.error());
  if (options.streams && !options.allow_remote) {
    const auto here = ExpectOnThisMachine(server, *endpoints);
    if (!here) Misused(here.error());
  }
  const WatchPlan plan{.server = server,
                       .endpoints = std::move(*endpoints),
                       .campaign_id = options.campaign_id,
                       .streams = options.streams.value_or(1),
                       .answer_timeout = options.timeout.value_or(kCallTimeout),
                       .silence_timeout = options.silence_timeout,
                       .reconnect = !options.no_reconnect && !options.streams,
                       .duration = options.watch_for};
  if (!options.streams) {
    const bool redraw = MayRedraw(STDOUT_FILENO);
    return WatchCampaign(context, plan, redraw ? context.columns : std::nullopt);
  }
  return WatchWithManyStreams(context, plan, !options.json && MayRedraw(STDERR_FILENO));
}

StartTime StartOf(const Options& options) {
  if (options.start) return *options.start;
  return options.start_in.value_or(nanoseconds(0));
}

ExitCode Dispatch(const std::string& command, const Options& options, Printed& printed) {
  auto server = ParseServerAddress(options.server);
  if (!server) Misused("--server or COUPOND_SERVER: " + server.error());
  if (command == "load") return Load(options, std::move(*server), printed);
  const nanoseconds usual = command == "backup" ? kBackupTimeout : kCallTimeout;
  ConnectClient client(std::move(*server), options.timeout.value_or(usual));
  const CommandContext context{.client = client,
                               .json = options.json,
                               .out = printed.out,
                               .err = std::cerr,
                               .columns = TerminalColumns(STDOUT_FILENO),
                               .done = &printed.done};
  const bool reads =
      command == "get" || command == "list" || command == "coupons" || command == "watch";
  if (reads) printed.done = "nothing was changed on the server";
  if (command == "create") {
    return CreateCampaign(context, options.name, options.total, StartOf(options));
  }
  if (command == "issue") {
    return IssueCoupon(context, options.campaign_id, options.request_id, options.user_id);
  }
  if (command == "backup") return CreateBackup(context, options.backup_name);
  if (command == "get") return GetCampaign(context, options.campaign_id);
  if (command == "list") return ListCampaigns(context, options.limit);
  if (command == "watch") return Watch(context, options);
  if (command == "coupons") return ListCoupons(context, options.campaign_id, options.limit);
  if (options.campaign_id.empty() && options.name.empty())
    Misused("delete what? give ID or --name");
  return DeleteCampaign(context, options.campaign_id, options.name);
}

int Main(int argc, char** argv) {
  if (!PrepareProcess()) return static_cast<int>(ExitCode::kFailed);
  // protobuf has a line for every string of a server's that is not UTF-8; what cannot be read is
  // told anyway.
  google::protobuf::SetLogHandler(nullptr);
  CLI::App app("Talks to coupond: creates campaigns, gets coupons, and puts it under load.",
               "couponctl");
  Options options;
  AddOptions(app, options);
  constexpr int kFailed = static_cast<int>(ExitCode::kFailed);
  if (const auto status = ParseCommandLine(app, argc, argv, kFailed)) return *status;
  Printed printed;
  try {
    const ExitCode code = Dispatch(app.get_subcommands().front()->get_name(), options, printed);
    printed.out.flush();
    return static_cast<int>(code);
  } catch (const CLI::ParseError& error) {
    return ReportUsageError(app, error.what());
  } catch (const OutputError& error) {
    std::cerr << "couponctl: " << error.what();
    if (!printed.done.empty()) std::cerr << "; " << Printable(printed.done);
    std::cerr << '\n';
    return kFailed;
  } catch (const std::exception& error) {
    std::cerr << "couponctl: " << DescribeEnd(error) << '\n';
    return static_cast<int>(ExitCode::kFailed);
  }
}

}  // namespace
}  // namespace coupond::ctl

int main(int argc, char** argv) { return coupond::ctl::Main(argc, argv); }
