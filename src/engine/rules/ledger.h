#ifndef COUPOND_ENGINE_RULES_LEDGER_H_
#define COUPOND_ENGINE_RULES_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>

#include "engine/rules/claim_map.h"
#include "engine/rules/event.h"
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

/// The state in memory that commands are decided against: a function of the log and nothing else.
///
/// Threads: the sequencer's alone. Changed only by Apply and, at start, by Restore.
class Ledger {
 public:
  [[nodiscard]] const Campaign* Find(const CampaignId& id) const;
  [[nodiscard]] const Campaign* Find(const std::string& name) const;
  [[nodiscard]] const Campaign* Find(CampaignNumber number) const;

  [[nodiscard]] std::size_t live_campaigns() const { return by_number_.size(); }
  [[nodiscard]] CampaignNumber next_campaign_number() const { return next_campaign_number_; }
  /// Returns the first serial that no campaign has reserved. Serials are never used twice, so it
  /// only grows.
  [[nodiscard]] Serial next_serial() const { return next_serial_; }

  /// Returns a number that is equal for equal ledgers, however they came about. For tests and
  /// audits.
  [[nodiscard]] std::uint64_t Digest() const;

  /// Restores what is left of deleted campaigns: the numbers that must not be used again.
  void RestoreCounters(CampaignNumber next_campaign_number, Serial next_serial);
  /// Puts a campaign back as it was.
  void Restore(Campaign campaign);
  /// Puts claims of a campaign back. It must have been restored before.
  void RestoreClaims(CampaignNumber campaign, std::span<const ClaimMap::Entry> claims);
  /// Puts back when a claim's coupon was issued, and those that follow it up to the next call for
  /// the campaign. The ordinals must grow.
  void RestoreIssueTime(CampaignNumber campaign, std::uint32_t ordinal, Timestamp issued_at);

 private:
  friend void Apply(Ledger& ledger, const Event& event, Timestamp time);

  /// Applies one kind of event; ledger.cc defines it for each of them.
  template <typename Kind>
  void On(const Kind& event, Timestamp time);

  std::unordered_map<CampaignNumber, Campaign> by_number_;
  std::unordered_map<CampaignId, CampaignNumber> number_by_id_;
  std::unordered_map<std::string, CampaignNumber> number_by_name_;
  CampaignNumber next_campaign_number_{1};
  Serial next_serial_{1};
};

/// Changes the ledger by one event that happened at `time`. Cannot fail: an event that Decide would
/// never have allowed (one of a campaign that does not exist) changes nothing. Finding such an
/// event in a log is the auditor's work.
void Apply(Ledger& ledger, const Event& event, Timestamp time);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_LEDGER_H_
