#include "engine/rules/ledger.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "engine/rules/campaign_changes.h"

namespace coupond {
namespace {

/// FNV-1a, 64 bits: plenty to tell two ledgers apart in a test.
class Fnv {
 public:
  void Add(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) AddByte(static_cast<std::uint8_t>(value >> shift));
  }
  void Add(std::string_view text) {
    Add(text.size());
    for (const char c : text) AddByte(static_cast<std::uint8_t>(c));
  }
  void Add(Timestamp time) { Add(static_cast<std::uint64_t>(time.unix_nanoseconds())); }
  template <typename Tag>
  void Add(const StrongBytes16<Tag>& id) {
    for (const std::uint8_t byte : id.bytes) AddByte(byte);
  }
  [[nodiscard]] std::uint64_t value() const { return hash_; }

 private:
  void AddByte(std::uint8_t byte) { hash_ = (hash_ ^ byte) * 0x100000001B3ULL; }

  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
};

std::uint64_t CampaignDigest(const LedgerCampaign& campaign) {
  Fnv hash;
  hash.Add(campaign.number.value());
  hash.Add(campaign.id);
  hash.Add(campaign.terms.name);
  hash.Add(static_cast<std::uint64_t>(campaign.terms.total_coupons));
  hash.Add(campaign.terms.start_time);
  hash.Add(campaign.terms.end_time);
  hash.Add(campaign.terms.coupons_per_user);
  hash.Add(std::uint64_t{campaign.terms.user_required});
  hash.Add(campaign.terms.redeem_start_time);
  hash.Add(campaign.terms.expire_time);
  hash.Add(static_cast<std::uint64_t>(campaign.terms.valid_duration.count()));
  hash.Add(std::uint64_t{campaign.terms.redeem_by_holder_only});
  hash.Add(static_cast<std::uint64_t>(campaign.issued_coupons));
  hash.Add(campaign.created_at);
  hash.Add(campaign.revision.value());
  hash.Add(std::uint64_t{campaign.paused.issuing} + 2 * std::uint64_t{campaign.paused.redeeming});
  hash.Add(campaign.sold_out_at.value_or(kNever));
  hash.Add(campaign.archived_at.value_or(kNever));
  hash.Add(std::uint64_t{campaign.issued_to_users});
  campaign.serials.ForEach([&hash](SerialRange range) {
    hash.Add(range.first.value());
    hash.Add(range.count);
  });
  // Adding up does not depend on the order in which the map hands out its entries.
  std::uint64_t claims = 0;
  campaign.claims.ForEach([&claims](const Claim& claim, std::uint32_t ordinal) {
    Fnv entry;
    entry.Add(claim);
    entry.Add(ordinal);
    claims += entry.value();
  });
  hash.Add(claims);
  campaign.issue_times.ForEach([&hash](std::uint32_t first_ordinal, Timestamp time) {
    hash.Add(first_ordinal);
    hash.Add(time);
  });
  hash.Add(static_cast<std::uint64_t>(campaign.redeemed_coupons));
  hash.Add(static_cast<std::uint64_t>(campaign.voided_coupons));
  hash.Add(static_cast<std::uint64_t>(campaign.returned_coupons));
  campaign.states.ForEach([&](std::uint32_t ordinal, CouponState state, Sequence redemption) {
    hash.Add(ordinal);
    hash.Add(static_cast<std::uint64_t>(state));
    hash.Add(redemption.value());
    hash.Add(std::uint64_t{campaign.states.IsClaimFreed(ordinal)});
  });
  return hash.value();
}

}  // namespace

const LedgerCampaign* Ledger::Find(CampaignNumber number) const {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : &found->second;
}

const LedgerCampaign* Ledger::Find(const CampaignId& id) const {
  const auto found = number_by_id_.find(id);
  return found == number_by_id_.end() ? nullptr : Find(found->second);
}

const LedgerCampaign* Ledger::Find(const std::string& name) const {
  const auto found = number_by_name_.find(name);
  return found == number_by_name_.end() ? nullptr : Find(found->second);
}

