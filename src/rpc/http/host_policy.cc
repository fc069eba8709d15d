#include "rpc/http/host_policy.h"

#include <algorithm>
#include <utility>

namespace coupond::http {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

Authority OfListenAddress(std::string_view address) {
  return {.host = address, .port = std::nullopt, .is_ip_literal = address.contains(':')};
}

}  // namespace

std::expected<HostName, std::string> HostName::Parse(std::string_view text) {
  // The grammar allows a star in a name, but an operator who types one means a pattern.
  if (!ParseAuthority(text) || text.contains('*')) {
    return std::unexpected("\"" + std::string(text) +
                           "\" is not a host; give a name or address, with a port if it matters, "
                           "such as coupons.example.com, coupons.example.com:8443 or "
                           "[2001:db8::1]");
  }
  return HostName(std::string(text));
}

bool HostName::Matches(const Authority& authority) const {
  const Authority own = *ParseAuthority(text_);
  if (!IsSameHost(own, authority)) return false;
  if (!own.port || own.port == authority.port) return true;
  return !authority.port && (own.port == kHttpPort || own.port == kHttpsPort);
}

HostPolicy::HostPolicy(std::string_view address, std::vector<HostName> names)
    : names_(std::move(names)) {
  const bool on_loopback = IsLoopback(OfListenAddress(address));
  accepts_all_ = !on_loopback && names_.empty();
  accepts_addresses_ = !on_loopback;
}

bool HostPolicy::Accepts(const Authority& authority) const {
  if (accepts_all_ || IsLoopback(authority)) return true;
  if (accepts_addresses_ && IsIpAddress(authority)) return true;
  return std::ranges::any_of(
      names_, [&authority](const HostName& name) { return name.Matches(authority); });
}

}  // namespace coupond::http
