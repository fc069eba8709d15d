#ifndef COUPOND_RPC_HTTP_CLIENT_ADDRESS_H_
#define COUPOND_RPC_HTTP_CLIENT_ADDRESS_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "rpc/http/handler.h"
#include "rpc/http/ip_network.h"

/// Who a client is whose requests come through proxies.
namespace coupond::http {

/// The header field in which proxies add the address that they were called from. There is one,
/// because a client may send the other one, and a proxy passes on what it does not know.
enum class ForwardedField : std::uint8_t {
  kXForwardedFor,
  kForwarded,  ///< RFC 7239
};

/// The proxies whose word about their clients counts.
struct TrustedProxies {
  std::vector<IpNetwork> networks = {};
  bool sockets = false;  ///< whether all that connect through a socket of the Unix domain are such
  ForwardedField field = ForwardedField::kXForwardedFor;

  [[nodiscard]] bool any() const { return sockets || !networks.empty(); }
  [[nodiscard]] bool Contains(const PeerAddress& address) const;
};

/// Returns the address of the client behind the trusted proxies, without a port, or nullopt if the
/// request does not come from a trusted proxy or has no such field. Addresses are read from the
/// last one on, which the proxy next to the server has added, as long as they are those of trusted
/// proxies: what stands before the first that is not may be invented. If a proxy names its client
/// in another way, or hides it, the result is that proxy's own address.
[[nodiscard]] std::optional<PeerAddress> ForwardedClient(const Request& request,
                                                         const TrustedProxies& proxies);

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_CLIENT_ADDRESS_H_