std::uint64_t Ledger::Digest() const {
  Fnv hash;
  hash.Add(next_campaign_number_.value());
  hash.Add(next_serial_.value());
  hash.Add(by_number_.size());
  std::uint64_t campaigns = 0;
  for (const auto& [number, campaign] : by_number_) campaigns += CampaignDigest(campaign);
  hash.Add(campaigns);
  std::uint64_t holders = 0;
  for (const auto& [number, of_campaign] : holders_) {
    Fnv coupons;
    coupons.Add(number.value());
    of_campaign.ForEachCoupon([&coupons](std::uint32_t ordinal, std::uint32_t user) {
      coupons.Add(ordinal);
      coupons.Add(user);
    });
    holders += coupons.value();
    of_campaign.ForEach([&](const Claim& holder, const Holders::Holding& holding) {
      Fnv entry;
      entry.Add(number.value());
      entry.Add(holder);
      entry.Add(holding.coupons);
      entry.Add(holding.latest);
      holders += entry.value();
    });
  }
  hash.Add(holders);
  std::uint64_t requests = 0;
  requests_.ForEach([&requests](const Claim& digest, const CarriedOut& carried_out) {
    Fnv entry;
    entry.Add(digest);
    entry.Add(carried_out.sequence.value());
    entry.Add(carried_out.content);
    requests += entry.value();
  });
  hash.Add(requests);
  return hash.value();
}

std::uint64_t Ledger::places_left() const {
  std::uint64_t places = 0;
  for (const auto& [number, campaign] : by_number_) places += campaign.places_left();
  return places;
}

void Ledger::RestoreCounters(CampaignNumber next_campaign_number, Serial next_serial) {
  next_campaign_number_ = next_campaign_number;
  next_serial_ = next_serial;
}

void Ledger::Restore(Campaign campaign) {
  COUPOND_CHECK(!by_number_.contains(campaign.number));
  Put(LedgerCampaign{std::move(campaign)});
}

void Ledger::Put(LedgerCampaign&& campaign) {
  campaign.terms.description.clear();
  campaign.terms.metadata.clear();
  number_by_id_.insert_or_assign(campaign.id, campaign.number);
  number_by_name_.insert_or_assign(campaign.terms.name, campaign.number);
  campaign.serials.ForEach([&](SerialRange serials) { Reserve(campaign.number, serials); });
  by_number_.insert_or_assign(campaign.number, std::move(campaign));
}

LedgerCampaign* Ledger::FindForChange(CampaignNumber number) {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : &found->second;
}

std::optional<IssuedCoupon> Ledger::FindIssued(Serial serial) const {
  const auto after = number_by_serial_.upper_bound(serial);
  if (after == number_by_serial_.begin()) return std::nullopt;
  const LedgerCampaign* const campaign = Find(std::prev(after)->second);
  if (campaign == nullptr) return std::nullopt;
  const std::optional<std::uint64_t> ordinal = campaign->serials.OrdinalOf(serial);
  if (!ordinal || *ordinal >= campaign->ordinals()) return std::nullopt;
  return IssuedCoupon{.campaign = *campaign, .ordinal = static_cast<std::uint32_t>(*ordinal)};
}

const Holders* Ledger::FindHolders(CampaignNumber campaign) const {
  const auto found = holders_.find(campaign);
  return found == holders_.end() ? nullptr : &found->second;
}

bool Ledger::IsHolder(const Claim& holder, const IssuedCoupon& coupon) const {
  const Holders* const holders = FindHolders(coupon.campaign.number);
  if (holders != nullptr && holders->Has(holder, coupon.ordinal)) return true;
  return coupon.campaign.claims.Find(holder) == coupon.ordinal;
}

std::optional<Ledger::ChangedCoupon> Ledger::FindForChange(CampaignNumber number, Serial serial) {
  LedgerCampaign* const campaign = FindForChange(number);
  if (campaign == nullptr) return std::nullopt;
  const std::optional<std::uint64_t> ordinal = campaign->serials.OrdinalOf(serial);
  if (!ordinal || *ordinal >= campaign->ordinals()) return std::nullopt;
  return ChangedCoupon{.campaign = *campaign, .ordinal = static_cast<std::uint32_t>(*ordinal)};
}

