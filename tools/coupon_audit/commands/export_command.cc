#include "coupon_audit/commands/export_command.h"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "common/csv.h"
#include "common/moment_text.h"
#include "common/output.h"
#include "coupon_audit/commands/campaign_selector.h"
#include "coupon_audit/exit_code.h"
#include "coupon_audit/read/log_visit.h"
#include "coupon_audit/read/stored_log.h"
#include "coupon_audit/report/event_json.h"
#include "coupon_audit/report/outcome.h"
#include "engine/codes/coupon_code.h"

namespace coupond::audit {
namespace {

constexpr const char* kCsv = "csv";

struct Options {
  std::string directory;
  std::optional<CampaignSelector> campaign;
  std::string format = kCsv;
  bool byte_order_mark = false;
  bool formula_guard = true;
};

/// The coupons of one campaign as lines of text.
class CouponWriter {
 public:
  CouponWriter(const Options& options, Output& output)
      : campaign_(*options.campaign),
        csv_(options.format == kCsv),
        byte_order_mark_(options.byte_order_mark),
        formula_guard_(options.formula_guard),
        output_(output) {}

  /// False: enough.
  bool Take(const Event& event, const Moment& moment) {
    if (const auto* store = std::get_if<StoreCreated>(&event)) codec_.emplace(store->code_key);
    const bool known = campaign_.found();
    campaign_.Observe(event);
    if (!campaign_.Selects(event)) return true;
    if (!known && csv_) {
      if (byte_order_mark_ && !output_.Write(kByteOrderMark)) return false;
      return output_.Write(CsvRecord({"ordinal", "code", "serial", "issued_at", "user_id"}));
    }
    if (const auto* issued = std::get_if<CouponIssued>(&event)) {
      return output_.Write(Line(*issued, moment));
    }
    return !std::holds_alternative<CampaignDeleted>(event);  // nothing comes after it
  }

  [[nodiscard]] bool found() const { return campaign_.found(); }

 private:
  std::string Line(const CouponIssued& issued, const Moment& moment) const {
    const std::uint64_t serial = issued.serial.value();
    const std::uint64_t ordinal = serial - campaign_.created().first_serial.value();
    const std::string code = codec_->Encode(issued.serial);
    const std::string issued_at = ctl::FormatMoment(moment.time);
    if (csv_) {
      // No user chooses the other cells, and none begins like a formula.
      const std::string user_id(ValidUtf8(issued.user_id));
      return CsvRecord({std::to_string(ordinal), code, std::to_string(serial), issued_at,
                        formula_guard_ ? UnlessFormula(user_id) : user_id});
    }
    boost::json::object line{
        {"ordinal", ordinal}, {"code", code}, {"serial", serial}, {"issuedAt", issued_at}};
    if (!issued.user_id.empty()) line["userId"] = ValidUtf8(issued.user_id);
    return boost::json::serialize(line) + "\n";
  }

  CampaignSelector campaign_;
  const bool csv_;
  const bool byte_order_mark_;
  const bool formula_guard_;
  Output& output_;
  std::optional<CouponCodec> codec_;
};

ExitCode Run(const Options& options) {
  const Audited<StoredLog> log = StoredLog::Open(options.directory);
  if (!log) return TellFinding(log.error(), false);
  Output output;
  CouponWriter writer(options, output);
  const Audited<void> visited =
      VisitLog(*log, "reading the log",
               [&writer](const Event& event, const Moment& moment) -> Audited<bool> {
                 return writer.Take(event, moment);
               });
  if (const auto unwritten = output.Finish()) return TellUnwritten(*unwritten);
  if (!visited) return TellFinding(visited.error(), false);
  return writer.found() ? ExitCode::kSound : TellNoSuchCampaign();
}

}  // namespace

void AddExportCommand(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App* const exporting =
      app.add_subcommand("export", "Show the coupons of a campaign, straight from the log");
  exporting->add_option("DIR", options->directory, "The data directory")->required();
  AddCampaignOption(*exporting, options->campaign)->required();
  exporting->add_option("--format", options->format, "csv (RFC 4180) or jsonl (JSON, one a line)")
      ->check(CLI::IsMember({kCsv, "jsonl"}))
      ->capture_default_str();
  exporting->add_flag("--bom", options->byte_order_mark,
                      "Start the CSV with a byte order mark, which Excel needs to show Hangul");
  exporting->add_flag_callback(
      "--no-formula-guard", [options] { options->formula_guard = false; },
      "Write each user_id unchanged, even if a spreadsheet would take it for a formula. Without "
      "this, one that begins with = + - @, a tab or a line break gets an apostrophe in front");
  exporting->callback([options, &exit_code] {
    if (options->format != kCsv && (options->byte_order_mark || !options->formula_guard)) {
      throw CLI::ValidationError("--bom and --no-formula-guard are for --format csv only");
    }
    exit_code = static_cast<int>(Run(*options));
  });
}

}  // namespace coupond::audit
