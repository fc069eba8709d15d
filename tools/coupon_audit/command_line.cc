#include "coupon_audit/command_line.h"

#include <CLI/CLI.hpp>
#include <type_traits>
#include <variant>

#include "base/ascii.h"
#include "base/display_text.h"
#include "common/moment_text.h"
#include "coupon_audit/report/report.h"
#include "program/command_line.h"

namespace coupond::audit {
namespace {

constexpr const char* kFooter =
    "DIR is the --data-dir of a coupond, running or stopped, or a backup. verify, replay, log and\n"
    "export only read: they take no lock and change nothing.\n\n"
    "Exit codes:\n"
    "  0  sound, or done as asked\n"
    "  1  a violation, with its exact place; from repair and accept-clock: there is something to do\n"
    "  2  wrong usage, or no such campaign\n"
    "  3  cannot read: no data directory, no permission, a read error; or the output could not be\n"
    "     written\n";

constexpr const char* kCsv = "csv";
constexpr std::int64_t kSequenceMax = std::numeric_limits<std::int64_t>::max();

/// Adds a command of the program that takes a data directory.
CLI::App& AddCommand(CLI::App& app, const char* name, const char* description, Options& options,
                     const char* which_directory = "The data directory") {
  CLI::App* const command = app.add_subcommand(name, description);
  command->add_option("DIR", options.directory, which_directory)->required();
  return *command;
}

void AddJson(CLI::App& command, Options& options) {
  command.add_flag("--json", options.json, "Print one JSON object, for programs");
}

CLI::Option* AddCampaign(CLI::App& command, Options& options) {
  return command
      .add_option_function<std::string>(
          "--campaign",
          [&options](const std::string& text) {
            options.campaign = CampaignSelector::Parse(text);
            if (options.campaign) return;
            throw CLI::ValidationError("--campaign",
                                       Quoted(text) +
                                           " is neither a campaign's id (36 characters) nor its "
                                           "number in the log; `coupon-audit replay DIR` lists "
                                           "both");
          },
          "The campaign's id, or its number in the log; it may have been deleted")
      ->type_name("ID");
}

void SetUntil(Options& options, const std::string& text) {
  // A time has more than digits in it.
  if (text.find_first_not_of("0123456789") == std::string::npos) {
    const auto sequence = ParseDecimal(text, 0, kSequenceMax);
    if (!sequence) throw CLI::ValidationError("--until", sequence.error());
    options.until_sequence = Sequence(*sequence);
    return;
  }
  const auto moment = tools::ParseMoment(text);
  if (!moment) {
    throw CLI::ValidationError("--until", "neither a sequence nor a time: " + moment.error());
  }
  options.until_time = *moment;
}

void AddReplay(CLI::App& app, Options& options) {
  CLI::App& replay = AddCommand(
      app, "replay", "Show the campaigns as they were after an event or at a time", options);
  replay
      .add_option_function<std::string>(
          "--until", [&options](const std::string& text) { SetUntil(options, text); },
          "The last event to include: its sequence (0 for none), or a time such as "
          "2026-12-01T10:00:00+09:00; the default is the end of the log")
      ->type_name("SEQUENCE|TIME");
  AddJson(replay, options);
}

void AddLog(CLI::App& app, Options& options) {
  CLI::App& log = AddCommand(app, "log", "Show the events as JSON, one per line", options);
  constexpr OptionRange<std::uint64_t> kSequences{1, kSequenceMax};
  AddInteger(log, "--from", options.from, kSequences, "First sequence to show")
      ->type_name("SEQUENCE");
  AddInteger(log, "--to", options.to, kSequences, "Last sequence to show")->type_name("SEQUENCE");
  AddCampaign(log, options);
  log.callback([&options] {
    if (options.from <= options.to) return;
    throw CLI::ValidationError("--from is greater than --to, so there is nothing to show");
  });
}

void AddExport(CLI::App& app, Options& options) {
  CLI::App& exporting =
      AddCommand(app, "export", "Show the coupons of a campaign, straight from the log", options);
  AddCampaign(exporting, options)->required();
  exporting
      .add_option_function<std::string>(
          "--format", [&options](const std::string& format) { options.csv = format == kCsv; },
          "csv (RFC 4180) or jsonl (JSON, one object per line)")
      ->check(CLI::IsMember({kCsv, "jsonl"}))
      ->default_str(kCsv);
  exporting.add_flag("--bom", options.byte_order_mark,
                     "Start the CSV with a byte order mark, which Excel needs to show Hangul");
  exporting.add_flag_callback(
      "--no-formula-guard", [&options] { options.formula_guard = false; },
      "Write each text unchanged, even if a spreadsheet would take it for a formula. By "
      "default, one that begins with = + - @, a tab or a line break gets an apostrophe in front");
  exporting.footer(
      "The state of each coupon is that at the end of the log, or when the campaign was deleted: a\n"
      "coupon is expired if it had expired at the time of the last event.");
  exporting.callback([&options] {
    if (options.csv || (!options.byte_order_mark && options.formula_guard)) return;
    throw CLI::ValidationError("--bom and --no-formula-guard are for --format csv only");
  });
}

void AddRepair(CLI::App& app, Options& options) {
  CLI::App& repair =
      AddCommand(app, "repair", "Show what a damaged store has lost; with --accept-loss, repair it",
                 options, "The data directory; no server may be using it");
  repair.footer(
      "Without --accept-loss nothing is changed, and the exit code is 1 if there is something to\n"
      "repair. With it, the log is cut off where its damage begins, and everything that is removed\n"
      "is kept in a folder in DIR. The campaigns get new serials, so that no code of a coupon that\n"
      "is lost is given out again. This needs as much free space as the log takes.");
  repair.add_flag("--accept-loss", options.accept_loss,
                  "Remove what cannot be kept, even if it was acknowledged to callers");
  AddJson(repair, options);
}

void AddAcceptClock(CLI::App& app, Options& options) {
  CLI::App& accept = AddCommand(
      app, "accept-clock",
      "Let a store whose log ends ahead of this machine's clock go on from the clock's time",
      options, "The data directory; no server may be using it");
  accept.footer(
      "Example: coupon-audit accept-clock /var/lib/coupond --yes\n\n"
      "The clock was ahead once, and the log kept its time. Without --yes, both times are shown,\n"
      "nothing is changed, and the exit code is 1 if the log is ahead. With it, the log gets an event\n"
      "(clock_reset) from which time continues by the clock. Coupons and serials stay the same.");
  accept.add_flag("--yes", options.yes, "This machine's clock is right: put time back to it");
  AddJson(accept, options);
}

/// Adds the place for the store that a command makes.
void AddNewDirectory(CLI::App& command, const char* name, Options& options) {
  command
      .add_option(name, options.new_directory,
                  "The new data directory: it must be missing or empty")
      ->required();
}

void AddUpgrade(CLI::App& app, Options& options) {
  CLI::App& upgrade =
      AddCommand(app, "upgrade", "Make a data directory of this version from an older one", options,
                 "The old data directory; no server may be using it");
  AddNewDirectory(upgrade, "NEW", options);
  upgrade.footer(
      "The old directory stays as it is. Its log is checked, and the new one is read back and\n"
      "compared with it. This needs as much free space as the log takes.");
  AddJson(upgrade, options);
}

void AddRestore(CLI::App& app, Options& options) {
  CLI::App& restore = *app.add_subcommand(
      "restore", "Make a data directory from a backup, in which no code is given out again");
  restore
      .add_option("BACKUP", options.directory,
                  "The backup; or a data directory of this version that no server is using")
      ->required();
  AddNewDirectory(restore, "DIR", options);
  restore.footer(
      "Example: coupon-audit restore /var/backups/coupond/2026-12-01 /var/lib/coupond\n\n"
      "The backup stays as it is. Its log is checked, and the new one is read back and compared with\n"
      "it. The campaigns get new serials, so codes that were given out after the backup are not given\n"
      "out again. What happened after the backup is unknown to the new store, and coupons that were\n"
      "issued then are not valid in it. Never use the store that the backup is of any more. This needs\n"
      "as much free space as the log takes.");
  AddJson(restore, options);
}

}  // namespace

std::optional<CampaignSelector> CampaignSelector::Parse(std::string_view text) {
  CampaignSelector selector;
  if (const auto uuid = ParseUuid(text)) {
    selector.id_ = CampaignId{*uuid};
    return selector;
  }
  const auto number = ParseDecimal(text, 1, std::numeric_limits<std::int64_t>::max());
  if (!number) return std::nullopt;
  selector.number_ = CampaignNumber(*number);
  return selector;
}

void CampaignSelector::Observe(const Event& event) {
  if (const auto* const gone = std::get_if<CampaignDeleted>(&event)) {
    deleted_ = deleted_ || gone->campaign == found_;
  }
  const auto* const created = std::get_if<CampaignCreated>(&event);
  if (created == nullptr || found_) return;
  if (id_ ? created->id == *id_ : created->number == *number_) found_ = created->number;
}

bool CampaignSelector::Selects(const Event& event) const {
  if (!found_) return false;
  if (std::holds_alternative<StoreRestored>(event)) return !deleted_;
  bool selected = false;
  const auto compare = [&](std::string_view, const auto& value) {
    if constexpr (std::is_same_v<decltype(value), const CampaignNumber&>) {
      selected = value == *found_;
    }
  };
  std::visit([&](const auto& kind) { kind.VisitFields(compare); }, event);
  return selected;
}

void AddOptions(CLI::App& app, Options& options) {
  app.footer(kFooter);
  app.require_subcommand(1);
  AddJson(AddCommand(app, "verify",
                     "Check the whole store: the log, the rules, the codes and the views", options),
          options);
  AddReplay(app, options);
  AddLog(app, options);
  AddExport(app, options);
  CLI::App& rebuild =
      AddCommand(app, "rebuild-views", "Rebuild the views of a stopped server from its log",
                 options, "The data directory; no server may be using it");
  rebuild.footer(
      "The whole log is checked first. If it is damaged, nothing is changed: see `repair`.");
  AddJson(rebuild, options);
  AddRepair(app, options);
  AddAcceptClock(app, options);
  AddRestore(app, options);
  AddUpgrade(app, options);
  app.callback([&app, &options] { options.command = app.get_subcommands().front()->get_name(); });
}

std::expected<Options, int> ParseOptions(int argc, const char* const* argv) {
  Options options;
  CLI::App app("Checks from its own log that a coupon store is exact, and shows what is in it.",
               "coupon-audit");
  AddOptions(app, options);
  constexpr int kOutputFailed = static_cast<int>(ExitCode::kCannotRead);
  if (const auto status = ParseCommandLine(app, argc, argv, kOutputFailed)) {
    return std::unexpected(*status);
  }
  return options;
}

}  // namespace coupond::audit