void Ledger::Remember(const std::optional<RequestKey>& request, const EventPlace& place) {
  if (!request) return;
  requests_.Put(request->digest, {.sequence = place.sequence, .content = request->content});
}

void Ledger::Reserve(CampaignNumber campaign, SerialRange serials) {
  number_by_serial_.insert_or_assign(serials.first, campaign);
  next_serial_ = std::max(next_serial_, serials.first.Plus(serials.count));
}

void Ledger::ForgetSerials(const Campaign& campaign) {
  campaign.serials.ForEach([this](SerialRange serials) { number_by_serial_.erase(serials.first); });
}

void Ledger::RestoreClaims(CampaignNumber campaign, std::span<const ClaimMap::Entry> claims) {
  const auto found = by_number_.find(campaign);
  COUPOND_CHECK(found != by_number_.end());
  found->second.claims.PutAll(claims);
}

void Ledger::RestoreIssueTime(CampaignNumber campaign, std::uint32_t ordinal, Timestamp issued_at) {
  const auto found = by_number_.find(campaign);
  COUPOND_CHECK(found != by_number_.end());
  found->second.issue_times.Add(ordinal, issued_at);
}

void Ledger::RestoreHolder(CampaignNumber campaign, const Claim& holder, std::uint32_t ordinal) {
  holders_[campaign].Add(holder, ordinal);
}

void Ledger::RestoreStatus(CampaignNumber campaign, std::uint32_t ordinal,
                           const CouponStatus& status) {
  const auto found = by_number_.find(campaign);
  COUPOND_CHECK(found != by_number_.end());
  CouponStates& states = found->second.states;
  if (status.state == CouponState::kRedeemed) {
    states.Redeem(ordinal, status.redemption->sequence);
  } else if (status.state != CouponState::kIssued) {
    states.Void(ordinal, status.state);
  }
  if (status.claim_freed) FreeClaim(found->second, ordinal);
}

void Ledger::FreeClaim(LedgerCampaign& campaign, std::uint32_t ordinal) {
  if (campaign.states.IsClaimFreed(ordinal)) return;  // or it would be released twice
  campaign.states.FreeClaim(ordinal);
  const auto holders = holders_.find(campaign.number);
  if (holders != holders_.end()) holders->second.Release(ordinal);
}

// Decisions do not depend on the store's identity.
template <>
void Ledger::On(const StoreCreated&, const EventPlace&) {}

template <>
void Ledger::On(const CampaignCreated& event, const EventPlace& place) {
  Put(LedgerCampaign{NewCampaign(event, place)});
  next_campaign_number_ = std::max(next_campaign_number_, event.number.Next());
  Remember(event.request, place);
}

template <>
void Ledger::On(const CouponIssued& event, const EventPlace& place) {
  LedgerCampaign* const campaign = FindForChange(event.campaign);
  if (campaign == nullptr) return;
  const auto ordinal = static_cast<std::uint32_t>(campaign->ordinals());
  CountIssue(*campaign, event, place);
  const std::optional<Claim>& claim = event.claim();
  if (claim || campaign->terms.valid_duration != kUnlimited) {
    campaign->issue_times.Add(ordinal, place.time);
  }
  if (!claim) return;
  campaign->claims.Put(*claim, ordinal);
  if (event.CountsAgainstLimit()) holders_[event.campaign].Add(*event.holder, ordinal);
}

template <>
void Ledger::On(const CampaignDeleted& event, const EventPlace&) {
  const auto found = by_number_.find(event.campaign);
  if (found == by_number_.end()) return;
  number_by_id_.erase(found->second.id);
  number_by_name_.erase(found->second.terms.name);
  ForgetSerials(found->second);
  holders_.erase(event.campaign);
  by_number_.erase(found);
}

