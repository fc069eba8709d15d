#include <boost/json.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "base/csv.h"
#include "common/moment_text.h"
#include "coupon_audit/commands/commands.h"
#include "coupon_audit/read/read_ahead.h"
#include "engine/codes/coupon_code.h"

namespace coupond::audit {
namespace {

/// What has become of a coupon after it was issued.
struct Fate {
  CouponState state = CouponState::kIssued;
  Timestamp since;
  std::string order_ref;
  std::string redeemed_by;
};

/// Collects what has become of the coupons of one campaign, at the end of the log or at the
/// deletion of the campaign: some 150 bytes for each that is not just issued.
class CouponFates {
 public:
  explicit CouponFates(const Options& options) : campaign_(*options.campaign) {}

  /// Takes the next event of the log. Returns false if the rest of the log does not matter.
  bool Take(const Event& event, const Moment& moment) {
    campaign_.Observe(event);
    end_ = moment.time;
    if (!campaign_.Selects(event)) return true;
    if (const auto* created = std::get_if<CampaignCreated>(&event)) {
      terms_ = created->terms;
    } else if (const auto* updated = std::get_if<CampaignUpdated>(&event)) {
      const TermChanges& changes = updated->changes;
      terms_.expire_time = changes.expire_time.value_or(terms_.expire_time);
      terms_.valid_duration = changes.valid_duration.value_or(terms_.valid_duration);
    } else if (const auto* redeemed = std::get_if<CouponRedeemed>(&event)) {
      fates_.insert_or_assign(redeemed->serial, Fate{.state = CouponState::kRedeemed,
                                                     .since = moment.time,
                                                     .order_ref = redeemed->order_ref,
                                                     .redeemed_by = redeemed->redeemed_by});
    } else if (const auto* canceled = std::get_if<RedemptionCanceled>(&event)) {
      fates_.erase(canceled->serial);
    } else if (const auto* voided = std::get_if<CouponVoided>(&event)) {
      const auto state = voided->returned ? CouponState::kReturned : CouponState::kVoided;
      // One that only frees the claim changes nothing here.
      if (Of(voided->serial).state != state) {
        fates_.insert_or_assign(
            voided->serial,
            Fate{.state = state, .since = moment.time, .order_ref = {}, .redeemed_by = {}});
      }
    }
    return !std::holds_alternative<CampaignDeleted>(event);
  }

  [[nodiscard]] const Fate& Of(Serial serial) const {
    static const Fate kIssued;
    const auto found = fates_.find(serial);
    return found == fates_.end() ? kIssued : found->second;
  }
  /// Returns when a coupon that was issued at this time expires, or kNever.
  [[nodiscard]] Timestamp ExpireTime(Timestamp issued_at) const {
    return ExpireTimeOf(terms_, issued_at);
  }
  /// Returns the time of the last event: what had expired then is expired.
  [[nodiscard]] Timestamp end() const { return end_; }

 private:
  CampaignSelector campaign_;
  CampaignTerms terms_;  // only those of the expiry are kept up to date
  Timestamp end_;
  std::map<Serial, Fate> fates_;
};

/// Writes the coupons of one campaign as lines of text. `fates` and `erasures` outlive this.
class CouponWriter {
 public:
  CouponWriter(const Options& options, const CouponFates& fates, const Erasures& erasures,
               tools::Output& output)
      : fates_(fates),
        erasures_(erasures),
        campaign_(*options.campaign),
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
      if (byte_order_mark_) output_.text << kByteOrderMark;
      output_.text << CsvRecord({"ordinal", "code", "serial", "issued_at", "user_id", "state",
                                 "redeemed_at", "order_ref", "redeemed_by", "voided_at",
                                 "expire_time"});
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
    const Fate& fate = fates_.Of(issued.serial);
    const Timestamp expire_time = fates_.ExpireTime(moment.time);
    const std::string expires = expire_time == kNever ? "" : tools::FormatMoment(expire_time);
    const std::string_view state = StateName(StateAt(fate.state, expire_time, fates_.end()));
    const bool redeemed = fate.state == CouponState::kRedeemed;
    const bool voided = !redeemed && fate.state != CouponState::kIssued;
    const std::string since = redeemed || voided ? tools::FormatMoment(fate.since) : "";
    // The files may still have the text of a user who is erased.
    const std::string user_id = erasures_.Find(issued.serial) ? "" : issued.user_id;
    if (csv_) {
      return CsvRecord({std::to_string(ordinal), code, std::to_string(serial), issued_at,
                        Cell(user_id), state, redeemed ? since : "", Cell(fate.order_ref),
                        Cell(fate.redeemed_by), voided ? since : "", expires});
    }
    boost::json::object line{{"ordinal", ordinal},
                             {"code", code},
                             {"serial", serial},
                             {"issuedAt", issued_at},
                             {"state", state}};
    const auto add = [&line](std::string_view name, const std::string& text) {
      if (!text.empty()) line[name] = ValidUtf8(text);
    };
    add("userId", user_id);
    if (!since.empty()) line[redeemed ? "redeemedAt" : "voidedAt"] = since;
    add("orderRef", fate.order_ref);
    add("redeemedBy", fate.redeemed_by);
    add("expireTime", expires);
    return boost::json::serialize(line) + "\n";
  }

  /// Returns a text that callers chose as a cell. None of the others begins like a formula.
  [[nodiscard]] std::string Cell(const std::string& text) const {
    const std::string valid = ValidUtf8(text);
    return formula_guard_ ? UnlessFormula(valid) : valid;
  }

  const CouponFates& fates_;
  const Erasures& erasures_;
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
  // Twice, because a line is written where its coupon was issued, and says how it is now. Damage
  // ends both readings at the same place, and what came before it is still written.
  CouponFates fates(options);
  const Audited<void> collected = VisitLog(
      *log, "reading the log", [&fates](const Event& event, const Moment& moment) -> Audited<bool> {
        return fates.Take(event, moment);
      });
  const Erasures erasures = log->FindErasures().value_or(Erasures());
  CouponWriter writer(options, fates, erasures, output);
  const Audited<void> written =
      VisitLog(*log, "writing the coupons",
               [&writer](const Event& event, const Moment& moment) -> Audited<bool> {
                 return writer.Take(event, moment);
               });
  output.text.flush();
  for (const Audited<void>& reading : {collected, written}) {
    if (!reading) return ReportFinding(reading.error(), false, output);
  }
  return writer.found() ? ExitCode::kSound : ReportNoSuchCampaign();
}

}  // namespace coupond::audit
