#include "api/events/event_request.h"

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "api/command_mapping.h"
#include "base/ascii.h"
#include "base/display_text.h"
#include "base/error.h"
#include "rpc/connect/get_request.h"

namespace coupond::api {
namespace {

constexpr std::string_view kEventStream = "text/event-stream";
constexpr std::string_view kLastEventId = "Last-Event-ID";
/// The greatest sequence after which another one can be.
constexpr std::uint64_t kFromSequenceMax = std::numeric_limits<std::uint64_t>::max() - 1;

Mapped<EventTypes> MapTypes(const google::protobuf::RepeatedPtrField<std::string>& names) {
  if (names.empty()) return EventTypes::All();
  EventTypes types;
  for (const std::string& name : names) {
    const std::optional<EventType> type = EventTypeByName(name);
    if (!type) {
      return InvalidField("types", Quoted(name) + " is not a type of event; give some of " +
                                       AllEventTypeNames() + ", or leave the field out for all");
    }
    types.Add(*type);
  }
  return types;
}

/// The values of the parameters, each of which may be given once.
struct EventParameters {
  std::optional<std::string> from;
  std::optional<std::string> follow;
  std::optional<std::string> campaign_id;
  std::optional<std::string> types;
};

Mapped<EventParameters> ReadEventParameters(std::string_view query) {
  EventParameters parameters;
  const std::array<std::pair<std::string_view, std::optional<std::string>*>, 4> known = {{
      {"from", &parameters.from},
      {"follow", &parameters.follow},
      {"campaign_id", &parameters.campaign_id},
      {"types", &parameters.types},
  }};
  for (connect::QueryParameter& parameter : connect::ReadQuery(query)) {
    std::optional<std::string>* value = nullptr;
    for (const auto& [name, place] : known) {
      if (parameter.name == name) value = place;
    }
    if (value == nullptr) {
      return connect::BadQuery(
          Clipped(parameter.name) +
          ": unknown parameter; there are from, follow, campaign_id and types");
    }
    if (*value) return connect::BadQuery(parameter.name + ": given twice");
    *value = std::move(parameter.value);
  }
  return parameters;
}

}  // namespace

Mapped<WantedEvents> MapReadEvents(const coupon::v1::ReadEventsRequest& request) {
  WantedEvents events;
  if (request.from_sequence() > kFromSequenceMax) {
    return InvalidField("from_sequence", "no event can have so great a sequence");
  }
  if (request.from_sequence() > 0) events.from = Sequence(request.from_sequence());
  events.follow = request.follow();
  if (!request.campaign_id().empty()) {
    events.campaign = TRY(MapCampaignId(request.campaign_id()));
  }
  events.types = TRY(MapTypes(request.types()));
  return events;
}

Mapped<EventLinesRequest> MapEventLines(const http::Request& request) {
  const EventParameters parameters = TRY(ReadEventParameters(request.query));
  EventLinesRequest lines;
  if (request.AcceptsByName(kEventStream)) lines.form = EventLineForm::kServerSentEvents;
  const bool sends_events = lines.form == EventLineForm::kServerSentEvents;
  coupon::v1::ReadEventsRequest& wanted = lines.events;
  if (parameters.from) {
    const auto from = ParseDecimal(*parameters.from, 0, kFromSequenceMax);
    if (!from) return connect::BadQuery("from: " + from.error());
    wanted.set_from_sequence(*from);
  }
  const auto last_id = request.Header(kLastEventId);
  if (sends_events && last_id && !last_id->empty()) {
    const auto last = ParseDecimal(*last_id, 0, kFromSequenceMax - 1);
    if (!last) return connect::BadQuery(std::string(kLastEventId) + ": " + last.error());
    wanted.set_from_sequence(*last + 1);
  }
  if (parameters.follow && parameters.follow != "0" && parameters.follow != "1") {
    return connect::BadQuery("follow: must be 1 or 0, not " + Quoted(*parameters.follow));
  }
  wanted.set_follow(parameters.follow ? parameters.follow == "1" : sends_events);
  if (parameters.campaign_id) {
    if (parameters.campaign_id->empty()) return connect::BadQuery("campaign_id: empty");
    wanted.set_campaign_id(*parameters.campaign_id);
  }
  if (parameters.types) {
    std::string_view names = *parameters.types;
    do {
      wanted.add_types(std::string(TakeUntil(',', names)));
    } while (!names.empty());
  }
  return lines;
}

}  // namespace coupond::api
