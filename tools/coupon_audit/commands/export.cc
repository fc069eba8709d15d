#include <boost/json.hpp>
#include <cstdint>
#include <variant>

#include "common/csv.h"
#include "common/moment_text.h"
#include "coupon_audit/commands/commands.h"
#include "coupon_audit/read/read_ahead.h"
#include "engine/codes/coupon_code.h"

namespace coupond::audit {
namespace {

/// Writes the coupons of one campaign as lines of text.
class CouponWriter {
 public:
  CouponWriter(const Options& options, tools::Output& output)
      : campaign_(*options.campaign),
        csv_(options.csv),
        byte_order_mark_(options.byte_order_mark),
        formula_guard_(options.formula_guard),
        output_(output) {}

  /// Takes the next event of the log. Returns false if the rest of the log does not matter.
  bool Take(const Event& event, const Moment& moment) {
    if (const auto* store = std::get_if<StoreCreated>(&event)) codec_.emplace(store->code_key);
    const bool known = campaign_.found();
    campaign_.Observe(event);
    if (!campaign_.Selects(event)) return true;
    if (!known && csv_) {
      if (byte_order_mark_) output_.text << tools::kByteOrderMark;
      output_.text << tools::CsvRecord({"ordinal", "code", "serial", "issued_at", "user_id"});
      return true;
    }
    if (const auto* issued = std::get_if<CouponIssued>(&event)) {
      output_.text << Line(*issued, moment, next_ordinal_++);
    }
    return !std::holds_alternative<CampaignDeleted>(event);  // nothing comes after it
  }

  [[nodiscard]] bool found() const { return campaign_.found(); }

 private:
  std::string Line(const CouponIssued& issued, const Moment& moment, std::uint64_t ordinal) const {
    const std::uint64_t serial = issued.serial.value();
    const std::string code = codec_->Encode(issued.serial);
    const std::string issued_at = tools::FormatMoment(moment.time);
    if (csv_) {
      // Users choose none of the other cells, and none of those begins like a formula.
      const std::string user_id(ValidUtf8(issued.user_id));
      return tools::CsvRecord({std::to_string(ordinal), code, std::to_string(serial), issued_at,
                               formula_guard_ ? tools::UnlessFormula(user_id) : user_id});
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
  tools::Output& output_;
  std::optional<CouponCodec> codec_;
  std::uint64_t next_ordinal_ = 0;  // the campaign's coupons come in the order of their ordinals
};

}  // namespace

ExitCode RunExport(const Options& options, tools::Output& output) {
  const Audited<WitnessedLog> log = WitnessedLog::Open(options.directory);
  if (!log) return ReportFinding(log.error(), false, output);
  CouponWriter writer(options, output);
  const Audited<void> visited =
      VisitLog(*log, "reading the log",
               [&writer](const Event& event, const Moment& moment) -> Audited<bool> {
                 return writer.Take(event, moment);
               });
  output.text.flush();
  if (!visited) return ReportFinding(visited.error(), false, output);
  return writer.found() ? ExitCode::kSound : ReportNoSuchCampaign();
}

}  // namespace coupond::audit
