#include "coupon_audit/report/event_json.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "common/moment_text.h"

namespace coupond::audit {
namespace {

namespace json = boost::json;

std::string Hex(const Claim& claim) {
  std::string text;
  for (const std::uint8_t byte : claim.bytes) text += fmt::format("{:02x}", byte);
  return text;
}

/// "total_coupons" as "totalCoupons".
std::string CamelCase(std::string_view name) {
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool next_word = name[i] == '_' && i + 1 < name.size();
    text += next_word ? static_cast<char>(name[++i] - 'a' + 'A') : name[i];
  }
  return text;
}

json::value JsonOf(std::int64_t number) { return number; }
json::value JsonOf(std::uint32_t number) { return number; }
json::value JsonOf(Serial serial) { return serial.value(); }
json::value JsonOf(Timestamp time) { return json::string(tools::FormatMoment(time)); }
json::value JsonOf(const CampaignId& id) { return json::string(FormatUuid(id.bytes)); }
json::value JsonOf(const StoreId& id) { return json::string(FormatUuid(id.bytes)); }
json::value JsonOf(const Claim& claim) { return json::string(Hex(claim)); }
json::value JsonOf(const std::string& text) { return json::string(ValidUtf8(text)); }

/// Adds an event's fields to its line. What a field looks like follows from its type.
class FieldWriter {
 public:
  FieldWriter(json::object& line, const CouponCodec* codec, const EventJson::CampaignIds& ids)
      : line_(line), codec_(codec), ids_(ids) {}

  template <typename Value>
  void operator()(std::string_view name, const Value& value) {
    line_[CamelCase(name)] = JsonOf(value);
  }
  /// A text that is not there is left out.
  void operator()(std::string_view name, const std::string& text) {
    if (!text.empty()) line_[CamelCase(name)] = JsonOf(text);
  }
  template <typename Value>
  void operator()(std::string_view name, const std::optional<Value>& value) {
    if (value) (*this)(name, *value);
  }
  /// The secret is never shown.
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
  const EventJson::CampaignIds& ids_;
};

}  // namespace

void EventJson::Observe(const Event& event) {
  if (const auto* store = std::get_if<StoreCreated>(&event)) codec_.emplace(store->code_key);
  if (const auto* created = std::get_if<CampaignCreated>(&event)) {
    ids_.insert_or_assign(created->number, created->id);
  }
}

std::string EventJson::Line(const Event& event, const Moment& moment) const {
  json::object line{{"sequence", moment.sequence.value()},
                    {"group", moment.group.value()},
                    {"time", tools::FormatMoment(moment.time)}};
  FieldWriter fields(line, codec_ ? &*codec_ : nullptr, ids_);
  std::visit(
      [&](const auto& kind) {
        line["kind"] = kind.kKind;
        kind.VisitFields(fields);
      },
      event);
  return json::serialize(line) + "\n";
}

std::string ValidUtf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    utf8proc_int32_t character = -1;
    const utf8proc_ssize_t bytes =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                         static_cast<utf8proc_ssize_t>(text.size()), &character);
    const std::size_t size = bytes > 0 ? static_cast<std::size_t>(bytes) : 1;
    valid += bytes > 0 ? text.substr(0, size) : std::string_view("\xEF\xBF\xBD");
    text.remove_prefix(size);
  }
  return valid;
}

}  // namespace coupond::audit
