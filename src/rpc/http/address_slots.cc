#include "rpc/http/address_slots.h"

#include <algorithm>

namespace coupond::http {

std::optional<AddressSlots::Slot> AddressSlots::Take(const PeerAddress& address) {
  const bool is_limited = slots_max_ > 0 && address.family != PeerAddress::Family::kUnknown &&
                          std::ranges::none_of(unlimited_, [&](const IpNetwork& network) {
                            return network.Contains(address);
                          });
  if (!is_limited) return Slot(nullptr, address);
  const PeerAddress client = ClientPart(address);
  const std::scoped_lock lock(mutex_);
  std::size_t& taken = taken_[client];
  if (taken >= slots_max_) return std::nullopt;
  ++taken;
  return Slot(this, client);
}

void AddressSlots::Return(const PeerAddress& address) {
  const std::scoped_lock lock(mutex_);
  const auto found = taken_.find(address);
  if (--found->second == 0) taken_.erase(found);
}

}  // namespace coupond::http
