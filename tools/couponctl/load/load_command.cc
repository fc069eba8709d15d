#include "couponctl/load/load_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "base/display_text.h"
#include "base/error.h"
#include "common/moment_text.h"
#include "common/progress_bar.h"
#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/coupon_service.h"
#include "couponctl/load/load_check.h"
#include "couponctl/load/load_conditions.h"
#include "couponctl/load/load_plot.h"
#include "couponctl/load/load_report.h"
#include "couponctl/load/plot_file.h"
#include "engine/rules/timestamp.h"
#include "grpc/health/v1/health.pb.h"
#include "rpc/client/call_error.h"
#include "rpc/client/connect_client.h"

namespace coupond::ctl {
namespace {

using std::chrono::milliseconds;

/// The campaign before the load, or how the command ends without it.
using CampaignBefore = std::expected<coupon::v1::Campaign, ExitCode>;

ExitCode Complain(const LoadCommand& command, const std::string& why, ExitCode exit_code) {
  command.err << "couponctl: " << Printable(why) << '\n';
  return exit_code;
}

/// Returns the server's time.
std::expected<Timestamp, rpc_client::CallError> ReadServerTime(rpc_client::ConnectClient& client,
                                                               const std::string& campaign_id) {
  coupon::v1::GetCampaignStatusRequest request;
  request.set_campaign_id(campaign_id);
  coupon::v1::GetCampaignStatusResponse response;
  TRY(client.Call(kGetCampaignStatus, request, response));
  return tools::FromMessage(response.server_time());
}

/// Reads the campaign, and checks that the load would not be in vain.
CampaignBefore ReadBefore(const LoadCommand& command) {
  const LoadPlan& plan = command.plan;
  rpc_client::ConnectClient client(plan.server, plan.request_timeout, RequestHeaders());
  const CommandContext context{
      .client = client, .json = command.json, .out = command.out, .err = command.err};
  const NextStep next{.if_not_found = kListShowsCampaigns};
  auto campaign = ReadCampaign(client, plan.campaign_id);
  if (!campaign) return std::unexpected(ReportError(context, campaign.error(), next));
  std::optional<Timestamp> server_time;
  if (NeedsServerTime(plan, *campaign)) {
    const auto time = ReadServerTime(client, plan.campaign_id);
    if (!time) return std::unexpected(ReportError(context, time.error(), next));
    server_time = *time;
  }
  if (const auto obstacle = FindObstacle(plan, *campaign, server_time)) {
    return std::unexpected(Complain(command, obstacle->why, obstacle->exit_code));
  }
  return *std::move(campaign);
}

/// Reports whether every call would fail in this way.
bool IsTlsFault(rpc_client::Failure failure) {
  using rpc_client::Failure;
  return failure == Failure::kUntrusted || failure == Failure::kMisnamed ||
         failure == Failure::kCertificateWanted || failure == Failure::kNoTls;
}

/// Returns how the command ends if the server cannot be spoken to over TLS. The load would count
/// that as errors, without a word on what to do. Does not ask a server that may get no load.
std::optional<ExitCode> FindTlsFault(const LoadCommand& command) {
  const LoadPlan& plan = command.plan;
  const auto endpoints = FindLoadEndpoints(plan);
  if (!endpoints) return Complain(command, endpoints.error(), ExitCode::kUsage);
  rpc_client::ConnectClient client(plan.server, plan.request_timeout, RequestHeaders());
  grpc::health::v1::HealthCheckResponse response;
  const auto asked = client.Call(kCheckHealth, grpc::health::v1::HealthCheckRequest(), response);
  if (asked || !IsTlsFault(asked.error().failure)) return std::nullopt;
  return ReportError(
      {.client = client, .json = command.json, .out = command.out, .err = command.err},
      asked.error());
}

/// Runs the load, and shows its progress.
std::expected<LoadResult, std::string> RunShown(const LoadCommand& command, const LoadPlan& plan) {
  tools::LiveLine line(command.err);
  const bool live = command.progress == ProgressStyle::kLine;
  return RunLoad(plan, live ? milliseconds(200) : milliseconds(1000),
                 [&command, &line, live](const LoadProgress& progress) {
                   if (command.progress == ProgressStyle::kNone) return;
                   if (live) return line.Show(ProgressLine(progress));
                   command.err << ProgressLine(progress) << '\n' << std::flush;
                 });
}

ExitCode ExitCodeOf(const LoadResult& result, const CheckOutcome& check) {
  if (check.state == CheckOutcome::State::kFailed) return ExitCode::kRefused;
  if (check.state == CheckOutcome::State::kImpossible) return ExitCode::kFailed;
  if (result.interrupted) return ExitCode::kDone;
  const bool nothing = result.tally.answered() == 0;
  const bool nothing_redeemed =
      result.redeemed && result.tally.issued() > 0 && result.redeemed->tally.answered() == 0;
  return nothing || nothing_redeemed ? ExitCode::kFailed : ExitCode::kDone;
}

std::string WhatWasDone(const LoadResult& result) {
  std::string done =
      fmt::format("the load was run anyway: {} coupons were issued", result.tally.issued());
  if (result.redeemed) done += fmt::format(" and {} redeemed", result.redeemed->tally.redeemed());
  return done;
}

}  // namespace

ExitCode RunLoadCommand(const LoadCommand& command) {
  LoadPlan plan = command.plan;
  plan.with_course = command.plot.has_value();
  CheckedCampaign campaign{.id = plan.campaign_id};
  if (command.check || plan.users.count > 0 || plan.redeem) {
    const CampaignBefore before = ReadBefore(command);
    if (!before) return before.error();
    campaign.id = before->id();
    campaign.start_time = tools::FromMessage(before->start_time());
    campaign.before = CampaignFigures::Of(*before);
    plan.users.coupons_per_user = campaign.before.coupons_per_user;
  } else if (plan.server.secure) {
    if (const auto fault = FindTlsFault(command)) return *fault;
  }
  std::optional<PlotFile> plot;
  if (command.plot) {
    auto file = PlotFile::Open(*command.plot);
    if (!file) return Complain(command, file.error(), ExitCode::kUsage);
    plot.emplace(std::move(*file));
  }
  const auto result = RunShown(command, plan);
  if (!result) return Complain(command, result.error(), ExitCode::kUsage);
  CheckOutcome check;
  if (command.check) {
    // As long as requests are repeated, a server that was killed may be on its way back.
    check = CheckConsistency(
        {.server = plan.server,
         .request_timeout = plan.request_timeout,
         .retry_for = std::max(plan.retry_for.value_or(plan.drain_for), plan.drain_for)},
        campaign, *result);
  }
  if (command.done != nullptr) *command.done = WhatWasDone(*result);
  std::expected<void, std::string> plotted;
  if (plot) plotted = plot->Write(DrawLoad(plan, *result));
  command.out << (command.json ? SummaryJson(plan, *result, check)
                               : SummaryText(plan, *result, check))
              << std::flush;
  if (check.state == CheckOutcome::State::kFailed) {
    command.err << "couponctl: the consistency check failed: "
                << Printable(check.faults.front().message) << '\n';
  }
  const ExitCode exit_code = ExitCodeOf(*result, check);
  if (plotted) return exit_code;
  return Complain(command, plotted.error(),
                  exit_code == ExitCode::kDone ? ExitCode::kFailed : exit_code);
}

}  // namespace coupond::ctl
