#include "engine/rules/holders.h"

#include <algorithm>
#include <iterator>

namespace coupond {
namespace {

/// Adds an item behind the others, in a chunk of its own if the last one is full.
template <typename Item>
void Append(std::vector<std::vector<Item>>& chunks, std::size_t items_per_chunk, Item item) {
  if (chunks.empty() || chunks.back().size() == items_per_chunk) chunks.emplace_back();
  chunks.back().push_back(item);
}

}  // namespace

std::optional<Holders::Holding> Holders::Find(const Claim& holder) const {
  const std::optional<std::uint32_t> place = places_.Find(holder);
  if (!place) return std::nullopt;
  return At(*place);
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
    Append(holdings_, kItemsPerChunk, Holding{});
  }
  Holding& holding = At(*place);
  ++holding.coupons;
  holding.latest = ordinal;
  Append(coupons_, kItemsPerChunk, Coupon{.ordinal = ordinal, .holder = *place});
}

void Holders::Release(std::uint32_t ordinal) {
  const std::optional<std::uint32_t> place = HolderOf(ordinal);
  if (place && At(*place).coupons > 0) --At(*place).coupons;
}

std::optional<std::uint32_t> Holders::HolderOf(std::uint32_t ordinal) const {
  const auto after = std::ranges::upper_bound(
      coupons_, ordinal, {},
      [](const std::vector<Coupon>& chunk) { return chunk.front().ordinal; });
  if (after == coupons_.begin()) return std::nullopt;
  const std::vector<Coupon>& chunk = *std::prev(after);
  const auto found = std::ranges::lower_bound(chunk, ordinal, {}, &Coupon::ordinal);
  if (found == chunk.end() || found->ordinal != ordinal) return std::nullopt;
  return found->holder;
}

}  // namespace coupond
