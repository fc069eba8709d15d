#include "api/events/event_types.h"

#include <algorithm>

namespace coupond::api {

std::optional<EventType> EventTypeByName(std::string_view name) {
  const auto* const found = std::ranges::find(kEventTypeRows, name, &EventTypeRow::name);
  if (found == kEventTypeRows.end()) return std::nullopt;
  return static_cast<EventType>(found - kEventTypeRows.begin());
}

std::string AllEventTypeNames() {
  std::string names;
  for (const EventTypeRow& row : kEventTypeRows) {
    if (!names.empty()) names.append(", ");
    names.append(row.name);
  }
  return names;
}

}  // namespace coupond::api
