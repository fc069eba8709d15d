#include "couponctl/load/load_command.h"

#include <algorithm>
#include <cstdint>
#include <expected>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "base/display_text.h"
#include "common/moment_text.h"
#include "common/progress_bar.h"
#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/coupon_service.h"
#include "couponctl/load/consistency_check.h"
#include "couponctl/load/load_plot.h"
#include "couponctl/load/load_report.h"
#include "couponctl/load/plot_file.h"
#include "rpc/client/connect_client.h"

namespace coupond::ctl {
namespace {

using std::chrono::milliseconds;

CheckedCampaign Checked(const coupon::v1::Campaign& campaign) {
  return {.id = campaign.id(),
          .total = MayBeIssued(campaign),
          .issued_before = EverIssued(campaign),
          .start_time = tools::FromMessage(campaign.start_time())};
}

/// Returns why the campaign would refuse every request, because of the users that the load names or
/// does not; nullopt if it would not.
std::optional<std::string_view> WhyRefused(const coupon::v1::Campaign& campaign,
                                           std::uint64_t users) {
  if (users > 0 && campaign.coupons_per_user() > 1) {
    return "--users: the campaign allows several coupons for each user, so it needs a request_id "
           "from each, which a load does not give; choose a campaign with one coupon per user";
  }
  if (users == 0 && campaign.user_required()) {
    return "the campaign issues coupons to users only; name some with --users";
  }
  return std::nullopt;
}

/// Runs the load, and shows its progress.
std::expected<LoadResult, std::string> RunShown(const LoadCommand& command) {
  tools::LiveLine line(command.err);
  const bool live = command.progress == ProgressStyle::kLine;
  LoadPlan plan = command.plan;
  plan.with_course = command.plot.has_value();
  return RunLoad(plan, live ? milliseconds(200) : milliseconds(1000),
                 [&command, &line, live](const LoadProgress& progress) {
                   if (command.progress == ProgressStyle::kNone) return;
                   if (live) return line.Show(ProgressLine(progress));
                   command.err << ProgressLine(progress) << '\n' << std::flush;
                 });
}

ExitCode Complain(const LoadCommand& command, const std::string& why, ExitCode exit_code) {
  command.err << "couponctl: " << Printable(why) << '\n';
  return exit_code;
}

ExitCode ExitCodeOf(const LoadResult& result, const CheckOutcome& check) {
  if (check.state == CheckOutcome::State::kFailed) return ExitCode::kRefused;
  if (check.state == CheckOutcome::State::kImpossible) return ExitCode::kFailed;
  const bool nothing = result.tally.answered() == 0 && !result.interrupted;
  return nothing ? ExitCode::kFailed : ExitCode::kDone;
}

}  // namespace

ExitCode RunLoadCommand(const LoadCommand& command) {
  const LoadPlan& plan = command.plan;
  CheckedCampaign before;
  if (command.check) {
    rpc_client::ConnectClient client(plan.server, plan.request_timeout, RequestHeaders());
    const auto campaign = ReadCampaign(client, plan.campaign_id);
    if (!campaign) {
      const CommandContext context{
          .client = client, .json = command.json, .out = command.out, .err = command.err};
      return ReportError(context, campaign.error(), {.if_not_found = kListShowsCampaigns});
    }
    if (const auto why = WhyRefused(*campaign, plan.users)) {
      return Complain(command, std::string(*why), ExitCode::kUsage);
    }
    before = Checked(*campaign);
  }
  std::optional<PlotFile> plot;
  if (command.plot) {
    auto file = PlotFile::Open(*command.plot);
    if (!file) return Complain(command, file.error(), ExitCode::kUsage);
    plot.emplace(std::move(*file));
  }
  const auto result = RunShown(command);
  if (!result) return Complain(command, result.error(), ExitCode::kUsage);
  CheckOutcome check;
  if (command.check) {
    // As long as requests are repeated, a server that was killed may be on its way back.
    check = CheckConsistency(
        {.server = plan.server,
         .request_timeout = plan.request_timeout,
         .retry_for = std::max(plan.retry_for.value_or(plan.drain_for), plan.drain_for)},
        before, result->tally);
  }
  if (command.done != nullptr) {
    *command.done = "the load was run all the same: " + std::to_string(result->tally.issued()) +
                    " coupons were issued";
  }
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
