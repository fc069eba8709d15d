#ifndef COUPOND_TOOLS_COUPON_AUDIT_REPORT_EVENT_JSON_H_
#define COUPOND_TOOLS_COUPON_AUDIT_REPORT_EVENT_JSON_H_

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "coupon_audit/model/log_model.h"
#include "engine/codes/coupon_code.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"

namespace coupond::audit {

/// Writes events as JSON objects, one a line; docs/AUDIT.md lists their fields. A new kind of event
/// is shown by what it says of itself (event.h). The store's secret key is left out. Must be shown
/// all events from the first one on, because they tell the key that codes are made with and the ids
/// that campaigns have. One thread.
class EventJson {
 public:
  using CampaignIds =
      boost::unordered_flat_map<CampaignNumber, CampaignId, std::hash<CampaignNumber>>;

  /// To be called with each event, before Line.
  void Observe(const Event& event);
  /// With its newline.
  [[nodiscard]] std::string Line(const Event& event, const Moment& moment) const;

 private:
  std::optional<CouponCodec> codec_;
  CampaignIds ids_;
};

/// The same text, but U+FFFD for each byte that is not UTF-8, which JSON could not hold.
[[nodiscard]] std::string ValidUtf8(std::string_view text);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_REPORT_EVENT_JSON_H_
