#include "api/events/event_mapping.h"

#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

#include "api/reply_mapping.h"
#include "engine/rules/campaign_changes.h"

namespace coupond::api {
namespace {

/// Returns as what a kind of event is shown (event_types.h), and the campaign that it is about.
template <typename Kind>
std::optional<ShownEvent> Shown(const Kind& event) {
  constexpr std::optional<EventType> kType = EventTypeOfKind(kKindName<Kind>);
  if constexpr (kType.has_value()) {
    return ShownEvent{*kType, event.campaign};
  } else {
    return std::nullopt;
  }
}
std::optional<ShownEvent> Shown(const CampaignCreated& event) {
  return ShownEvent{EventType::kCreated, event.number};
}
std::optional<ShownEvent> Shown(const CouponVoided& event) {
  return ShownEvent{event.returned ? EventType::kReturned : EventType::kVoided, event.campaign};
}

coupon::v1::PauseScope ScopeOf(const Activities& activities) {
  if (activities.issuing && activities.redeeming) return coupon::v1::PAUSE_SCOPE_BOTH;
  return activities.issuing ? coupon::v1::PAUSE_SCOPE_ISSUING : coupon::v1::PAUSE_SCOPE_REDEEMING;
}

/// Adds what an event has beside its place and its campaign.
class Details {
 public:
  Details(const EventView& view, coupon::v1::Event& message) : view_(view), message_(message) {}

  /// Adds what several kinds have, and then what only this one does.
  template <typename Kind>
  void operator()(const Kind& event) {
    if constexpr (requires { event.serial; }) {
      view_.codec.EncodeTo(*message_.mutable_code(), event.serial);
    }
    if constexpr (requires { event.user_id; }) {
      if (!event.user_id.empty()) message_.set_user_id(event.user_id);
    }
    if constexpr (requires { event.activities; }) message_.set_scope(ScopeOf(event.activities));
    if constexpr (requires { event.reason; }) {
      if (!event.reason.empty()) message_.set_reason(event.reason);
    }
    Add(event);
  }

 private:
  void Add(const CampaignCreated& event) {
    SetCampaign(NewCampaign(event, view_.place), view_.place.time, *message_.mutable_campaign());
  }
  void Add(const CampaignUpdated& event);
  void Add(const CouponRedeemed& event) {
    SetRedemption({.sequence = view_.place.sequence,
                   .redeemed_at = view_.place.time,
                   .order_ref = event.order_ref,
                   .redeemed_by = event.redeemed_by,
                   .request_id = event.request_id,
                   .key = view_.key},
                  *message_.mutable_redemption());
  }
  void Add(const RedemptionCanceled& event) {
    message_.set_redemption_sequence(event.redemption.value());
  }
  void Add(const CouponVoided& event) { message_.set_claim_freed(event.claim_freed); }
  void Add(const UserErased& event) {
    coupon::v1::ErasedCoupons& coupons = *message_.mutable_erased_coupons();
    for (const Serial serial : event.serials) view_.codec.EncodeTo(*coupons.add_codes(), serial);
    message_.set_claim_freed(event.claims_freed);
  }
  /// Of every other kind.
  template <typename Kind>
  void Add(const Kind&) {}

  const EventView& view_;
  coupon::v1::Event& message_;
};

void Details::Add(const CampaignUpdated& event) {
  coupon::v1::Campaign& terms = *message_.mutable_campaign();
  google::protobuf::FieldMask& mask = *message_.mutable_update_mask();
  // Calls `set` for a term that changed, and names it.
  const auto take = [&mask](std::string_view name, const auto& changed, auto&& set) {
    if (!changed) return;
    mask.add_paths(std::string(name));
    set(*changed);
  };
  const TermChanges& changes = event.changes;
  take("name", changes.name, [&](const auto& name) { terms.set_name(name); });
  take("total_coupons", changes.total_coupons,
       [&](auto total) { terms.set_total_coupons(static_cast<std::int32_t>(total)); });
  take("start_time", changes.start_time,
       [&](auto time) { SetTimestamp(time, *terms.mutable_start_time()); });
  take("description", changes.description, [&](const auto& text) { terms.set_description(text); });
  take("end_time", changes.end_time, [&](auto time) {
    if (time != kNever) SetTimestamp(time, *terms.mutable_end_time());
  });
  take("coupons_per_user", changes.coupons_per_user,
       [&](auto count) { terms.set_coupons_per_user(static_cast<std::int32_t>(count)); });
  take("user_required", changes.user_required, [&](bool set) { terms.set_user_required(set); });
  take("redeem_start_time", changes.redeem_start_time, [&](auto time) {
    if (time != kAlways) SetTimestamp(time, *terms.mutable_redeem_start_time());
  });
  take("expire_time", changes.expire_time, [&](auto time) {
    if (time != kNever) SetTimestamp(time, *terms.mutable_expire_time());
  });
  take("valid_duration", changes.valid_duration, [&](auto duration) {
    if (duration != kUnlimited) SetDuration(duration, *terms.mutable_valid_duration());
  });
  take("redeem_by_holder_only", changes.redeem_by_holder_only,
       [&](bool set) { terms.set_redeem_by_holder_only(set); });
  take("metadata", changes.metadata, [&](const auto& entries) { SetMetadata(entries, terms); });
}

void SetPlace(EventType type, const EventView& view, coupon::v1::Event& message) {
  message.set_sequence(view.place.sequence.value());
  message.set_type(std::string(EventTypeName(type)));
  SetTimestamp(view.place.time, *message.mutable_time());
  message.set_campaign_id(view.campaign_id);
}

}  // namespace

std::optional<ShownEvent> ShownAs(const Event& event) {
  return std::visit([](const auto& kind) { return Shown(kind); }, event);
}

void SetEvent(const Event& event, const EventView& view, coupon::v1::Event& message) {
  if (const auto shown = ShownAs(event)) SetPlace(shown->type, view, message);
  if (view.key != kNoKey) message.set_key_id(FormatKeyId(view.key));
  std::visit(Details(view, message), event);
}

void SetSoldOut(const EventView& view, coupon::v1::Event& message) {
  SetPlace(EventType::kSoldOut, view, message);
}

}  // namespace coupond::api
