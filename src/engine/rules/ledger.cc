#include "engine/rules/ledger.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.h"

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
  template <typename Tag>
  void Add(const StrongBytes16<Tag>& id) {
    for (const std::uint8_t byte : id.bytes) AddByte(byte);
  }
  [[nodiscard]] std::uint64_t value() const { return hash_; }

 private:
  void AddByte(std::uint8_t byte) { hash_ = (hash_ ^ byte) * 0x100000001B3ULL; }

  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
};

std::uint64_t CampaignDigest(const Campaign& campaign) {
  Fnv hash;
  hash.Add(campaign.number.value());
  hash.Add(campaign.id);
  hash.Add(campaign.name);
  hash.Add(static_cast<std::uint64_t>(campaign.total_coupons));
  hash.Add(static_cast<std::uint64_t>(campaign.issued_coupons));
  hash.Add(static_cast<std::uint64_t>(campaign.start_time.unix_nanoseconds()));
  hash.Add(static_cast<std::uint64_t>(campaign.created_at.unix_nanoseconds()));
  hash.Add(campaign.first_serial.value());
  // Adding up does not depend on the order in which the map hands out its entries.
  std::uint64_t claims = 0;
  campaign.claims.ForEach([&claims](const Claim& claim, std::uint32_t ordinal) {
    Fnv entry;
    entry.Add(claim);
    entry.Add(ordinal);
    claims += entry.value();
  });
  hash.Add(claims);
  campaign.claim_times.ForEach([&hash](std::uint32_t first_ordinal, Timestamp time) {
    hash.Add(first_ordinal);
    hash.Add(static_cast<std::uint64_t>(time.unix_nanoseconds()));
  });
  return hash.value();
}

}  // namespace

const Campaign* Ledger::Find(CampaignNumber number) const {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : &found->second;
}

const Campaign* Ledger::Find(const CampaignId& id) const {
  const auto found = number_by_id_.find(id);
  return found == number_by_id_.end() ? nullptr : Find(found->second);
}

const Campaign* Ledger::Find(const std::string& name) const {
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
  return hash.value();
}

void Ledger::RestoreCounters(CampaignNumber next_campaign_number, Serial next_serial) {
  next_campaign_number_ = next_campaign_number;
  next_serial_ = next_serial;
}

void Ledger::Restore(Campaign campaign) {
  const CampaignNumber number = campaign.number;
  number_by_id_.emplace(campaign.id, number);
  number_by_name_.emplace(campaign.name, number);
  const bool inserted = by_number_.emplace(number, std::move(campaign)).second;
  COUPOND_CHECK(inserted);
}

void Ledger::RestoreClaims(CampaignNumber campaign, std::span<const ClaimMap::Entry> claims) {
  const auto found = by_number_.find(campaign);
  COUPOND_CHECK(found != by_number_.end());
  found->second.claims.InsertAll(claims);
}

void Ledger::RestoreIssueTime(CampaignNumber campaign, std::uint32_t ordinal, Timestamp issued_at) {
  const auto found = by_number_.find(campaign);
  COUPOND_CHECK(found != by_number_.end());
  found->second.claim_times.Add(ordinal, issued_at);
}

// Decisions do not depend on the store's identity.
template <>
void Ledger::On(const StoreCreated&, Timestamp) {}

template <>
void Ledger::On(const CampaignCreated& event, Timestamp time) {
  number_by_id_.insert_or_assign(event.id, event.number);
  number_by_name_.insert_or_assign(event.name, event.number);
  by_number_.insert_or_assign(event.number, Campaign{.number = event.number,
                                                     .id = event.id,
                                                     .name = event.name,
                                                     .total_coupons = event.total_coupons,
                                                     .issued_coupons = 0,
                                                     .start_time = event.start_time,
                                                     .created_at = time,
                                                     .first_serial = event.first_serial,
                                                     .claims = {},
                                                     .claim_times = {}});
  next_campaign_number_ = std::max(next_campaign_number_, event.number.Next());
  next_serial_ = std::max(next_serial_,
                          event.first_serial.Plus(static_cast<std::uint64_t>(event.total_coupons)));
}

template <>
void Ledger::On(const CouponIssued& event, Timestamp time) {
  const auto found = by_number_.find(event.campaign);
  if (found == by_number_.end()) return;
  Campaign& campaign = found->second;
  ++campaign.issued_coupons;
  if (event.claim) {
    const auto ordinal =
        static_cast<std::uint32_t>(event.serial.value() - campaign.first_serial.value());
    campaign.claims.Insert(*event.claim, ordinal);
    campaign.claim_times.Add(ordinal, time);
  }
}

template <>
void Ledger::On(const CampaignDeleted& event, Timestamp) {
  const auto found = by_number_.find(event.campaign);
  if (found == by_number_.end()) return;
  number_by_id_.erase(found->second.id);
  number_by_name_.erase(found->second.name);
  by_number_.erase(found);
}

void Apply(Ledger& ledger, const Event& event, Timestamp time) {
  // The commonest kind by far goes first, past the table that std::visit jumps through.
  if (const auto* issued = std::get_if<CouponIssued>(&event)) return ledger.On(*issued, time);
  std::visit([&](const auto& kind) { ledger.On(kind, time); }, event);
}

}  // namespace coupond
