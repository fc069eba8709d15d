#ifndef COUPOND_ENGINE_RULES_EVENT_H_
#define COUPOND_ENGINE_RULES_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

/// Facts in the log; never refused. When an event happened, and its sequence, is said once by the
/// commit group that it is in.
namespace coupond {

/// Always the first event of a log, and only there.
struct StoreCreated {
  StoreId store_id;
  CodeKey code_key;
  std::uint32_t format_version = 0;

  friend bool operator==(const StoreCreated&, const StoreCreated&) = default;
};

/// The campaign's coupons have the serials first_serial … first_serial + total_coupons - 1.
struct CampaignCreated {
  CampaignNumber number;
  CampaignId id;
  std::string name;
  std::int64_t total_coupons = 0;
  Timestamp start_time;
  Serial first_serial;

  friend bool operator==(const CampaignCreated&, const CampaignCreated&) = default;
};

struct CouponIssued {
  CampaignNumber campaign;
  Serial serial;
  std::optional<Claim> claim;
  std::string user_id;

  friend bool operator==(const CouponIssued&, const CouponIssued&) = default;
};

struct CampaignDeleted {
  CampaignNumber campaign;

  friend bool operator==(const CampaignDeleted&, const CampaignDeleted&) = default;
};

using Event = std::variant<StoreCreated, CampaignCreated, CouponIssued, CampaignDeleted>;

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_EVENT_H_
