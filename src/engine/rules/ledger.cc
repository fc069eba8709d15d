#include "engine/rules/ledger.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "engine/rules/campaign_changes.h"

namespace coupond {
namespace {

/// What is freed of deleted campaigns: so much at once that small ones leave nothing, and then so
/// little that the largest group takes 2 ms more. A part had hundreds of events, so what is
/// left becomes less.
constexpr std::size_t kPartsFreedAtOnce = 16;
constexpr std::uint64_t kEventsPerFreedPart = 8;

}  // namespace

const LedgerCampaign* Ledger::Find(CampaignNumber number) const { return by_number_.Find(number); }

const LedgerCampaign* Ledger::Find(const CampaignId& id) const {
  const CampaignNumber* const number = number_by_id_.Find(id);
  return number == nullptr ? nullptr : Find(*number);
}

const LedgerCampaign* Ledger::Find(const std::string& name) const {
  const CampaignNumber* const number = number_by_name_.Find(name);
  return number == nullptr ? nullptr : Find(*number);
}

std::uint64_t Ledger::places_left() const {
  std::uint64_t places = 0;
  by_number_.ForEach([&places](CampaignNumber, const LedgerCampaign& campaign) {
    places += campaign.places_left();
  });
  return places;
}

void Ledger::RestoreCounters(CampaignNumber next_campaign_number, Serial next_serial) {
  next_campaign_number_ = next_campaign_number;
  next_serial_ = next_serial;
}

void Ledger::Restore(Campaign campaign) {
  COUPOND_CHECK(Find(campaign.number) == nullptr);
  Put(LedgerCampaign{std::move(campaign)});
}

void Ledger::Put(LedgerCampaign&& campaign) {
  campaign.terms.description.clear();
  campaign.terms.metadata.clear();
  number_by_id_.Put(campaign.id, campaign.number);
  number_by_name_.Put(campaign.terms.name, campaign.number);
  campaign.serials.ForEach([&](SerialRange serials) { Reserve(campaign.number, serials); });
  const CampaignNumber number = campaign.number;
  by_number_.Put(number, std::move(campaign));
}

LedgerCampaign* Ledger::FindForChange(CampaignNumber number) { return by_number_.Find(number); }

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
  return holders_.Find(campaign);
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
  LedgerCampaign* const found = FindForChange(campaign);
  COUPOND_CHECK(found != nullptr);
  found->claims.PutAll(claims);
}

void Ledger::RestoreIssueTime(CampaignNumber campaign, std::uint32_t ordinal, Timestamp issued_at) {
  LedgerCampaign* const found = FindForChange(campaign);
  COUPOND_CHECK(found != nullptr);
  found->issue_times.Add(ordinal, issued_at);
}

void Ledger::RestoreHolder(CampaignNumber campaign, const Claim& holder, std::uint32_t ordinal) {
  holders_.FindOrAdd(campaign).Add(holder, ordinal);
}

void Ledger::RestoreStatus(CampaignNumber campaign, std::uint32_t ordinal,
                           const CouponStatus& status) {
  LedgerCampaign* const found = FindForChange(campaign);
  COUPOND_CHECK(found != nullptr);
  SetStatus(*found, ordinal, status);
}

CouponStatus Ledger::StatusOf(const LedgerCampaign& campaign, std::uint32_t ordinal) {
  CouponStatus status{.state = campaign.states.Of(ordinal),
                      .claim_freed = campaign.states.IsClaimFreed(ordinal)};
  if (const auto redemption = campaign.states.RedemptionOf(ordinal)) {
    status.redemption.emplace().sequence = *redemption;
  }
  return status;
}

void Ledger::SetStatus(LedgerCampaign& campaign, std::uint32_t ordinal,
                       const CouponStatus& status) {
  CouponStates& states = campaign.states;
  switch (status.state) {
    case CouponState::kIssued:
      states.CancelRedemption(ordinal);
      break;
    case CouponState::kRedeemed:
      states.Redeem(ordinal, status.redemption->sequence);
      break;
    default:
      states.Void(ordinal, status.state);
  }
  if (status.claim_freed) FreeClaim(campaign, ordinal);
}

