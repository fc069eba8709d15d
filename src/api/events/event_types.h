#ifndef COUPOND_API_EVENTS_EVENT_TYPES_H_
#define COUPOND_API_EVENTS_EVENT_TYPES_H_

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The types of the events that ReadEvents streams. Pure functions, any thread.
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

/// The names, in the order of EventType.
inline constexpr std::array<std::string_view, 14> kEventTypeNames = {
    "campaign.created",
    "campaign.updated",
    "campaign.paused",
    "campaign.resumed",
    "campaign.archived",
    "campaign.unarchived",
    "campaign.deleted",
    "campaign.sold_out",
    "coupon.issued",
    "coupon.redeemed",
    "coupon.redemption_canceled",
    "coupon.voided",
    "coupon.returned",
    "user.erased",
};
static_assert(kEventTypeNames.size() == static_cast<std::size_t>(EventType::kUserErased) + 1);

[[nodiscard]] constexpr std::string_view EventTypeName(EventType type) {
  return kEventTypeNames[static_cast<std::size_t>(type)];
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
  using Bits = std::bitset<kEventTypeNames.size()>;

  explicit EventTypes(Bits bits) : bits_(bits) {}

  Bits bits_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_EVENTS_EVENT_TYPES_H_
