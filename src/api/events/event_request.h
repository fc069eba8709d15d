#ifndef COUPOND_API_EVENTS_EVENT_REQUEST_H_
#define COUPOND_API_EVENTS_EVENT_REQUEST_H_

#include <optional>

#include "api/events/event_sources.h"
#include "api/events/event_types.h"
#include "api/mapped.h"
#include "coupon/v1/admin_service.pb.h"
#include "engine/rules/ids.h"
#include "rpc/http/handler.h"

/// Maps the requests for events. Any thread.
namespace coupond::api {

/// The events that are asked for.
struct WantedEvents {
  Sequence from{1};
  bool follow = false;
  std::optional<CampaignId> campaign = {};  ///< nullopt: of all campaigns
  EventTypes types = EventTypes::All();
};
[[nodiscard]] Mapped<WantedEvents> MapReadEvents(const coupon::v1::ReadEventsRequest& request);

/// A request for lines of events.
struct EventLinesRequest {
  coupon::v1::ReadEventsRequest events;  ///< as it was sent, not mapped
  EventLineForm form = EventLineForm::kJsonLines;
};
/// Reads a GET /events: `from=1&follow=1&campaign_id=…&types=coupon.issued,coupon.voided`. A client
/// that accepts server-sent events gets those. They go on with what happens unless `follow=0`,
/// because their clients come back when they end; and Last-Event-ID counts instead of `from`.
/// Refuses a query that it does not understand. The campaign and the types are left to
/// MapReadEvents, because a caller who may not ask for that campaign is told so first.
[[nodiscard]] Mapped<EventLinesRequest> MapEventLines(const http::Request& request);

}  // namespace coupond::api

#endif  // COUPOND_API_EVENTS_EVENT_REQUEST_H_
