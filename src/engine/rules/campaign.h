#ifndef COUPOND_ENGINE_RULES_CAMPAIGN_H_
#define COUPOND_ENGINE_RULES_CAMPAIGN_H_

#include <cstdint>
#include <string>

#include "engine/rules/claim_map.h"
#include "engine/rules/ids.h"
#include "engine/rules/issue_times.h"
#include "engine/rules/timestamp.h"

namespace coupond {

/// A live campaign in the ledger: terms and counters, not coupons. Coupons are issued in the order
/// of their serials, so the next one is first_serial + issued_coupons.
struct Campaign {
  CampaignNumber number;
  CampaignId id;
  std::string name;
  std::int64_t total_coupons = 0;
  std::int64_t issued_coupons = 0;
  Timestamp start_time;
  Timestamp created_at;
  Serial first_serial;
  ClaimMap claims;
  IssueTimes claim_times;  ///< of the coupons in `claims`

  [[nodiscard]] Serial next_serial() const {
    return first_serial.Plus(static_cast<std::uint64_t>(issued_coupons));
  }
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_CAMPAIGN_H_
