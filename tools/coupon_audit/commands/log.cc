#include <fmt/format.h>

#include <boost/json.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/hex.h"
#include "common/moment_text.h"
#include "coupon_audit/commands/commands.h"
#include "coupon_audit/read/read_ahead.h"
#include "engine/codes/coupon_code.h"

namespace coupond::audit {
namespace {

namespace json = boost::json;

/// Returns "total_coupons" as "totalCoupons".
std::string CamelCase(std::string_view name) {
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool next_word = name[i] == '_' && i + 1 < name.size();
    text += next_word ? static_cast<char>(name[++i] - 'a' + 'A') : name[i];
  }
  return text;
}

json::value JsonOf(bool value) { return value; }
json::value JsonOf(std::int64_t number) { return number; }
json::value JsonOf(std::uint32_t number) { return number; }
json::value JsonOf(std::uint64_t number) { return number; }
json::value JsonOf(Serial serial) { return serial.value(); }
json::value JsonOf(Sequence sequence) { return sequence.value(); }
/// Returns null for no time at all.
json::value JsonOf(Timestamp time) {
  if (time == kNever || time == kAlways) return nullptr;
  return json::string(tools::FormatMoment(time));
}
/// Returns null for no limit.
json::value JsonOf(std::chrono::nanoseconds duration) {
  if (duration == kUnlimited) return nullptr;
  return json::string(tools::FormatSeconds(duration));
}
json::value JsonOf(const CampaignId& id) { return json::string(FormatUuid(id.bytes)); }
json::value JsonOf(const StoreId& id) { return json::string(FormatUuid(id.bytes)); }
json::value JsonOf(const Claim& claim) { return json::string(Hex(claim.bytes)); }
json::value JsonOf(const std::string& text) { return json::string(ValidUtf8(text)); }
json::value JsonOf(const std::vector<Serial>& serials) {
  json::array array;
  array.reserve(serials.size());
  for (const Serial serial : serials) array.push_back(JsonOf(serial));
  return array;
}
json::value JsonOf(const std::vector<MetadataEntry>& metadata) {
  json::object object;
  for (const MetadataEntry& entry : metadata) {
    object[ValidUtf8(entry.key)] = ValidUtf8(entry.value);
  }
  return object;
}

using CampaignIds =
    boost::unordered_flat_map<CampaignNumber, CampaignId, std::hash<CampaignNumber>>;

/// Adds an event's fields to its line. The type of a field determines how it is shown.
class FieldWriter {
 public:
  FieldWriter(json::object& line, const CouponCodec* codec, const CampaignIds& ids)
      : line_(line), codec_(codec), ids_(ids) {}

  template <typename Value>
  void operator()(std::string_view name, const Value& value) {
    line_[CamelCase(name)] = JsonOf(value);
  }
  /// Leaves out an empty text.
  void operator()(std::string_view name, const std::string& text) {
    if (!text.empty()) line_[CamelCase(name)] = JsonOf(text);
  }
  /// Leaves out metadata without entries.
  void operator()(std::string_view name, const std::vector<MetadataEntry>& metadata) {
    if (!metadata.empty()) line_[CamelCase(name)] = JsonOf(metadata);
  }
  /// Shows what is there, even if it is empty: something has become so.
  template <typename Value>
  void operator()(std::string_view name, const std::optional<Value>& value) {
    if (value) line_[CamelCase(name)] = JsonOf(*value);
  }
  /// Shows the digest of a request as one: readers of JSON round numbers of its size.
  void operator()(std::string_view name, const std::optional<std::uint64_t>& number) {
    if (!number) return;
    line_[CamelCase(name)] =
        name == "request_content" ? json::value(fmt::format("{:016x}", *number)) : JsonOf(*number);
  }
  /// Never shows the secret.
  void operator()(std::string_view, const CodeKey&) {}
  void operator()(std::string_view, CampaignNumber number) {
    line_["campaign"] = number.value();
    if (const auto id = ids_.find(number); id != ids_.end())
      line_["campaignId"] = JsonOf(id->second);
  }
  void operator()(std::string_view name, Serial serial) {
    line_[CamelCase(name)] = JsonOf(serial);
    if (name == "serial") line_["code"] = codec_->Encode(serial);
  }

 private:
  json::object& line_;
  const CouponCodec* codec_;
  const CampaignIds& ids_;
};

/// Writes events as JSON objects, one a line; docs/AUDIT.md lists their fields. A new kind of event
/// is shown by what it says of itself (event.h). Leaves out the store's secret key, and the texts
/// of users who are erased, even if the files still have them. Must see all events from the first
/// one on, because they tell the key that codes are made with and the ids of the campaigns.
class EventJson {
 public:
  explicit EventJson(Erasures erasures) : erasures_(std::move(erasures)) {}

  /// Takes the next event of the log. Call it before Line.
  void Observe(const Event& event) {
    if (const auto* store = std::get_if<StoreCreated>(&event)) codec_.emplace(store->code_key);
    if (const auto* created = std::get_if<CampaignCreated>(&event)) {
      ids_.insert_or_assign(created->number, created->id);
    }
  }

  /// Returns the event with its newline.
  [[nodiscard]] std::string Line(const Event& event, const Moment& moment) const {
    json::object line{{"sequence", moment.sequence.value()},
                      {"group", moment.group.value()},
                      {"time", tools::FormatMoment(moment.time)}};
    FieldWriter fields(line, codec_ ? &*codec_ : nullptr, ids_);
    std::visit(
        [&](const auto& kind) {
          line["kind"] = kKindName<std::remove_cvref_t<decltype(kind)>>;
          kind.VisitFields(fields);
        },
        event);
    if (moment.key != kNoKey) line["keyId"] = FormatKeyId(moment.key);
    const auto* const issued = std::get_if<CouponIssued>(&event);
    if (issued != nullptr && erasures_.Find(issued->serial)) line.erase("userId");
    return json::serialize(line) + "\n";
  }

 private:
  const Erasures erasures_;
  std::optional<CouponCodec> codec_;
  CampaignIds ids_;
};

}  // namespace

ExitCode RunLog(const Options& options, tools::Output& output) {
  const Audited<WitnessedLog> log = WitnessedLog::Open(options.directory);
  if (!log) return ReportFinding(log.error(), false, output);
  EventJson lines(log->FindErasures().value_or(Erasures()));
  std::optional<CampaignSelector> campaign = options.campaign;
  const Audited<void> visited = VisitLog(
      *log, "reading the log", [&](const Event& event, const Moment& moment) -> Audited<bool> {
        if (moment.sequence.value() > options.to) {
          // The rest may still contain the campaign that was asked for.
          if (!campaign || campaign->found()) return false;
          campaign->Observe(event);
          return true;
        }
        lines.Observe(event);
        if (campaign) campaign->Observe(event);
        if (moment.sequence.value() < options.from) return true;
        if (!campaign || campaign->Selects(event)) output.text << lines.Line(event, moment);
        return true;
      });
  output.text.flush();
  if (!visited) return ReportFinding(visited.error(), false, output);
  return campaign && !campaign->found() ? ReportNoSuchCampaign() : ExitCode::kSound;
}

}  // namespace coupond::audit
