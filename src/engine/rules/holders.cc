#include "engine/rules/holders.h"

#include <cstddef>

namespace coupond {

std::optional<Holders::Holding> Holders::Find(const Claim& holder) const {
  const std::optional<std::uint32_t> place = places_.Find(holder);
  if (!place) return std::nullopt;
  return holdings_[*place];
}

bool Holders::Has(const Claim& holder, std::uint32_t ordinal) const {
  const std::optional<std::uint32_t> place = places_.Find(holder);
  return place && HolderOf(ordinal) == place;
}

void Holders::Add(const Claim& holder, std::uint32_t ordinal) {
  std::optional<std::uint32_t> place = places_.Find(holder);
  if (!place) {
    place = static_cast<std::uint32_t>(places_.size());
    places_.Put(holder, *place);
    holdings_.push_back({});
  }
  Holding& holding = holdings_[*place];
  ++holding.coupons;
  holding.latest = ordinal;
  coupons_.push_back({.ordinal = ordinal, .holder = *place});
}

void Holders::Release(std::uint32_t ordinal) {
  const std::optional<std::uint32_t> place = HolderOf(ordinal);
  if (place && holdings_[*place].coupons > 0) --holdings_[*place].coupons;
}

std::optional<std::uint32_t> Holders::HolderOf(std::uint32_t ordinal) const {
  const std::size_t place =
      coupons_.PartitionPoint([ordinal](const Coupon& coupon) { return coupon.ordinal < ordinal; });
  if (place == coupons_.size() || coupons_[place].ordinal != ordinal) return std::nullopt;
  return coupons_[place].holder;
}

bool Holders::FreePart() {
  if (places_.FreePart()) return true;
  if (!holdings_.empty()) {
    holdings_.PopChunk();
    return true;
  }
  if (coupons_.empty()) return false;
  coupons_.PopChunk();
  return true;
}

}  // namespace coupond
