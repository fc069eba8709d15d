#include <cstdint>
#include <string_view>

#include "engine/rules/ledger.h"

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

std::uint64_t Ledger::Digest() const {
  Fnv hash;
  hash.Add(next_campaign_number_.value());
  hash.Add(next_serial_.value());
  hash.Add(by_number_.size());
  std::uint64_t campaigns = 0;
  by_number_.ForEach([&campaigns](CampaignNumber, const LedgerCampaign& campaign) {
    campaigns += CampaignDigest(campaign);
  });
  hash.Add(campaigns);
  std::uint64_t holders = 0;
  holders_.ForEach([&holders](CampaignNumber number, const Holders& of_campaign) {
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
  });
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

}  // namespace coupond
