#include "rpc/http/peer_address.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace coupond::http {

namespace ip = boost::asio::ip;

std::string PeerAddress::Text() const {
  switch (family) {
    case Family::kIpV4: {
      ip::address_v4::bytes_type address;
      std::copy_n(bytes.begin(), address.size(), address.begin());
      return ip::make_address_v4(address).to_string() + ":" + std::to_string(port);
    }
    case Family::kIpV6: {
      ip::address_v6::bytes_type address;
      std::copy_n(bytes.begin(), address.size(), address.begin());
      return "[" + ip::make_address_v6(address).to_string() + "]:" + std::to_string(port);
    }
    case Family::kUnknown:
      break;
  }
  return {};
}

}  // namespace coupond::http
