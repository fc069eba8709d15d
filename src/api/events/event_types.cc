#include "api/events/event_types.h"

#include <algorithm>

namespace coupond::api {

std::optional<EventType> EventTypeByName(std::string_view name) {
  const auto* const found = std::ranges::find(kEventTypeNames, name);
  if (found == kEventTypeNames.end()) return std::nullopt;
  return static_cast<EventType>(found - kEventTypeNames.begin());
}

std::string AllEventTypeNames() {
  std::string names;
  for (const std::string_view name : kEventTypeNames) {
    if (!names.empty()) names.append(", ");
    names.append(name);
  }
  return names;
}

}  // namespace coupond::api