void Ledger::FreeClaim(LedgerCampaign& campaign, std::uint32_t ordinal) {
  if (campaign.states.IsClaimFreed(ordinal)) return;  // or it would be released twice
  campaign.states.FreeClaim(ordinal);
  if (Holders* const holders = holders_.Find(campaign.number)) holders->Release(ordinal);
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
  if (event.CountsAgainstLimit()) holders_.FindOrAdd(event.campaign).Add(*event.holder, ordinal);
}

template <>
void Ledger::On(const CampaignDeleted& event, const EventPlace&) {
  LedgerCampaign* const campaign = FindForChange(event.campaign);
  if (campaign == nullptr) return;
  number_by_id_.Erase(campaign->id);
  number_by_name_.Erase(campaign->terms.name);
  Holders* const holders = holders_.Find(event.campaign);
  deleted_.Add({.serials = std::move(campaign->serials),
                .claims = std::move(campaign->claims),
                .issue_times = std::move(campaign->issue_times),
                .states = std::move(campaign->states),
                .holders = holders == nullptr ? Holders() : std::move(*holders)});
  holders_.Erase(event.campaign);
  by_number_.Erase(event.campaign);
  deleted_.Free(kPartsFreedAtOnce, number_by_serial_);
}

template <>
void Ledger::On(const CampaignUpdated& event, const EventPlace& place) {
  LedgerCampaign* const campaign = FindForChange(event.campaign);
  if (campaign == nullptr) return;
  if (event.changes.name) {
    number_by_name_.Erase(campaign->terms.name);
    number_by_name_.Put(*event.changes.name, event.campaign);
  }
  if (event.added_serials) Reserve(event.campaign, *event.added_serials);
  Change(*campaign, event, place);
  campaign->terms.description.clear();
  campaign->terms.metadata.clear();
  Remember(event.request, place);
}

template <>
void Ledger::On(const StoreRestored& event, const EventPlace&) {
  std::vector<CampaignNumber> numbers;
  numbers.reserve(by_number_.size());
  by_number_.ForEach(
      [&numbers](CampaignNumber number, const LedgerCampaign&) { numbers.push_back(number); });
  std::ranges::sort(numbers);
  Serial next = event.first_serial;
  for (const CampaignNumber number : numbers) {
    LedgerCampaign& campaign = *FindForChange(number);
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
  if constexpr (AboutOneCoupon<Kind>) {
    const auto coupon = FindForChange(event.campaign, event.serial);
    if (!coupon) return;
    CouponStatus status = StatusOf(coupon->campaign, coupon->ordinal);
    // No decision depends on the key that a command was allowed with.
    if (!ChangeCoupon(coupon->campaign, status, event, place, kNoKey)) return;
    SetStatus(coupon->campaign, coupon->ordinal, status);
    if constexpr (requires { event.added_serials; }) {
      if (event.added_serials) Reserve(event.campaign, *event.added_serials);
    }
  } else {
    LedgerCampaign* const campaign = FindForChange(event.campaign);
    if (campaign == nullptr) return;
    Change(*campaign, event, place);
  }
  if constexpr (requires { event.request; }) Remember(event.request, place);
}

void Apply(Ledger& ledger, const Event& event, const EventPlace& place) {
  if (!ledger.deleted_.empty() && place.sequence.value() % kEventsPerFreedPart == 0) {
    ledger.deleted_.Free(1, ledger.number_by_serial_);
  }
  // The commonest kind by far goes first, past the table that std::visit jumps through.
  if (const auto* issued = std::get_if<CouponIssued>(&event)) return ledger.On(*issued, place);
  std::visit([&](const auto& kind) { ledger.On(kind, place); }, event);
}

}  // namespace coupond
