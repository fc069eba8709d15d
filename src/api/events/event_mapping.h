#ifndef COUPOND_API_EVENTS_EVENT_MAPPING_H_
#define COUPOND_API_EVENTS_EVENT_MAPPING_H_

#include <optional>
#include <string>

#include "api/events/event_types.h"
#include "coupon/v1/admin_service.pb.h"
#include "engine/codes/coupon_code.h"
#include "engine/rules/campaign.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"

/// Maps the events of the log to those that ReadEvents shows. Any thread.
namespace coupond::api {

/// What an event of the log is about, if clients are shown it.
struct ShownEvent {
  EventType type;
  CampaignNumber campaign;
};
/// Returns nullopt for events that are about the store as a whole, or only say how others came
/// about.
[[nodiscard]] std::optional<ShownEvent> ShownAs(const Event& event);

/// What an event is shown with.
struct EventView {
  const CouponCodec& codec;
  const std::string& campaign_id;  ///< the text by which callers know the event's campaign
  EventPlace place;
  KeyId key = kNoKey;  ///< with which the event's command was allowed
};
/// Sets an event that is shown into an empty message.
void SetEvent(const Event& event, const EventView& view, coupon::v1::Event& message);
/// Sets, into an empty message, that the campaign sold out with the event at that place.
void SetSoldOut(const EventView& view, coupon::v1::Event& message);

}  // namespace coupond::api

#endif  // COUPOND_API_EVENTS_EVENT_MAPPING_H_
