#ifndef COUPOND_ENGINE_RULES_LEDGER_H_
#define COUPOND_ENGINE_RULES_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "engine/rules/campaign.h"
#include "engine/rules/coupon.h"
#include "engine/rules/coupon_states.h"
#include "engine/rules/deleted_campaigns.h"
#include "engine/rules/digest_map.h"
#include "engine/rules/event.h"
#include "engine/rules/holders.h"
#include "engine/rules/ids.h"
#include "engine/rules/issue_times.h"
#include "engine/rules/limits.h"
#include "engine/rules/sharded_map.h"
#include "engine/rules/timestamp.h"

namespace coupond {

/// A campaign in the ledger: with its claims, and without the texts that no decision depends on
/// (description and metadata), which may be large.
struct LedgerCampaign : Campaign {
  ClaimMap claims = {};
  /// When the coupons in `claims` were issued, and all that were issued while the terms had a
  /// valid_duration.
  IssueTimes issue_times = {};
  CouponStates states = {};
};

/// A coupon that was issued, and whose campaign has not been deleted.
struct IssuedCoupon {
  const LedgerCampaign& campaign;
  std::uint32_t ordinal = 0;

  [[nodiscard]] CouponState state() const { return campaign.states.Of(ordinal); }
  /// Returns the sequence of its present redemption, or nullopt if it is not redeemed.
  [[nodiscard]] std::optional<Sequence> redemption() const {
    return campaign.states.RedemptionOf(ordinal);
  }
  [[nodiscard]] Timestamp expire_time() const {
    if (campaign.terms.valid_duration == kUnlimited) return campaign.terms.expire_time;
    return ExpireTimeOf(campaign.terms, campaign.issue_times.Of(ordinal));
  }
};

/// The state in memory that commands are decided against: a function of the log and nothing else.
///
/// No event takes longer because the ledger is large: what grows does so in small parts, and what a
/// deleted campaign leaves is freed in small parts.
///
/// Threads: the sequencer's alone. Changed only by Apply and, at start, by Restore.
class Ledger {
 public:
  [[nodiscard]] const LedgerCampaign* Find(const CampaignId& id) const;
  [[nodiscard]] const LedgerCampaign* Find(const std::string& name) const;
  [[nodiscard]] const LedgerCampaign* Find(CampaignNumber number) const;

  [[nodiscard]] std::optional<IssuedCoupon> FindIssued(Serial serial) const;
  /// Returns what came of the request with this key (RequestKey::digest).
  [[nodiscard]] std::optional<CarriedOut> FindRequest(const Claim& digest) const {
    return requests_.Find(digest);
  }

  /// Returns the users of a campaign's coupons that count against a limit of more than one, or
  /// nullptr if there are none.
  [[nodiscard]] const Holders* FindHolders(CampaignNumber campaign) const;
  /// Reports whether a coupon was issued to this user.
  [[nodiscard]] bool IsHolder(const Claim& holder, const IssuedCoupon& coupon) const;

  [[nodiscard]] std::size_t live_campaigns() const { return by_number_.size(); }
  [[nodiscard]] CampaignNumber next_campaign_number() const { return next_campaign_number_; }
  /// Returns the first serial that no campaign has reserved. Serials are never used twice, so it
  /// only grows.
  [[nodiscard]] Serial next_serial() const { return next_serial_; }
  /// Reports whether `count` serials are left that no campaign has reserved.
  [[nodiscard]] bool HasSerials(std::uint64_t count) const {
    return count <= std::numeric_limits<std::uint64_t>::max() - next_serial_.value();
  }
  /// Returns how many coupons all campaigns together can still issue.
  [[nodiscard]] std::uint64_t places_left() const;
  /// Reports whether the campaign can get `count` more serials.
  [[nodiscard]] bool HasSerialsFor(const Campaign& campaign, std::uint64_t count) const {
    return HasSerials(count) && campaign.serials.size() + count <= limits::kSerialsPerCampaignMax;
  }

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
  /// Puts back whose coupon counts against a limit of more than one. The ordinals must grow.
  void RestoreHolder(CampaignNumber campaign, const Claim& holder, std::uint32_t ordinal);
  /// Puts back what became of a coupon, after its holder. Its campaign must have been restored
  /// before, and counts it.
  void RestoreStatus(CampaignNumber campaign, std::uint32_t ordinal, const CouponStatus& status);
  void RestoreRequests(std::span<const RequestMap::Entry> requests) { requests_.PutAll(requests); }

 private:
  friend void Apply(Ledger& ledger, const Event& event, const EventPlace& place);

  /// Applies one kind of event. One that changes nothing but its campaign, or one coupon of it,
  /// needs only a Change or a ChangeCoupon (campaign_changes.h); ledger.cc defines it for the
  /// others.
  template <typename Kind>
  void On(const Kind& event, const EventPlace& place);
  /// Returns the campaign that an event is about, or nullptr.
  [[nodiscard]] LedgerCampaign* FindForChange(CampaignNumber number);
  /// Puts a campaign in, in place of another with the same number.
  void Put(LedgerCampaign&& campaign);
  /// Takes note that the campaign has these serials, and no other one gets them.
  void Reserve(CampaignNumber campaign, SerialRange serials);
  /// Forgets that the campaign has its serials. They are still never used again.
  void ForgetSerials(const Campaign& campaign);
  struct ChangedCoupon {
    LedgerCampaign& campaign;
    std::uint32_t ordinal = 0;
  };
  /// Returns the campaign's coupon with this serial, or nullopt if there is none.
  [[nodiscard]] std::optional<ChangedCoupon> FindForChange(CampaignNumber campaign, Serial serial);
  /// Returns what the ledger knows of a coupon: the state, the sequence of its redemption, and
  /// whether its claim is freed.
  [[nodiscard]] static CouponStatus StatusOf(const LedgerCampaign& campaign, std::uint32_t ordinal);
  /// Notes what has become of a coupon.
  void SetStatus(LedgerCampaign& campaign, std::uint32_t ordinal, const CouponStatus& status);
  /// Lets the user who had the coupon get another one in its place, unless it was let before.
  void FreeClaim(LedgerCampaign& campaign, std::uint32_t ordinal);
  void Remember(const std::optional<RequestKey>& request, const EventPlace& place);

  ShardedMap<CampaignNumber, LedgerCampaign> by_number_;
  ShardedMap<CampaignId, CampaignNumber> number_by_id_;
  ShardedMap<std::string, CampaignNumber> number_by_name_;
  /// By the first serial of each range, also of campaigns that were deleted a short while ago.
  std::map<Serial, CampaignNumber> number_by_serial_;
  ShardedMap<CampaignNumber, Holders> holders_;  // most campaigns have none
  RequestMap requests_;
  DeletedCampaigns deleted_;
  CampaignNumber next_campaign_number_{1};
  Serial next_serial_{1};
};

/// Changes the ledger by one event. Cannot fail: an event that Decide would
/// never have allowed (one of a campaign that does not exist) changes nothing. Finding such an
/// event in a log is the auditor's work.
void Apply(Ledger& ledger, const Event& event, const EventPlace& place);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_LEDGER_H_
