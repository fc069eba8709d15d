#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/display_text.h"
#include "base/entropy.h"
#include "common/progress_bar.h"
#include "coupon_audit/commands/commands.h"
#include "engine/clock/system_clock.h"
#include "storage/format/commit_record.h"
#include "storage/repair/log_repair.h"

namespace coupond::audit {
namespace {

using storage::NewSerials;
using storage::RepairedStore;
using storage::RepairFindings;

std::string ErrorText(const Error& error) {
  return fmt::format("{}: {}", ErrorCodeName(error.code), Printable(error.message));
}

/// Returns what is wrong, a line for each fault.
std::string DamageText(const RepairFindings& findings) {
  std::string text;
  if (findings.log_damage) text += fmt::format("damaged: {}\n", ErrorText(*findings.log_damage));
  if (!findings.watermark) {
    text += fmt::format("damaged: {}\n", ErrorText(findings.watermark.error()));
  }
  return text;
}

std::string KeptText(const RepairFindings& findings) {
  const LogTip& sound = findings.survey.sound;
  return fmt::format("sound:   groups 1 to {}, events 1 to {}, {} bytes of records\n",
                     sound.group.value(), sound.sequence.value(), findings.survey.sound_bytes);
}

std::string LostText(const RepairFindings& findings) {
  const char* lead = "to lose: ";
  const std::uint64_t sound = findings.survey.sound.group.value();
  std::string text;
  const RepairFindings::Loss loss = findings.known_loss();
  if (loss.groups > 0) {
    text += fmt::format("{}at least {} groups ({} to {}) with {} events", lead, loss.groups,
                        sound + 1, sound + loss.groups, loss.events);
    if (loss.coupons > 0) text += fmt::format(", at least {} coupons", loss.coupons);
    text += '\n';
    lead = "         ";
  }
  if (findings.acknowledged_lost() > 0) {
    const bool by_views =
        findings.views_group > GroupNumber() && findings.views_group == findings.acknowledged();
    text +=
        fmt::format("{}{} groups that were acknowledged to callers ({} to {}, according to {})\n",
                    lead, findings.acknowledged_lost(), sound + 1, findings.acknowledged().value(),
                    by_views ? "the views' checkpoint" : "WATERMARK");
  } else if (!findings.watermark) {
    text += fmt::format(
        "{}any groups after {} that were acknowledged to callers: without WATERMARK it is "
        "unknown how far the log must reach\n",
        lead, sound);
  } else if (loss.groups == 0) {
    text += fmt::format("{}nothing that is known to have been acknowledged to callers\n", lead);
  }
  const auto& behind = findings.survey.behind;
  if (behind.groups > 0) {
    text += fmt::format(
        "         at least {} groups behind the damage ({} events, {} bytes, up to group {}) can "
        "still be read, but they do not follow from the sound part, so they are removed too\n",
        behind.groups, behind.events, behind.bytes, behind.last.value());
  }
  return text;
}

/// Returns what is wrong, what is kept and what is lost.
std::string RepairFindingsText(const RepairFindings& findings) {
  return DamageText(findings) + KeptText(findings) + LostText(findings);
}

/// The outcome of a repair.
struct RepairReport {
  const RepairFindings& findings;
  /// The place that the removed parts would have.
  std::filesystem::path removed_pattern;
  std::optional<RepairedStore> repaired = std::nullopt;  ///< nullopt: nothing was changed