template <>
void Ledger::On(const CampaignUpdated& event, const EventPlace& place) {
  LedgerCampaign* const campaign = FindForChange(event.campaign);
  if (campaign == nullptr) return;
  if (event.changes.name) {
    number_by_name_.erase(campaign->terms.name);
    number_by_name_.insert_or_assign(*event.changes.name, event.campaign);
  }
  if (event.added_serials) Reserve(event.campaign, *event.added_serials);
  Change(*campaign, event, place);
  campaign->terms.description.clear();
  campaign->terms.metadata.clear();
  Remember(event.request, place);
}

template <>
void Ledger::On(const CouponRedeemed& event, const EventPlace& place) {
  const auto coupon = FindForChange(event.campaign, event.serial);
  if (!coupon || coupon->campaign.states.Of(coupon->ordinal) != CouponState::kIssued) return;
  if (place.sequence > CouponStates::kRedemptionMax) return;
  coupon->campaign.states.Redeem(coupon->ordinal, place.sequence);
  ++coupon->campaign.redeemed_coupons;
  Remember(event.request, place);
}

template <>
void Ledger::On(const RedemptionCanceled& event, const EventPlace& place) {
  const auto coupon = FindForChange(event.campaign, event.serial);
  if (!coupon || coupon->campaign.states.RedemptionOf(coupon->ordinal) != event.redemption) return;
  coupon->campaign.states.CancelRedemption(coupon->ordinal);
  --coupon->campaign.redeemed_coupons;
  Remember(event.request, place);
}

template <>
void Ledger::On(const CouponVoided& event, const EventPlace& place) {
  const auto coupon = FindForChange(event.campaign, event.serial);
  if (!coupon) return;
  const CouponStates& states = coupon->campaign.states;
  const CouponState before = states.Of(coupon->ordinal);
  if (!MayVoid(before, states.IsClaimFreed(coupon->ordinal), event)) return;
  CountVoiding(coupon->campaign, event, before);
  if (event.added_serials) Reserve(event.campaign, *event.added_serials);
  coupon->campaign.states.Void(coupon->ordinal, StateAfter(event));
  if (event.claim_freed) FreeClaim(coupon->campaign, coupon->ordinal);
  Remember(event.request, place);
}

template <>
void Ledger::On(const StoreRestored& event, const EventPlace&) {
  std::vector<CampaignNumber> numbers;
  numbers.reserve(by_number_.size());
  for (const auto& [number, campaign] : by_number_) numbers.push_back(number);
  std::ranges::sort(numbers);
  Serial next = event.first_serial;
  for (const CampaignNumber number : numbers) {
    LedgerCampaign& campaign = by_number_.at(number);
    ForgetSerials(campaign);
    next = ReplaceUnissuedSerials(campaign, next);
    campaign.serials.ForEach([&](SerialRange serials) { Reserve(number, serials); });
  }
  // Also without campaigns: those that were created after this point had serials.
  next_serial_ = std::max(next_serial_, next);
}

template <>
void Ledger::On(const BatchIssued& event, const EventPlace& place) {
  Remember(event.request, place);
}

template <>
void Ledger::On(const UserErased& event, const EventPlace& place) {
  // The ledger has no texts.
  for (const Serial serial : event.serials) {
    if (!event.claims_freed) break;
    const auto coupon = FindForChange(event.campaign, serial);
    if (coupon) FreeClaim(coupon->campaign, coupon->ordinal);
  }
  Remember(event.request, place);
}

template <>
void Ledger::On(const ErasureFinished&, const EventPlace&) {}

// Times are only compared with that of the command, whatever order they were stamped in.
template <>
void Ledger::On(const ClockReset&, const EventPlace&) {}

/// Of every other kind.
template <typename Kind>
void Ledger::On(const Kind& event, const EventPlace& place) {
  if (LedgerCampaign* const campaign = FindForChange(event.campaign)) {
    Change(*campaign, event, place);
  }
}

void Apply(Ledger& ledger, const Event& event, const EventPlace& place) {
  // The commonest kind by far goes first, past the table that std::visit jumps through.
  if (const auto* issued = std::get_if<CouponIssued>(&event)) return ledger.On(*issued, place);
  std::visit([&](const auto& kind) { ledger.On(kind, place); }, event);
}

}  // namespace coupond
