#include "couponctl/load/load_command.h"

#include <algorithm>
#include <expected>
#include <ostream>
#include <thread>

#include "base/display_text.h"
#include "common/moment_text.h"
#include "common/progress_bar.h"
#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/commands.h"
#include "couponctl/commands/coupon_pages.h"
#include "couponctl/commands/outcome.h"
#include "couponctl/load/consistency_check.h"
#include "couponctl/load/load_report.h"
#include "rpc/client/connect_client.h"

namespace coupond::ctl {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAskAgainEvery{200};

CheckedCampaign Checked(const coupon::v1::Campaign& campaign) {
  return {.id = campaign.id(),
          .total = campaign.total_coupons(),
          .issued_before = campaign.issued_coupons(),
          .start_time = tools::FromMessage(campaign.start_time())};
}

// One complete look at what the server says now.
std::expected<CheckOutcome, CallError> Look(ConnectClient& client, const CheckedCampaign& before,
                                            const LoadTally& tally) {
  ConsistencyCheck check(before, tally.held(), tally.open());
  auto listed = ReadCoupons(client, before.id, std::nullopt, [&check](const auto& page) {
    for (const auto& coupon : page.coupons()) {
      check.AddListed(coupon.code(), coupon.campaign_id(), tools::FromMessage(coupon.issued_at()));
    }
  });
  if (!listed) return std::unexpected(std::move(listed.error()));
  const auto after = ReadCampaign(client, before.id);
  if (!after) return std::unexpected(after.error());

  CheckOutcome outcome{.issued_before = before.issued_before,
                       .issued_after = after->issued_coupons(),
                       .total = before.total,
                       .listed = check.listed(),
                       .faults = check.Finish(after->issued_coupons())};
  outcome.state =
      outcome.faults.empty() ? CheckOutcome::State::kPassed : CheckOutcome::State::kFailed;
  return outcome;
}

// A server that was killed during the load may still be on its way back, so it is asked again, as
// long as requests are repeated.
CheckOutcome Check(const LoadPlan& plan, const CheckedCampaign& before, const LoadTally& tally) {
  const auto give_up = std::chrono::steady_clock::now() +
                       std::max(plan.retry_for.value_or(plan.drain_for), plan.drain_for);
  while (true) {
    ConnectClient client(plan.server, plan.request_timeout);
    auto outcome = Look(client, before, tally);
    if (outcome) return std::move(*outcome);
    const bool hopeless = ExitCodeOf(outcome.error()) == ExitCode::kRefused;
    if (hopeless || std::chrono::steady_clock::now() >= give_up) {
      return {.state = CheckOutcome::State::kImpossible,
              .why_impossible = outcome.error().code + (outcome.error().code.empty() ? "" : ": ") +
                                outcome.error().message,
              .issued_before = before.issued_before,
              .total = before.total};
    }
    std::this_thread::sleep_for(kAskAgainEvery);
  }
}

std::expected<LoadResult, std::string> RunShown(const LoadCommand& command) {
  tools::LiveLine line(command.err);
  const bool live = command.progress == ProgressStyle::kLine;
  return RunLoad(command.plan, live ? milliseconds(200) : milliseconds(1000),
                 [&command, &line, live](const LoadProgress& progress) {
                   if (command.progress == ProgressStyle::kNone) return;
                   if (live) return line.Show(ProgressLine(progress));
                   command.err << ProgressLine(progress) << '\n' << std::flush;
                 });
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
    ConnectClient client(plan.server, plan.request_timeout);
    const auto campaign = ReadCampaign(client, plan.campaign_id);
    if (!campaign) {
      const CommandContext context{
          .client = client, .json = command.json, .out = command.out, .err = command.err};
      return ReportError(context, campaign.error(), {.if_not_found = kListShowsCampaigns});
    }
    before = Checked(*campaign);
  }
  const auto result = RunShown(command);
  if (!result) {
    command.err << "couponctl: " << result.error() << '\n';
    return ExitCode::kUsage;
  }
  const CheckOutcome check = command.check ? Check(plan, before, result->tally) : CheckOutcome();
  if (command.done != nullptr) {
    *command.done = "the load was run all the same: " + std::to_string(result->tally.issued()) +
                    " coupons were issued";
  }
  command.out << (command.json ? SummaryJson(plan, *result, check)
                               : SummaryText(plan, *result, check))
              << std::flush;
  if (check.state == CheckOutcome::State::kFailed) {
    command.err << "couponctl: the consistency check failed: "
                << Printable(check.faults.front().message) << '\n';
  }
  return ExitCodeOf(*result, check);
}

}  // namespace coupond::ctl
