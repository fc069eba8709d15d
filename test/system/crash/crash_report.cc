#include "system/crash/crash_report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdint>

namespace coupond::test {
namespace {

constexpr std::size_t kBarColumns = 30;
constexpr std::size_t kKillsPerLine = 10;

double Milliseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

void AddRow(std::string& text, std::string_view what, std::uint64_t count,
            std::string_view more = "") {
  fmt::format_to(std::back_inserter(text), "  {:<38}{:>12}{}\n", what, count, more);
}

}  // namespace

CrashProgress::CrashProgress(std::size_t kills)
    : kills_(kills), on_terminal_(::isatty(STDERR_FILENO) == 1) {}

void CrashProgress::Show(const CrashResult& result, std::size_t faults) {
  const std::string line =
      fmt::format("{} of {} kills, {} coupons acknowledged, {} faults", result.kills, kills_,
                  result.totals.acknowledged_issues, faults);
  if (on_terminal_) {
    const std::size_t done = kBarColumns * result.kills / kills_;
    fmt::print(stderr, "\r\033[K[{:#<{}}{:.<{}}] {}", "", done, "", kBarColumns - done, line);
    std::fflush(stderr);
  } else if (result.kills % kKillsPerLine == 0) {
    fmt::print(stderr, "{}\n", line);
  }
}

void CrashProgress::Finish() const {
  if (on_terminal_) fmt::print(stderr, "\r\033[K");
}

std::string CrashText(const CrashOptions& options, const CrashResult& result,
                      const FaultLog& faults) {
  std::string text;
  AddRow(text, "kills", result.kills);
  for (std::size_t moment = 0; moment < result.kills_at.size(); ++moment) {
    const auto name = KillMomentName(static_cast<KillMoment>(moment));
    AddRow(text, fmt::format("  {}", name), result.kills_at.at(moment));
  }
  AddRow(text, "  while starting, before it was ready", result.kills_before_ready);
  AddRow(text, "restarts, each checked", result.restarts);
  AddRow(text, "slowest restart", static_cast<std::uint64_t>(Milliseconds(result.slowest_restart)),
         " ms");
  AddRow(text, "clean stops in between", result.clean_stops);
  AddRow(text, "audits", result.audits, options.audit ? "" : " (no --audit given)");
  AddRow(text, "coupons acknowledged", result.totals.acknowledged_issues);
  AddRow(text, "campaigns created", result.totals.acknowledged_creates);
  AddRow(text, "campaigns deleted", result.totals.acknowledged_deletes);
  AddRow(text, "coupons redeemed", result.totals.acknowledged_redemptions);
  AddRow(text, "redemptions canceled", result.totals.acknowledged_cancels);
  AddRow(text, "coupons voided", result.totals.acknowledged_voids);
  AddRow(text, "campaigns updated", result.totals.acknowledged_updates);
  AddRow(text, "campaigns paused and resumed", result.totals.acknowledged_pauses);
  AddRow(text, "campaigns archived and unarchived", result.totals.acknowledged_archivings);
  AddRow(text, "users erased", result.totals.acknowledged_erasures);
  AddRow(text, "outcomes unknown", result.totals.unknown_outcomes);
  AddRow(text, "  resolved by a retry", result.totals.retries_resolved);
  AddRow(text, "coupons checked", result.totals.coupons_checked);
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind) {
    const auto fault = static_cast<FaultKind>(kind);
    AddRow(text, FaultName(fault), faults.count(fault));
  }
  for (const Fault& fault : faults.kept()) {
    fmt::format_to(std::back_inserter(text), "{}: {}\n", FaultName(fault.kind), fault.what);
  }
  fmt::format_to(std::back_inserter(text), "{} passed, {} failed\n",
                 result.kills - result.failed_kills, result.failed_kills);
  return text;
}

std::string CrashJson(const CrashOptions& options, const CrashResult& result,
                      const FaultLog& faults) {
  boost::json::object counts;
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind) {
    const auto fault = static_cast<FaultKind>(kind);
    counts[FaultName(fault)] = faults.count(fault);
  }
  boost::json::array found;
  for (const Fault& fault : faults.kept()) {
    found.push_back(boost::json::object{{"kind", FaultName(fault.kind)}, {"what", fault.what}});
  }
  const auto kills_at = [&result](KillMoment moment) {
    return result.kills_at.at(static_cast<std::size_t>(moment));
  };
  const boost::json::object document{
      {"seed", options.seed},
      {"clients", options.clients},
      {"kills", result.kills},
      {"killsAfterAcknowledgements", kills_at(KillMoment::kAfterAcknowledgements)},
      {"killsAfterTime", kills_at(KillMoment::kAfterTime)},
      {"killsWhileStarting", kills_at(KillMoment::kWhileStarting)},
      {"killsWhileStopping", kills_at(KillMoment::kWhileStopping)},
      {"killsBeforeReady", result.kills_before_ready},
      {"restarts", result.restarts},
      {"slowestRestartMs", Milliseconds(result.slowest_restart)},
      {"cleanStops", result.clean_stops},
      {"audits", result.audits},
      {"couponsAcknowledged", result.totals.acknowledged_issues},
      {"campaignsCreated", result.totals.acknowledged_creates},
      {"campaignsDeleted", result.totals.acknowledged_deletes},
      {"couponsRedeemed", result.totals.acknowledged_redemptions},
      {"redemptionsCanceled", result.totals.acknowledged_cancels},
      {"couponsVoided", result.totals.acknowledged_voids},
      {"campaignsUpdated", result.totals.acknowledged_updates},
      {"campaignsPausedAndResumed", result.totals.acknowledged_pauses},
      {"campaignsArchivedAndUnarchived", result.totals.acknowledged_archivings},
      {"usersErased", result.totals.acknowledged_erasures},
      {"outcomesUnknown", result.totals.unknown_outcomes},
      {"resolvedByRetry", result.totals.retries_resolved},
      {"couponsChecked", result.totals.coupons_checked},
      {"faults", counts},
      {"found", found},
      {"passed", result.kills - result.failed_kills},
      {"failed", result.failed_kills}};
  return boost::json::serialize(document) + "\n";
}

}  // namespace coupond::test
