#ifndef COUPOND_ENGINE_RULES_LEDGER_H_
#define COUPOND_ENGINE_RULES_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>

#include "engine/rules/campaign.h"
#include "engine/rules/claim_map.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"
#include "engine/rules/issue_times.h"
#include "engine/rules/timestamp.h"

namespace coupond {

/// A campaign in the ledger: with its claims, and without the texts that no decision depends on
/// (description and metadata), which may be large.
struct LedgerCampaign : Campaign {
  ClaimMap claims = {};
  IssueTimes claim_times = {};  ///< of the coupons in `claims`
};

/// The state in memory that commands are decided against: a function of the log and nothing else.
///
/// Threads: the sequencer's alone. Changed only by Apply and, at start, by Restore.
class Ledger {
 public:
  [[nodiscard]] const LedgerCampaign* Find(const CampaignId& id) const;
  [[nodiscard]] const LedgerCampaign* Find(const std::string& name) const;
  [[nodiscard]] const LedgerCampaign* Find(CampaignNumber number) const;

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
  /// Puts a campaign back as it was, without its claims.
  void Restore(Campaign campaign);
  /// Puts claims of a campaign back. It must have been restored before.
  void RestoreClaims(CampaignNumber campaign, std::span<const ClaimMap::Entry> claims);
  /// Puts back when a claim's coupon was issued, and those that follow it up to the next call for
  /// the campaign. The ordinals must grow.
  void RestoreIssueTime(CampaignNumber campaign, std::uint32_t ordinal, Timestamp issued_at);

 private:
  friend void Apply(Ledger& ledger, const Event& event, const EventPlace& place);

  /// Applies one kind of event. One that changes nothing but its campaign needs only a Change
  /// (campaign_changes.h); ledger.cc defines it for the others.
  template <typename Kind>
  void On(const Kind& event, const EventPlace& place);
  /// Returns the campaign that an event is about, or nullptr.
  [[nodiscard]] LedgerCampaign* FindForChange(CampaignNumber number);
  /// Puts a campaign in, in place of another with the same number.
  void Put(LedgerCampaign&& campaign);
  /// Takes note that no campaign gets these serials any more.
  void Reserve(SerialRange serials);

  std::unordered_map<CampaignNumber, LedgerCampaign> by_number_;
  std::unordered_map<CampaignId, CampaignNumber> number_by_id_;
  std::unordered_map<std::string, CampaignNumber> number_by_name_;
  CampaignNumber next_campaign_number_{1};
  Serial next_serial_{1};
};

/// Changes the ledger by one event. Cannot fail: an event that Decide would
/// never have allowed (one of a campaign that does not exist) changes nothing. Finding such an
/// event in a log is the auditor's work.
void Apply(Ledger& ledger, const Event& event, const EventPlace& place);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_LEDGER_H_
