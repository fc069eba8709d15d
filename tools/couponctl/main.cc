// couponctl: the command line of the coupon service, and its load generator. This file hands the
// options to their command.

#include <google/protobuf/stubs/logging.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/entropy.h"
#include "common/output.h"
#include "couponctl/command_line.h"
#include "couponctl/commands/commands.h"
#include "couponctl/commands/coupon_service.h"
#include "couponctl/commands/events_command.h"
#include "couponctl/commands/export_command.h"
#include "couponctl/commands/keys_command.h"
#include "couponctl/load/load_command.h"
#include "couponctl/watch/watch_command.h"
#include "couponctl/watch/watch_load.h"
#include "program/command_line.h"
#include "program/standard_streams.h"
#include "rpc/client/call_error.h"
#include "rpc/client/connect_client.h"
#include "rpc/client/server_address.h"
#include "rpc/client/tls_trust.h"

namespace coupond::ctl {
namespace {

using rpc_client::ServerAddress;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// The maximum duration of a call without --timeout.
constexpr nanoseconds kCallTimeout = seconds(10);
/// That of calls that take as long as reading the whole store.
constexpr nanoseconds kWholeStoreTimeout = std::chrono::hours(1);

nanoseconds UsualTimeout(std::string_view command) {
  if (command == "backup" || command == "erase-user") return kWholeStoreTimeout;
  return command == "events" ? nanoseconds(kEventsTimeout) : kCallTimeout;
}

/// Reports a usage error that was found after parsing.
ExitCode Misused(const Options& options, const std::string& why) {
  ReportUsageError("couponctl", options.command, why);
  return ExitCode::kUsage;
}

ExitCode Load(const Options& options, ServerAddress server, tools::Output& output) {
  const auto schedule = ArrivalSchedule::Make(options.rate, options.duration, options.ramp);
  if (!schedule) return Misused(options, schedule.error());
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
               .retry_for = options.retry ? std::optional(options.retry_for) : std::nullopt,
               .users = {.count = options.users},
               .redeem = options.redeem},
      .check = !options.skip_check,
      .plot = options.plot,
      .progress = progress,
      .json = options.json,
      .out = output.text,
      .err = std::cerr,
      .done = &output.done,
  });
}

