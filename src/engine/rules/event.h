#ifndef COUPOND_ENGINE_RULES_EVENT_H_
#define COUPOND_ENGINE_RULES_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

/// Facts in the log; never refused. The commit group that an event is in holds its time and its
/// sequence.
///
/// Each kind of event describes itself: kKind is its name, and VisitFields calls `visit(name,
/// value)` for each of its fields, both as in the log's messages (commit_group.proto). Code that
/// only shows events or looks for a field in them walks this, and need not change for a new kind.
/// docs/ARCHITECTURE.md lists under "Adding an event" what must.
namespace coupond {

/// Always the first event of a log, and only there.
struct StoreCreated {
  static constexpr std::string_view kKind = "store_created";

  StoreId store_id;
  CodeKey code_key;
  std::uint32_t format_version = 0;

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("store_id", store_id);
    visit("code_key", code_key);
    visit("format_version", format_version);
  }
  friend bool operator==(const StoreCreated&, const StoreCreated&) = default;
};

/// The campaign's coupons have the serials first_serial … first_serial + total_coupons - 1.
struct CampaignCreated {
  static constexpr std::string_view kKind = "campaign_created";

  CampaignNumber number;
  CampaignId id;
  std::string name;
  std::int64_t total_coupons = 0;
  Timestamp start_time;
  Serial first_serial;

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", number);
    visit("campaign_id", id);
    visit("name", name);
    visit("total_coupons", total_coupons);
    visit("start_time", start_time);
    visit("first_serial", first_serial);
  }
  friend bool operator==(const CampaignCreated&, const CampaignCreated&) = default;
};

struct CouponIssued {
  static constexpr std::string_view kKind = "coupon_issued";

  CampaignNumber campaign;
  Serial serial;
  std::optional<Claim> claim;
  std::string user_id;

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", campaign);
    visit("serial", serial);
    visit("claim", claim);
    visit("user_id", user_id);
  }
  friend bool operator==(const CouponIssued&, const CouponIssued&) = default;
};

struct CampaignDeleted {
  static constexpr std::string_view kKind = "campaign_deleted";

  CampaignNumber campaign;

  template <typename Visitor>
  void VisitFields(Visitor&& visit) const {
    visit("campaign_number", campaign);
  }
  friend bool operator==(const CampaignDeleted&, const CampaignDeleted&) = default;
};

using Event = std::variant<StoreCreated, CampaignCreated, CouponIssued, CampaignDeleted>;

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_EVENT_H_
