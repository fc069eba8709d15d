#include "couponctl/load/load_report.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/display_text.h"
#include "base/duration_text.h"
#include "common/table.h"

namespace coupond::ctl {
namespace {

double Seconds(std::chrono::nanoseconds duration) {
  return static_cast<double>(duration.count()) / 1e9;
}

/// The rows of a table of counts.
class CountRows {
 public:
  void Add(std::string name, std::uint64_t count) {
    table_.AddRow({std::move(name), fmt::format("{}", count)});
  }
  void AddUnlessZero(std::string name, std::uint64_t count) {
    if (count > 0) Add(std::move(name), count);
  }
  void AddSent(const RequestTally& tally) {
    Add("sent", tally.sent());
    AddUnlessZero("  repeated", tally.attempts() - tally.sent());
  }
  void AddErrors(const RequestTally& tally) {
    for (const auto& [name, count] : tally.errors()) Add("error: " + name, count);
  }
  [[nodiscard]] std::string Text() const { return table_.Text({.indent = 2}); }

 private:
  tools::Table table_{
      {{.title = ""}, {.title = "", .align = tools::Table::Align::kRight, .width_min = 10}}};
};

std::string CountsText(const LoadTally& tally) {
  CountRows rows;
  rows.AddSent(tally);
  rows.Add("issued", tally.issued());
  // A repeated request counts once, as issued; a user who asks again makes another request.
  rows.AddUnlessZero(
      tally.users().one_each() ? "already issued (asked again)" : "  already issued (retries)",
      tally.already_issued());
  for (const IssueRefusal& refusal : kIssueRefusals) {
    rows.AddUnlessZero(fmt::format("refused: {}", refusal.text), tally.refused(refusal.reason));
  }
  rows.AddUnlessZero("failed", tally.failed());
  rows.AddUnlessZero("outcome unknown", tally.open());
  rows.AddUnlessZero("due, but never sent", tally.not_sent());
  rows.AddErrors(tally);
  return rows.Text();
}

std::string RedeemCountsText(const RedeemTally& tally, std::uint64_t never_sent) {
  CountRows rows;
  rows.AddSent(tally);
  rows.Add("redeemed", tally.redeemed());
  rows.AddUnlessZero("  already redeemed (retries)", tally.already_redeemed());
  for (const RedeemRefusal& refusal : kRedeemRefusals) {
    rows.AddUnlessZero(fmt::format("refused: {}", refusal.text), tally.count(refusal.outcome));
  }
  rows.AddUnlessZero("failed", tally.failed());
  rows.AddUnlessZero("outcome unknown", tally.open());
  rows.AddUnlessZero("unknown at first, then settled", tally.settled());
  rows.AddUnlessZero("never sent", never_sent);
  rows.AddErrors(tally);
  return rows.Text();
}

std::string LatencyText(const LatencyRecord& latency) {
  std::vector<tools::Table::Column> columns;
  std::vector<std::string> values;
  for (const NamedPercentile& percentile : kShownPercentiles) {
    columns.push_back(
        {.title = std::string(percentile.name), .align = tools::Table::Align::kRight});
    values.push_back(FormatDuration(latency.Percentile(percentile.percent)));
  }
  columns.push_back({.title = "max", .align = tools::Table::Align::kRight});
  values.push_back(FormatDuration(latency.max()));
  tools::Table table(std::move(columns));
  table.AddRow(std::move(values));
  return table.Text({.indent = 2});
}

std::string UseText(const GeneratorUse& use, const LatencyRecord& latency) {
  if (const auto why = use.WhyLimit(latency)) {
    return fmt::format("THIS LOAD GENERATOR, NOT THE SERVER, WAS THE LIMIT: {}\n", *why);
  }
  return fmt::format("load generator: not the limit, busy {:.0f} % of the time\n",
                     100 * use.BusyShare());
}

std::string RedeemText(const LoadPlan& plan, const LoadResult& result) {
  if (!plan.redeem) return {};
  if (!result.redeemed) return "redeeming: not begun, because the load was interrupted\n";
  if (result.tally.issued() == 0) return "redeeming: there was no coupon to redeem\n";
  const RedeemResult& redeemed = *result.redeemed;
  std::string text = fmt::format("redeeming, from {} on:\n", FormatDuration(redeemed.begin));
  text += RedeemCountsText(redeemed.tally, NeverRedeemed(result));
  text += fmt::format("answered: {:.1f} redemptions/s over {}\n", AchievedRate(redeemed),
                      FormatDuration(redeemed.elapsed));
  text += plan.schedule.rate_per_second() ? "latency from when a redemption was due:\n"
                                          : "latency from when a redemption was sent:\n";
  return text + LatencyText(redeemed.tally.latency()) +
         UseText(redeemed.use, redeemed.tally.latency());
}

std::string AllowedFor(std::uint64_t open) {
  return open == 0 ? std::string() : fmt::format("; {} unknown outcomes allowed for", open);
}

std::string PassedText(const CheckOutcome& check, const LoadResult& result) {
  const LoadUsers& users = result.tally.users();
  std::string of_users;
  if (users.count > 0) {
    of_users = users.one_each() ? ", none for another user, no user has two"
                                : fmt::format(", none for another user, no user has more than {}",
                                              check.after.coupons_per_user);
  }
  std::string text = fmt::format(
      "consistency: ok ({} of {} issued, {} before; no code twice, every coupon held is listed, "
      "none before the start{}{})\n",
      check.after.issued, check.after.total, check.before.issued, of_users,
      AllowedFor(result.tally.open()));
  if (!result.redeemed) return text;
  return text + fmt::format(
                    "redemptions: ok ({} coupons are redeemed, {} before; each by the one request "
                    "that was told so; {} second redemptions refused{})\n",
                    check.after.redeemed, check.before.redeemed, check.second_redemptions,
                    AllowedFor(result.redeemed->tally.open()));
}

std::string CheckText(const CheckOutcome& check, const LoadResult& result) {
  switch (check.state) {
    case CheckOutcome::State::kSkipped:
      return "consistency: not checked\n";
    case CheckOutcome::State::kImpossible:
      return fmt::format("consistency: COULD NOT BE CHECKED: {}\n",
                         Printable(check.why_impossible));
    case CheckOutcome::State::kPassed:
      return PassedText(check, result);
    case CheckOutcome::State::kFailed:
      break;
  }
  std::string text = "CONSISTENCY CHECK FAILED\n";
  for (const Fault& fault : check.faults) {
    text += fmt::format("  {}: {}{}\n", FaultName(fault.kind), Printable(fault.message),
                        fault.count > 1 ? fmt::format(" (and {} more)", fault.count - 1) : "");
  }
  return text;
}

double AnswersPerSecond(std::uint64_t answered, std::chrono::nanoseconds elapsed) {
  return elapsed.count() > 0 ? static_cast<double>(answered) / Seconds(elapsed) : 0;
}

}  // namespace

double AchievedRate(const LoadResult& result) {
  return AnswersPerSecond(result.tally.answered(), result.elapsed);
}

double AchievedRate(const RedeemResult& redeemed) {
  // An outcome that was settled came after that time.
  const RedeemTally& tally = redeemed.tally;
  return AnswersPerSecond(tally.answered() - tally.settled(), redeemed.elapsed);
}

std::uint64_t NeverRedeemed(const LoadResult& result) {
  return result.redeemed ? result.tally.issued() - result.redeemed->tally.sent() : 0;
}

std::string LoadText(const LoadPlan& plan) {
  const ArrivalSchedule& schedule = plan.schedule;
  std::string text = schedule.rate_per_second()
                         ? fmt::format("{:g} requests/s", *schedule.rate_per_second())
                         : std::string("as fast as possible");
  text += fmt::format(" for {} over {} connections", FormatDuration(schedule.duration()),
                      plan.connections);
  if (plan.users.count > 0) text += fmt::format(" as {} users", plan.users.count);
  if (schedule.ramp().count() > 0)
    text += fmt::format(", rising for {}", FormatDuration(schedule.ramp()));
  return text;
}

std::string ProgressLine(const LoadProgress& progress) {
  const double seconds = Seconds(progress.elapsed);
  if (const RedeemTally* const redeeming = progress.redeeming) {
    return fmt::format(
        "{:>6.1f}s  redeeming: sent {}  redeemed {}  refused {}  errors {}  "
        "waiting {}  p99 {}",
        seconds, redeeming->sent(), redeeming->redeemed(), redeeming->refused_in_all(),
        redeeming->failed() + redeeming->open(), progress.waiting,
        FormatDuration(redeeming->latency().Percentile(99)));
  }
  const LoadTally& tally = progress.tally;
  return fmt::format("{:>6.1f}s  sent {}  issued {}  refused {}  errors {}  waiting {}  p99 {}",
                     seconds, tally.sent(), tally.issued(), tally.refused_in_all(),
                     tally.failed() + tally.open(), progress.waiting,
                     FormatDuration(tally.latency().Percentile(99)));
}

std::string SummaryText(const LoadPlan& plan, const LoadResult& result, const CheckOutcome& check) {
  std::string text = fmt::format("requested: {}{}{}\n", LoadText(plan),
                                 plan.redeem ? ", then redeeming each coupon" : "",
                                 result.interrupted ? " (interrupted)" : "");
  text += CountsText(result.tally);
  text +=
      fmt::format("answered: {:.1f} requests/s over {}, {} connections opened\n",
                  AchievedRate(result), FormatDuration(result.elapsed), result.tally.connections());
  text += plan.schedule.rate_per_second() ? "latency from when a request was due:\n"
                                          : "latency from when a request was sent:\n";
  text += LatencyText(result.tally.latency());
  return text + UseText(result.use, result.tally.latency()) + RedeemText(plan, result) +
         CheckText(check, result);
}

}  // namespace coupond::ctl
