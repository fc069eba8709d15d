#include "coupon_audit/report/event_json.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <type_traits>
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

CampaignNumber CampaignOf(const CampaignCreated& event) { return event.number; }
CampaignNumber CampaignOf(const CouponIssued& event) { return event.campaign; }
CampaignNumber CampaignOf(const CampaignDeleted& event) { return event.campaign; }

std::string_view KindOf(const StoreCreated&) { return "store_created"; }
std::string_view KindOf(const CampaignCreated&) { return "campaign_created"; }
std::string_view KindOf(const CouponIssued&) { return "coupon_issued"; }
std::string_view KindOf(const CampaignDeleted&) { return "campaign_deleted"; }

void AddFields(json::object& line, const CampaignCreated& event, const CouponCodec&) {
  line["name"] = ValidUtf8(event.name);
  line["totalCoupons"] = event.total_coupons;
  line["startTime"] = tools::FormatMoment(event.start_time);
  line["firstSerial"] = event.first_serial.value();
}
void AddFields(json::object& line, const CouponIssued& event, const CouponCodec& codec) {
  line["serial"] = event.serial.value();
  line["code"] = codec.Encode(event.serial);
  if (event.claim) line["claim"] = Hex(*event.claim);
  if (!event.user_id.empty()) line["userId"] = ValidUtf8(event.user_id);
}
void AddFields(json::object&, const CampaignDeleted&, const CouponCodec&) {}

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
  std::visit(
      [&](const auto& body) {
        line["kind"] = KindOf(body);
        if constexpr (std::is_same_v<decltype(body), const StoreCreated&>) {
          line["storeId"] = FormatUuid(body.store_id.bytes);
          line["formatVersion"] = body.format_version;
        } else {
          line["campaign"] = CampaignOf(body).value();
          if (const auto id = ids_.find(CampaignOf(body)); id != ids_.end()) {
            line["campaignId"] = FormatUuid(id->second.bytes);
          }
          AddFields(line, body, *codec_);
        }
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
