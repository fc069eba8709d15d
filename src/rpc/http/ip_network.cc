#include "rpc/http/ip_network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/ascii.h"
#include "base/display_text.h"

namespace coupond::http {
namespace {

using Family = PeerAddress::Family;

constexpr std::size_t kIpV4Bytes = 4;
constexpr unsigned kBitsPerByte = 8;

/// What the first twelve bytes of an IPv4-mapped IPv6 address are (RFC 4291, section 2.5.5.2).
constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

unsigned BitsOf(Family family) {
  return family == Family::kIpV4 ? kIpV4Bytes * kBitsPerByte : 16 * kBitsPerByte;
}

bool SharePrefix(const PeerAddress& a, const PeerAddress& b, unsigned bits) {
  const std::size_t whole = bits / kBitsPerByte;
  if (!std::equal(a.bytes.begin(), a.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  b.bytes.begin())) {
    return false;
  }
  const unsigned rest = bits % kBitsPerByte;
  return rest == 0 || (a.bytes[whole] ^ b.bytes[whole]) >> (kBitsPerByte - rest) == 0;
}

}  // namespace

std::optional<PeerAddress> ParseIpAddress(std::string_view text) {
  const std::string terminated(text);
  PeerAddress address;
  in_addr ip4{};
  if (::inet_pton(AF_INET, terminated.c_str(), &ip4) == 1) {
    address.family = Family::kIpV4;
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&ip4), kIpV4Bytes, address.bytes.begin());
    return address;
  }
  in6_addr ip6{};
  if (::inet_pton(AF_INET6, terminated.c_str(), &ip6) != 1) return std::nullopt;
  if (std::equal(kMapped.begin(), kMapped.end(), ip6.s6_addr)) {
    address.family = Family::kIpV4;
    std::copy_n(&ip6.s6_addr[kMapped.size()], kIpV4Bytes, address.bytes.begin());
  } else {
    address.family = Family::kIpV6;
    std::ranges::copy(ip6.s6_addr, address.bytes.begin());
  }
  return address;
}

std::expected<IpNetwork, std::string> IpNetwork::Parse(std::string_view text) {
  const auto wrong = [text](const std::string& what) {
    return std::unexpected(Quoted(text) + " " + what);
  };
  std::string_view rest = text;
  const bool has_length = text.find('/') != std::string_view::npos;
  const std::string_view address_text = TakeUntil('/', rest);
  const auto address = ParseIpAddress(address_text);
  if (!address) {
    return wrong("is not a network; give for example 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7");
  }
  const unsigned bits = BitsOf(address->family);
  if (!has_length) return IpNetwork(*address, bits);
  const auto length = ParseDecimalAs<unsigned>(rest, 0, bits);
  if (!length) {
    return wrong("has a prefix that is not a number from 0 to " + std::to_string(bits));
  }
  PeerAddress base{.family = address->family};
  for (unsigned bit = 0; bit < *length; ++bit) {
    const unsigned mask = 0x80U >> (bit % kBitsPerByte);
    base.bytes[bit / kBitsPerByte] = static_cast<std::uint8_t>(
        base.bytes[bit / kBitsPerByte] | (address->bytes[bit / kBitsPerByte] & mask));
  }
  if (base != *address) {
    return wrong("has bits beyond its prefix; a network's address ends in zeros");
  }
  return IpNetwork(base, *length);
}

bool IpNetwork::Contains(const PeerAddress& address) const {
  return address.family == base_.family && SharePrefix(address, base_, prefix_bits_);
}

bool IsLoopbackAddress(const PeerAddress& address) {
  if (address.family == Family::kIpV4) return address.bytes.front() == IN_LOOPBACKNET;
  return address.family == Family::kIpV6 &&
         std::ranges::equal(address.bytes, in6addr_loopback.s6_addr);
}

PeerAddress ClientPart(PeerAddress address) {
  constexpr std::ptrdiff_t kNetworkBytes = 8;
  address.port = 0;
  if (address.family == Family::kIpV6) {
    std::fill(address.bytes.begin() + kNetworkBytes, address.bytes.end(), std::uint8_t{0});
  }
  return address;
}

}  // namespace coupond::http