ExitCode Watch(const CommandContext& context, const Options& options) {
  const ServerAddress& server = context.client.server();
  auto endpoints = rpc_client::FindServer(server);
  if (!endpoints) {
    return ReportError(context, rpc_client::CannotReach(server, endpoints.error()));
  }
  if (options.streams && !options.allow_remote) {
    const auto here = ExpectOnThisMachine(server, *endpoints);
    if (!here) return Misused(options, here.error());
  }
  const WatchPlan plan{.server = server,
                       .endpoints = std::move(*endpoints),
                       .campaign_id = options.campaign_id,
                       .follow = options.follow,
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

RequestOptions RequestOf(const Options& options) {
  return {.id = options.request_id, .validate_only = options.validate_only};
}

/// Runs a command that changes a campaign. Returns nullopt if it is another one.
std::optional<ExitCode> ChangeCampaign(const CommandContext& context, const Options& options) {
  const std::string& command = options.command;
  const std::string& id = options.campaign_id;
  if (command == "update") {
    return UpdateCampaign(context, id, options.changes, RequestOf(options));
  }
  if (command == "pause") return PauseCampaign(context, id, options.scope, options.reason);
  if (command == "resume") return ResumeCampaign(context, id, options.scope, options.reason);
  if (command == "archive") return ArchiveCampaign(context, id);
  if (command == "unarchive") return UnarchiveCampaign(context, id);
  return std::nullopt;
}

/// Runs a command about a single coupon. Returns nullopt if it is another one.
std::optional<ExitCode> ForCoupon(const CommandContext& context, const Options& options) {
  const std::string& command = options.command;
  if (command == "coupon") return ShowCoupon(context, options.code);
  if (command == "redeem") {
    return RedeemCoupon(context, {.code = options.code,
                                  .user_id = options.user_id,
                                  .order_ref = options.order_ref,
                                  .redeemed_by = options.redeemed_by,
                                  .request_id = options.request_id,
                                  .validate_only = options.validate_only});
  }
  if (command == "undo-redeem") {
    return CancelRedemption(context, options.code, options.redemption, options.reason);
  }
  if (command == "void") {
    return VoidCoupon(context, {.code = options.code,
                                .return_to_pool = options.return_to_pool,
                                .free_claim = options.free_claim,
                                .reason = options.reason});
  }
  return std::nullopt;
}

/// Returns the time in whole seconds, as people write it into a file.
Timestamp Now() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp::FromUnixNanoseconds(
      nanoseconds(std::chrono::floor<seconds>(since_1970)).count());
}

ExitCode Keys(const Options& options, tools::Output& output) {
  SystemEntropy entropy;
  return RunKeysCommand({.json = options.json,
                         .out = output.text,
                         .err = std::cerr,
                         .columns = TerminalColumns(STDOUT_FILENO),
                         .done = &output.done,
                         .now = Now(),
                         .entropy = entropy},
                        options.keys);
}

/// Returns the variable of that name, or nullopt if it is not set.
std::optional<std::string> Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

ExitCode Run(const Options& options, tools::Output& output) {
  const std::string& command = options.command;
  if (command == "keys") return Keys(options, output);
  auto server = rpc_client::ParseServerAddress(options.server);
  if (!server) return Misused(options, "--server or COUPOND_SERVER: " + server.error());
  auto key = KeyToSend(options.key_file, Variable("COUPOND_KEY"));
  if (!key) return Misused(options, key.error());
  server->key = *std::move(key);
  if (server->secure) {
    auto trust = rpc_client::LoadTrust(options.trust);
    if (!trust) return Misused(options, trust.error());
    server->trust = *std::move(trust);
  } else if (!options.trust.ca.empty() || !options.trust.certificate.empty()) {
    return Misused(options,
                   "certificates are for an https:// server; --server or COUPOND_SERVER "
                   "is " +
                       server->Url());
  }
  if (command == "load") return Load(options, std::move(*server), output);
  rpc_client::ConnectClient client(
      std::move(*server), options.timeout.value_or(UsualTimeout(command)), RequestHeaders());
  const CommandContext context{.client = client,
                               .json = options.json,
                               .out = output.text,
                               .err = std::cerr,
                               .columns = TerminalColumns(STDOUT_FILENO),
                               .done = &output.done};
  const bool reads = command == "get" || command == "status" || command == "list" ||
                     command == "coupons" || command == "coupon" || command == "watch" ||
                     command == "search" || command == "export" || command == "events" ||
                     command == "info" || command == "health" ||
                     (command == "clock" && !options.accepted_clock);
  if (reads) output.done = "nothing was changed on the server";
  if (command == "create") {
    return CreateCampaign(context,
                          {.name = options.name,
                           .total = options.total,
                           .start = StartOf(options),
                           .end = options.end,
                           .description = options.description,
                           .terms = options.terms},
                          RequestOf(options));
  }
  if (command == "issue") {
    return IssueCoupon(context, options.campaign_id, options.request_id, options.user_id);
  }
  if (command == "batch") return BatchIssueCoupons(context, options.batch);
  if (command == "backup") return CreateBackup(context, options.backup_name);
  if (command == "erase-user") return EraseUser(context, options.erasure);
  if (command == "info") return ShowServerInfo(context);
  if (command == "health") return ShowHealth(context);
  if (command == "clock") {
    return options.accepted_clock ? AcceptClock(context, *options.accepted_clock)
                                  : ShowClock(context);
  }
  if (command == "search") return SearchCoupons(context, options.searching);
  if (command == "export") return ExportCoupons(context, options.exporting);
  if (command == "events") {
    return ReadEvents(context, options.events,
                      [](std::chrono::milliseconds pause) { std::this_thread::sleep_for(pause); });
  }
  if (command == "get") return GetCampaign(context, options.campaign_id);
  if (command == "status") return GetCampaignStatus(context, options.campaign_id);
  if (command == "list") return ListCampaigns(context, options.archived, options.limit);
  if (command == "watch") return Watch(context, options);
  if (const auto changed = ChangeCampaign(context, options)) return *changed;
  if (const auto done = ForCoupon(context, options)) return *done;
  if (command == "coupons") return ListCoupons(context, options.campaign_id, options.limit);
  return DeleteCampaign(context, options.campaign_id, options.name);
}

}  // namespace
}  // namespace coupond::ctl

int main(int argc, char** argv) {
  using coupond::ctl::ExitCode;
  // protobuf would log every string from a server that is not UTF-8. A message that cannot be read
  // is reported anyway.
  google::protobuf::SetLogHandler(nullptr);
  constexpr int kFailed = static_cast<int>(ExitCode::kFailed);
  return coupond::tools::RunTool("couponctl", kFailed, [argc, argv](auto& output) {
    const auto options = coupond::ctl::ParseOptions(argc, argv);
    if (!options) return options.error();
    return static_cast<int>(coupond::ctl::Run(*options, output));
  });
}
