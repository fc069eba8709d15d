#ifndef COUPOND_RPC_HTTP_ADDRESS_SLOTS_H_
#define COUPOND_RPC_HTTP_ADDRESS_SLOTS_H_

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "rpc/http/handler.h"
#include "rpc/http/ip_network.h"

namespace coupond::http {

/// The connections that one client address may have at a time; those of an IPv6 network (/64) count
/// as one. Clients that connect through a socket of the Unix domain have no address, and may have
/// any number. Any thread. Must outlive the slots that it gave out.
class AddressSlots {
 public:
  /// A place of an address. Returned when this is destroyed.
  class Slot {
   public:
    Slot(Slot&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), address_(other.address_) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (owner_ != nullptr) owner_->Return(address_);
    }

   private:
    friend class AddressSlots;
    Slot(AddressSlots* owner, const PeerAddress& address) : owner_(owner), address_(address) {}
    AddressSlots* owner_;  ///< null if the address is not limited
    PeerAddress address_;
  };

  /// `slots_max` is for each address; 0 is no limit. The addresses of `unlimited` may have any
  /// number: they are proxies, with many clients.
  AddressSlots(std::size_t slots_max, std::vector<IpNetwork> unlimited)
      : slots_max_(slots_max), unlimited_(std::move(unlimited)) {}

  /// Returns a place, or nullopt if the address has all of its places.
  [[nodiscard]] std::optional<Slot> Take(const PeerAddress& address);

 private:
  struct Order {
    bool operator()(const PeerAddress& a, const PeerAddress& b) const {
      return std::pair(a.family, a.bytes) < std::pair(b.family, b.bytes);
    }
  };

  void Return(const PeerAddress& address);

  const std::size_t slots_max_;
  const std::vector<IpNetwork> unlimited_;
  std::mutex mutex_;
  // Ordered rather than hashed: clients choose the addresses.
  std::map<PeerAddress, std::size_t, Order> taken_;  // guarded by mutex_
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_ADDRESS_SLOTS_H_
