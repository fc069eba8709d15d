#include "couponctl/command_options.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/display_text.h"
#include "base/duration_text.h"
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

/// Adds an option of a command that changes a campaign: a value that `parse` reads, or none, which
/// removes what there is. `none` is what stands for it.
template <typename Value, typename Parse>
CLI::Option* AddRemovable(CLI::App& command, const std::string& name,
                          const std::string& description, std::optional<Value>& value, Value none,
                          Parse parse, const std::string& type) {
  return command
      .add_option_function<std::string>(
          name,
          [name, &value, none, parse](const std::string& text) {
            if (text == "none") {
              value = none;
              return;
            }
            const auto parsed = parse(text);
            if (!parsed) throw CLI::ValidationError(name, parsed.error() + "; or write none");
            value = *parsed;
          },
          description)
      ->type_name(type + "|none");
}

/// Adds a flag of a command that changes a campaign, and another one that takes it back.
void AddSwitch(CLI::App& command, const std::string& name, const std::string& description,
               std::optional<bool>& value) {
  CLI::Option* on = command.add_flag_callback("--" + name, [&value] { value = true; }, description);
  command
      .add_flag_callback(
          "--no-" + name, [&value] { value = false; }, "Take --" + name + " back")
      ->excludes(on);
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

/// Reads how long coupons are valid.
std::expected<nanoseconds, std::string> ParseValidity(const std::string& text) {
  auto duration = ParseDuration(text);
  if (duration && *duration < kDurationMin) {
    return std::unexpected(Quoted(text) + " is too small; the smallest value is " +
                           FormatDuration(kDurationMin));
  }
  if (duration && *duration > limits::kValidDurationMax) {
    return std::unexpected(Quoted(text) + " is too large; the largest value is " +
                           FormatDuration(limits::kValidDurationMax));
  }
  return duration;
}

constexpr OptionRange<std::uint64_t> kPerUser{1, limits::kCouponsPerUserMax};

void AddRequest(CLI::App& command, Options& options, const std::string& validate_only) {
  command.add_option("--request-id", options.request_id,
                     "Makes a retry safe: the same ID with the same options gets the same answer");
  command.add_flag("--validate-only", options.validate_only, validate_only);
}

/// Adds the terms about coupons to `create`.
void AddTerms(CLI::App& create, CouponTerms& terms) {
  AddInteger(create, "--coupons-per-user", kPerUser,
             "Number of coupons that one user may have; with more than 1, issuing to a user needs "
             "a --request-id",
             [&terms](std::uint64_t coupons) {
               terms.coupons_per_user = static_cast<std::int32_t>(coupons);
             })
      ->default_str("1");
  create.add_flag_callback(
      "--user-required", [&terms] { terms.user_required = true; },
      "Issue no coupon without a --user-id");
  AddMoment(create, "--redeem-start", "From when coupons are redeemed (default: at once)",
            [&terms](Timestamp moment) { terms.redeem_start = moment; });
  AddMoment(create, "--expire", "When all coupons expire; without it, at no fixed time",
            [&terms](Timestamp moment) { terms.expire = moment; });
  AddDuration(create, "--valid-for", {kDurationMin, limits::kValidDurationMax},
              "How long a coupon may be redeemed after it was issued",
              [&terms](nanoseconds duration) { terms.valid_for = duration; });
  create.add_flag_callback(
      "--redeem-by-holder-only", [&terms] { terms.redeem_by_holder_only = true; },
      "Redeem a coupon only for the user whom it was issued to");
}

/// Adds the terms about coupons to `update`.
void AddChangesOfTerms(CLI::App& update, CouponTerms& terms) {
  AddInteger(update, "--coupons-per-user", kPerUser,
             "A new number of coupons that one user may have; between 1 and more, only while no "
             "user has a coupon",
             [&terms](std::uint64_t coupons) {
               terms.coupons_per_user = static_cast<std::int32_t>(coupons);
             });
  AddSwitch(update, "user-required", "Issue no more coupons without a --user-id",
            terms.user_required);
  AddRemovable(update, "--redeem-start", "From when coupons are redeemed; none means at once",
               terms.redeem_start, kAlways, tools::ParseMoment, "TIME");
  AddRemovable(update, "--expire",
               "When all coupons expire, not earlier than before once there are some", terms.expire,
               kNever, tools::ParseMoment, "TIME");
  AddRemovable(update, "--valid-for",
               "How long a coupon may be redeemed after it was issued, up to " +
                   FormatDuration(limits::kValidDurationMax) +
                   ", not shorter than before once there are some",
               terms.valid_for, kUnlimited, ParseValidity, "DURATION");
  AddSwitch(update, "redeem-by-holder-only",
            "Redeem a coupon only for the user whom it was issued to", terms.redeem_by_holder_only);
}

void AddUpdate(CLI::App& app, Options& options) {
  CLI::App* update = AddCommand(app, "update", "Change terms of a campaign",
                                {"update ID --total 2000 --end 2026-12-31T00:00:00+09:00",
                                 "update ID --coupons-per-user 3 --valid-for 30d",
                                 "update ID --expire none --validate-only"});
  AddCampaignId(*update, options);
  CampaignChanges& changes = options.changes;
  update->add_option("--name", changes.name, "A new name, unique among live campaigns");
  AddInteger(*update, "--total", {kTotals.min, kTotals.max},
             "A new number of coupons, not below those that have been issued",
             [&changes](std::uint64_t total) { changes.total = static_cast<std::int32_t>(total); });
  AddMoment(*update, "--start", "A new start, while no coupon has been issued",
            [&changes](Timestamp start) { changes.start = start; });
  AddRemovable(*update, "--end",
               "A new end; a later one reopens a campaign that has ended, and none removes the end",
               changes.end, kNever, tools::ParseMoment, "TIME");
  CLI::Option* description =
      update->add_option("--description", changes.description, "A new description");
  update
      ->add_flag_callback(
          "--no-description", [&changes] { changes.description = std::string(); },
          "Remove the description")
      ->excludes(description);
  AddChangesOfTerms(*update, changes.terms);
  AddInteger(*update, "--if-revision", {1, std::numeric_limits<std::int64_t>::max()},
             "Change nothing unless the campaign has this revision, which `get` shows",
             [&changes](std::uint64_t revision) { changes.if_revision = revision; });
  AddRequest(*update, options, "Only check the change, and change nothing");
  update->callback([&changes] {
    if (changes.any()) return;
    throw CLI::ValidationError(
        "nothing to change; give a term, such as --total, --end or --coupons-per-user");
  });
}

/// Adds `pause` or `resume`, which have the same options.
void AddPause(CLI::App& app, Options& options, const std::string& name,
              const std::string& description, std::string_view example) {
  CLI::App* pause = AddCommand(app, name, description, {example});
  AddCampaignId(*pause, options);
  CLI::Option* issuing = pause->add_flag_callback(
      "--issuing", [&options] { options.scope = coupon::v1::PAUSE_SCOPE_ISSUING; },
      "Only issuing (default: issuing and redeeming)");
  pause
      ->add_flag_callback(
          "--redeeming", [&options] { options.scope = coupon::v1::PAUSE_SCOPE_REDEEMING; },
          "Only redeeming")
      ->excludes(issuing);
  AddReason(*pause, options);
}

}  // namespace

