#include "couponctl/campaign_options.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>

#include "common/moment_text.h"
#include "couponctl/command_line.h"
#include "engine/rules/limits.h"
#include "program/command_line.h"

namespace coupond::ctl {
namespace {

using std::chrono::nanoseconds;

constexpr OptionRange<std::int32_t> kTotals{
    static_cast<std::int32_t>(limits::kCouponsPerCampaignMin),
    static_cast<std::int32_t>(limits::kCouponsPerCampaignMax)};

/// Reads a time, or "none" as kNever.
Timestamp ParseEnd(const std::string& text) {
  if (text == "none") return kNever;
  const auto moment = tools::ParseMoment(text);
  if (!moment) throw CLI::ValidationError("--end", moment.error() + "; or write none");
  return *moment;
}

CLI::Option* AddMoment(CLI::App& command, const std::string& name, const std::string& description,
                       const std::function<void(Timestamp)>& set) {
  return command
      .add_option_function<std::string>(
          name,
          [name, set](const std::string& text) {
            const auto moment = tools::ParseMoment(text);
            if (!moment) throw CLI::ValidationError(name, moment.error());
            set(*moment);
          },
          description)
      ->type_name("TIME");
}

void AddUpdate(CLI::App& app, Options& options) {
  CLI::App* update = AddCommand(app, "update", "Change terms of a campaign",
                                "update ID --total 2000 --end 2026-12-31T00:00:00+09:00");
  AddCampaignId(*update, options);
  CampaignChanges& changes = options.changes;
  update->add_option("--name", changes.name, "A new name, unique among live campaigns");
  AddInteger(*update, "--total", {kTotals.min, kTotals.max},
             "A new number of coupons, not below those that have been issued",
             [&changes](std::uint64_t total) { changes.total = static_cast<std::int32_t>(total); });
  AddMoment(*update, "--start", "A new start, while no coupon has been issued",
            [&changes](Timestamp start) { changes.start = start; });
  update
      ->add_option_function<std::string>(
          "--end", [&changes](const std::string& text) { changes.end = ParseEnd(text); },
          "A new end; a later one reopens a campaign that has ended, and none removes the end")
      ->type_name("TIME|none");
  CLI::Option* description =
      update->add_option("--description", changes.description, "A new description");
  update
      ->add_flag_callback(
          "--no-description", [&changes] { changes.description = std::string(); },
          "Remove the description")
      ->excludes(description);
  AddInteger(*update, "--if-revision", {1, std::numeric_limits<std::int64_t>::max()},
             "Change nothing unless the campaign has this revision, which `get` shows",
             [&changes](std::uint64_t revision) { changes.if_revision = revision; });
  update->callback([&changes] {
    if (changes.any()) return;
    throw CLI::ValidationError(
        "nothing to change; give --name, --total, --start, --end, --description or --no-description");
  });
}

/// Adds `pause` or `resume`, which have the same options.
void AddPause(CLI::App& app, Options& options, const std::string& name,
              const std::string& description, const std::string& example) {
  CLI::App* pause = AddCommand(app, name, description, example);
  AddCampaignId(*pause, options);
  CLI::Option* issuing = pause->add_flag_callback(
      "--issuing", [&options] { options.scope = coupon::v1::PAUSE_SCOPE_ISSUING; },
      "Only issuing (default: issuing and redeeming)");
  pause
      ->add_flag_callback(
          "--redeeming", [&options] { options.scope = coupon::v1::PAUSE_SCOPE_REDEEMING; },
          "Only redeeming")
      ->excludes(issuing);
  pause->add_option("--reason", options.reason,
                    "Why, for the log; at most 128 bytes, and no personal data");
}

}  // namespace

CLI::App* AddCommand(CLI::App& app, const std::string& name, const std::string& description,
                     const std::string& example) {
  CLI::App* command = app.add_subcommand(name, description);
  command->footer("Example:\n  couponctl " + example + "\n\n" + std::string(kFooter));
  return command;
}

void AddCampaignId(CLI::App& command, Options& options) {
  command.add_option("id", options.campaign_id, "The campaign's ID")->required();
}

void AddCreate(CLI::App& app, Options& options) {
  CLI::App* create = AddCommand(app, "create", "Create a campaign",
                                "create --name summer --total 1000 --start-in 5m");
  create->add_option("--name", options.name, "The campaign's name, unique among live campaigns")
      ->required();
  AddInteger(*create, "--total", options.total, kTotals, "Number of coupons")->required();
  CLI::Option_group* start = create->add_option_group("start", "When the campaign starts; one of:");
  AddDuration(*start, "--start-in", {nanoseconds(0), kDurationMax},
              "This long after its creation, by the server's clock; 0s starts it immediately",
              [&options](nanoseconds wait) { options.start_in = wait; });
  AddMoment(*start, "--start",
            "At this time by the server's clock, such as 2026-12-01T10:00:00+09:00",
            [&options](Timestamp moment) { options.start = moment; });
  start->require_option(1);
  AddMoment(*create, "--end", "When it ends; without it, it has no end",
            [&options](Timestamp moment) { options.end = moment; });
  create->add_option("--description", options.description, "What the campaign is about");
}

void AddStatus(CLI::App& app, Options& options) {
  CLI::App* status =
      AddCommand(app, "status", "Show how far a campaign has come", "status ID --json");
  AddCampaignId(*status, options);
}

void AddChanges(CLI::App& app, Options& options) {
  AddUpdate(app, options);
  AddPause(app, options, "pause", "Stop issuing coupons, redeeming them, or both",
           "pause ID --issuing --reason \"wrong price\"");
  AddPause(app, options, "resume", "Let issuing, redeeming or both go on",
           "resume ID --reason \"price corrected\"");
  AddCampaignId(
      *AddCommand(app, "archive", "End a campaign and hide it from lists; its coupons stay valid",
                  "archive ID"),
      options);
  AddCampaignId(
      *AddCommand(app, "unarchive", "Put an archived campaign back as it was", "unarchive ID"),
      options);
}

}  // namespace coupond::ctl