  [[nodiscard]] std::string removed() const {
    return (repaired ? repaired->removed : removed_pattern).string();
  }
};

std::string RepairReportText(const RepairReport& report) {
  const RepairFindings& findings = report.findings;
  if (!findings.needs_repair()) {
    return fmt::format("nothing to repair: the log is sound, {} events in {} groups\n",
                       findings.survey.sound.sequence.value(), findings.survey.sound.group.value());
  }
  if (report.repaired) {
    const NewSerials& serials = report.repaired->serials;
    return fmt::format(
        "repaired: the store ends at group {0}; everything that was removed is in {1}\n"
        "group {0} gives the {2} live campaigns new serials from {3} on for the {4} coupons that they "
        "can still issue, so no code of a lost coupon is given out again. Lost coupons are not valid "
        "any more, and what else happened in lost groups is undone: callers may know otherwise\n"
        "start coupond, or check first with coupon-audit verify\n",
        report.repaired->tip.group.value(), report.removed(), serials.live_campaigns,
        serials.first.value(), serials.places_left);
  }
  return RepairFindingsText(findings) +
         fmt::format(
             "nothing was changed. Look for a backup first: what is lost here cannot be recovered "
             "later. To repair without one, repeat with --accept-loss: the store goes on with the "
             "sound part and new serials, so that no code of a lost coupon is given out again; what "
             "is removed will be kept in {}\n",
             report.removed());
}

std::string RepairReportJson(const RepairReport& report) {
  const RepairFindings& findings = report.findings;
  const auto error_json = [](const Error& error) {
    return boost::json::object{{"code", ErrorCodeName(error.code)}, {"message", error.message}};
  };
  boost::json::array damage;
  if (findings.log_damage) damage.push_back(error_json(*findings.log_damage));
  if (!findings.watermark) damage.push_back(error_json(findings.watermark.error()));
  const LogTip& sound = findings.survey.sound;
  const auto& behind = findings.survey.behind;
  const RepairFindings::Loss loss = findings.known_loss();
  boost::json::object json{
      {"sound", !findings.needs_repair()},
      {"repaired", report.repaired.has_value()},
      {"damage", std::move(damage)},
      {"kept", boost::json::object{{"groups", sound.group.value()},
                                   {"events", sound.sequence.value()},
                                   {"bytes", findings.survey.sound_bytes},
                                   {"headHash", storage::FormatHash(sound.hash)}}},
      {"acknowledgedGroupsLost", findings.acknowledged_lost()},
      {"lostAtLeast",
       boost::json::object{
           {"groups", loss.groups}, {"events", loss.events}, {"coupons", loss.coupons}}},
      {"watermarkKnown", findings.watermark.has_value()},
      {"readableBehind",
       boost::json::object{
           {"groups", behind.groups}, {"events", behind.events}, {"bytes", behind.bytes}}}};
  if (findings.needs_repair()) json["removed"] = report.removed();
  if (report.repaired) {
    json["groups"] = report.repaired->tip.group.value();
    json["headHash"] = storage::FormatHash(report.repaired->tip.hash);
    json["firstNewSerial"] = report.repaired->serials.first.value();
    json["liveCampaigns"] = report.repaired->serials.live_campaigns;
    json["placesLeft"] = report.repaired->serials.places_left;
  }
  return boost::json::serialize(json) + "\n";
}

/// Prints the report and returns the exit code.
ExitCode Print(const RepairReport& report, bool json, tools::Output& output) {
  output.done = report.repaired
                    ? "the log has been repaired; what was removed is in " + report.removed()
                    : "nothing was changed";
  output.text << (json ? RepairReportJson(report) : RepairReportText(report));
  const bool sound = report.repaired || !report.findings.needs_repair();
  return sound ? ExitCode::kSound : ExitCode::kViolation;
}

}  // namespace

ExitCode RunRepair(const Options& options, tools::Output& output) {
  Result<std::unique_ptr<storage::LogRepair>> repair;
  {
    tools::ProgressBar bar("reading the log");
    repair = storage::LogRepair::Inspect(
        options.directory,
        [&bar](std::uint64_t done, std::uint64_t groups) { bar.Show(done, groups); });
  }
  if (!repair) return ReportError(repair.error(), options.json, output);
  const RepairFindings& findings = (*repair)->findings();
  if (!options.accept_loss || !findings.needs_repair()) {
    return Print({.findings = findings, .removed_pattern = (*repair)->removed_pattern()},
                 options.json, output);
  }
  // The findings are printed before anything is changed. Programs get one object at the end.
  output.done = "nothing was changed";
  if (options.json) {
    std::cerr << RepairFindingsText(findings) << std::flush;
  } else {
    output.text << RepairFindingsText(findings) << std::flush;
  }
  const SystemClock clock;
  if (const Status plausible = CheckIsPlausible(clock.Now()); !plausible) {
    return ReportError(plausible.error(), options.json, output);
  }
  Result<RepairedStore> repaired;
  {
    tools::ProgressBar bar("repairing the log");
    SystemEntropy entropy;
    repaired = (*repair)->AcceptLoss(
        entropy, clock,
        [&bar](std::uint64_t done, std::uint64_t groups) { bar.Show(done, groups); }, nullptr);
  }
  if (!repaired) {
    output.done.clear();
    return ReportError(repaired.error(), options.json, output);
  }
  return Print({.findings = findings, .removed_pattern = {}, .repaired = *std::move(repaired)},
               options.json, output);
}

}  // namespace coupond::audit