CLI::App* AddCommand(CLI::App& app, const std::string& name, const std::string& description,
                     std::initializer_list<std::string_view> examples) {
  CLI::App* command = app.add_subcommand(name, description);
  std::string footer = examples.size() == 1 ? "Example:\n" : "Examples:\n";
  for (const std::string_view example : examples) {
    footer.append("  couponctl ").append(example).append("\n");
  }
  command->footer(footer.append("\n").append(kFooter));
  return command;
}

void AddCampaignId(CLI::App& command, Options& options) {
  command.add_option("id", options.campaign_id, "The campaign's ID")->required();
}

void AddReason(CLI::App& command, Options& options) {
  command.add_option("--reason", options.reason,
                     "Why, for the log; at most 128 bytes, and no personal data");
}

void AddCreate(CLI::App& app, Options& options) {
  CLI::App* create = AddCommand(app, "create", "Create a campaign",
                                {"create --name summer --total 1000 --start-in 5m",
                                 "create --name vip --total 500 --start-in 0s --coupons-per-user 3 "
                                 "--user-required --valid-for 30d --request-id vip-1"});
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
  AddTerms(*create, options.terms);
  AddRequest(*create, options, "Only check the campaign, and create nothing");
}

void AddStatus(CLI::App& app, Options& options) {
  CLI::App* status =
      AddCommand(app, "status", "Show how far a campaign has come", {"status ID --json"});
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
                  {"archive ID"}),
      options);
  AddCampaignId(
      *AddCommand(app, "unarchive", "Put an archived campaign back as it was", {"unarchive ID"}),
      options);
}

}  // namespace coupond::ctl
