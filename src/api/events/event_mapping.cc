#include "api/events/event_mapping.h"

#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

#include "api/reply_mapping.h"
#include "engine/rules/campaign_changes.h"

namespace coupond::api {
namespace {

// Which type an event has. What is not here is not shown.

std::optional<ShownEvent> Shown(const CampaignCreated& event) {
  return ShownEvent{EventType::kCreated, event.number};
}
std::optional<ShownEvent> Shown(const CampaignUpdated& event) {
  return ShownEvent{EventType::kUpdated, event.campaign};
}
std::optional<ShownEvent> Shown(const CampaignPaused& event) {
  return ShownEvent{EventType::kPaused, event.campaign};
}
std::optional<ShownEvent> Shown(const CampaignResumed& event) {
  return ShownEvent{EventType::kResumed, event.campaign};
}
std::optional<ShownEvent> Shown(const CampaignArchived& event) {
  return ShownEvent{EventType::kArchived, event.campaign};
}
std::optional<ShownEvent> Shown(const CampaignUnarchived& event) {
  return ShownEvent{EventType::kUnarchived, event.campaign};
}
std::optional<ShownEvent> Shown(const CampaignDeleted& event) {
  return ShownEvent{EventType::kDeleted, event.campaign};
}
std::optional<ShownEvent> Shown(const CouponIssued& event) {
  return ShownEvent{EventType::kIssued, event.campaign};
}
std::optional<ShownEvent> Shown(const CouponRedeemed& event) {
  return ShownEvent{EventType::kRedeemed, event.campaign};
}
std::optional<ShownEvent> Shown(const RedemptionCanceled& event) {
  return ShownEvent{EventType::kRedemptionCanceled, event.campaign};
}
std::optional<ShownEvent> Shown(const CouponVoided& event) {
  return ShownEvent{event.returned ? EventType::kReturned : EventType::kVoided, event.campaign};
}
std::optional<ShownEvent> Shown(const UserErased& event) {
  return ShownEvent{EventType::kUserErased, event.campaign};
}
std::optional<ShownEvent> Shown(const ErasureFinished&) { return std::nullopt; }
std::optional<ShownEvent> Shown(const StoreCreated&) { return std::nullopt; }
std::optional<ShownEvent> Shown(const StoreRestored&) { return std::nullopt; }
std::optional<ShownEvent> Shown(const BatchIssued&) { return std::nullopt; }
std::optional<ShownEvent> Shown(const ClockReset&) { return std::nullopt; }

void SetReason(const std::string& reason, coupon::v1::Event& message) {
  if (!reason.empty()) message.set_reason(reason);
}

coupon::v1::PauseScope ScopeOf(const Activities& activities) {
  if (activities.issuing && activities.redeeming) return coupon::v1::PAUSE_SCOPE_BOTH;
  return activities.issuing ? coupon::v1::PAUSE_SCOPE_ISSUING : coupon::v1::PAUSE_SCOPE_REDEEMING;
}

/// Adds what a kind of event has beside its place and its campaign.
class Details {
 public:
  Details(const EventView& view, coupon::v1::Event& message) : view_(view), message_(message) {}

  void operator()(const CampaignCreated& event) {
    SetCampaign(NewCampaign(event, view_.place), view_.place.time, *message_.mutable_campaign());
  }
  void operator()(const CampaignUpdated& event);
  void operator()(const CampaignPaused& event) { SetPause(event.activities, event.reason); }
  void operator()(const CampaignResumed& event) { SetPause(event.activities, event.reason); }
  void operator()(const CampaignArchived&) {}
  void operator()(const CampaignUnarchived&) {}
  void operator()(const CampaignDeleted&) {}
  void operator()(const CouponIssued& event) {
    SetCode(event.serial);
    if (!event.user_id.empty()) message_.set_user_id(event.user_id);
  }
  void operator()(const CouponRedeemed& event) {
    SetCode(event.serial);
    SetRedemption({.sequence = view_.place.sequence,
                   .redeemed_at = view_.place.time,
                   .order_ref = event.order_ref,
                   .redeemed_by = event.redeemed_by,
                   .request_id = event.request_id,
                   .key = view_.key},
                  *message_.mutable_redemption());
  }
  void operator()(const RedemptionCanceled& event) {
    SetCode(event.serial);
    message_.set_redemption_sequence(event.redemption.value());
    SetReason(event.reason, message_);
  }
  void operator()(const CouponVoided& event) {
    SetCode(event.serial);
    message_.set_claim_freed(event.claim_freed);
    SetReason(event.reason, message_);
  }
  void operator()(const UserErased& event) {
    coupon::v1::ErasedCoupons& coupons = *message_.mutable_erased_coupons();
    for (const Serial serial : event.serials) view_.codec.EncodeTo(*coupons.add_codes(), serial);
    message_.set_claim_freed(event.claims_freed);
  }
  void operator()(const ErasureFinished&) {}
  void operator()(const StoreCreated&) {}
  void operator()(const StoreRestored&) {}
  void operator()(const BatchIssued&) {}
  void operator()(const ClockReset&) {}

 private:
  void SetCode(Serial serial) { view_.codec.EncodeTo(*message_.mutable_code(), serial); }
  void SetPause(const Activities& activities, const std::string& reason) {
    message_.set_scope(ScopeOf(activities));
    SetReason(reason, message_);
  }

  const EventView& view_;
  coupon::v1::Event& message_;
};

void Details::operator()(const CampaignUpdated& event) {
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
