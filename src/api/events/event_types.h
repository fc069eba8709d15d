#ifndef COUPOND_API_EVENTS_EVENT_TYPES_H_
#define COUPOND_API_EVENTS_EVENT_TYPES_H_

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/rules/event.h"

/// The types of the events that ReadEvents streams, and which kinds of events of the log they show.
/// Pure functions, any thread.
namespace coupond::api {

enum class EventType : std::uint8_t {
  kCreated,
  kUpdated,
  kPaused,
  kResumed,
  kArchived,
  kUnarchived,
  kDeleted,
  kSoldOut,
  kIssued,
  kRedeemed,
  kRedemptionCanceled,
  kVoided,
  kReturned,
  kUserErased,
};

/// A type's name, and the kind of event of the log that is shown as it.
struct EventTypeRow {
  std::string_view name;
  /// Empty for campaign.sold_out, which SetSoldOut adds to an issue, and for coupon.returned, as
  /// which ShownAs shows some events of coupon.voided's kind (event_mapping.h).
  std::string_view kind = {};
};

/// All types, in the order of EventType.
inline constexpr std::array kEventTypeRows = {
    EventTypeRow{"campaign.created", kKindName<CampaignCreated>},
    EventTypeRow{"campaign.updated", kKindName<CampaignUpdated>},
    EventTypeRow{"campaign.paused", kKindName<CampaignPaused>},
    EventTypeRow{"campaign.resumed", kKindName<CampaignResumed>},
    EventTypeRow{"campaign.archived", kKindName<CampaignArchived>},
    EventTypeRow{"campaign.unarchived", kKindName<CampaignUnarchived>},
    EventTypeRow{"campaign.deleted", kKindName<CampaignDeleted>},
    EventTypeRow{"campaign.sold_out"},
    EventTypeRow{"coupon.issued", kKindName<CouponIssued>},
    EventTypeRow{"coupon.redeemed", kKindName<CouponRedeemed>},
    EventTypeRow{"coupon.redemption_canceled", kKindName<RedemptionCanceled>},
    EventTypeRow{"coupon.voided", kKindName<CouponVoided>},
    EventTypeRow{"coupon.returned"},
    EventTypeRow{"user.erased", kKindName<UserErased>},
};
static_assert(kEventTypeRows.size() == static_cast<std::size_t>(EventType::kUserErased) + 1);

[[nodiscard]] constexpr std::string_view EventTypeName(EventType type) {
  return kEventTypeRows[static_cast<std::size_t>(type)].name;
}
/// Returns the type that events of a kind are shown as, or nullopt if the kind is not shown.
[[nodiscard]] consteval std::optional<EventType> EventTypeOfKind(std::string_view kind) {
  for (std::size_t i = 0; i < kEventTypeRows.size(); ++i) {
    if (kEventTypeRows[i].kind == kind) return static_cast<EventType>(i);
  }
  return std::nullopt;
}
/// Returns the type of that name, or nullopt. Names are compared exactly.
[[nodiscard]] std::optional<EventType> EventTypeByName(std::string_view name);
/// Returns all names, separated by commas, for messages.
[[nodiscard]] std::string AllEventTypeNames();

/// A set of types.
class EventTypes {
 public:
  [[nodiscard]] static EventTypes All() { return EventTypes(Bits().set()); }
  EventTypes() = default;

  void Add(EventType type) { bits_.set(static_cast<std::size_t>(type)); }
  [[nodiscard]] bool Has(EventType type) const {
    return bits_.test(static_cast<std::size_t>(type));
  }
  [[nodiscard]] bool HasAll() const { return bits_.all(); }
  [[nodiscard]] bool HasAnyOf(EventTypes other) const { return (bits_ & other.bits_).any(); }

  friend bool operator==(const EventTypes&, const EventTypes&) = default;

 private:
  using Bits = std::bitset<kEventTypeRows.size()>;

  explicit EventTypes(Bits bits) : bits_(bits) {}

  Bits bits_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_EVENTS_EVENT_TYPES_H_
