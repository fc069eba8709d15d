#include "engine/rules/claim_map.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace coupond {
namespace {

constexpr std::size_t kFirstSlots = 16;
constexpr std::size_t kFullPercent = 85;

}  // namespace

std::size_t ClaimMap::Locate(const Claim& claim) const {
  // The high half of hash × slots spreads a uniform 64-bit hash over any number of slots (Lemire).
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(std::hash<Claim>{}(claim)) * slots_.size();
  auto place = static_cast<std::size_t>(product >> 64);
  while (slots_[place].ordinal_plus_one != 0 && slots_[place].claim != claim) {
    if (++place == slots_.size()) place = 0;
  }
  return place;
}

std::optional<std::uint32_t> ClaimMap::Find(const Claim& claim) const {
  if (slots_.empty()) return std::nullopt;
  const Slot& slot = slots_[Locate(claim)];
  if (slot.ordinal_plus_one == 0) return std::nullopt;
  return slot.ordinal_plus_one - 1;
}

void ClaimMap::Insert(const Claim& claim, std::uint32_t ordinal) {
  if ((size_ + 1) * 100 > slots_.size() * kFullPercent) Grow();
  Slot& slot = slots_[Locate(claim)];
  if (slot.ordinal_plus_one != 0) return;
  slot = Slot{claim, ordinal + 1};
  ++size_;
}

void ClaimMap::Grow() {
  std::vector<Slot> old(std::max(kFirstSlots, slots_.size() + slots_.size() / 2));
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.ordinal_plus_one != 0) slots_[Locate(slot.claim)] = slot;
  }
}

}  // namespace coupond
