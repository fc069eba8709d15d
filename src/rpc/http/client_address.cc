#include "rpc/http/client_address.h"

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <string>

#include "base/ascii.h"

namespace coupond::http {
namespace {

/// Returns the next element of a list, whose quoted strings may contain commas, and takes it from
/// `list`. An element whose quoted string does not end is empty: a client may have begun the string
/// so that it hides what its proxy adds.
std::string_view TakeElement(char separator, std::string_view& list) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < list.size(); ++end) {
    const char c = list[end];
    if (quoted && c == '\\' && end + 1 < list.size()) {
      ++end;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == separator && !quoted) {
      break;
    }
  }
  const std::string_view element = list.substr(0, end);
  list.remove_prefix(std::min(end + 1, list.size()));
  return quoted ? std::string_view() : Trimmed(element);
}

/// Returns the value of `for` in an element of Forwarded, without quotation marks, or an empty
/// text. A quoted address has nothing that would be escaped.
std::string_view ForOf(std::string_view element) {
  while (!element.empty()) {
    std::string_view value = TakeElement(';', element);
    const std::string_view name = TakeUntil('=', value);
    if (!EqualsIgnoringCase(Trimmed(name), "for")) continue;
    value = Trimmed(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return {};
}

/// Returns the address of a node, "192.0.2.1", "192.0.2.1:4711", "2001:db8::1" or
/// "[2001:db8::1]:4711"; nullopt for "unknown", a hidden name or anything else.
std::optional<PeerAddress> AddressOfNode(std::string_view node) {
  if (node.starts_with('[')) {
    const std::size_t end = node.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view after = node.substr(end + 1);
    if (!after.empty() && after.front() != ':') return std::nullopt;
    return ParseIpAddress(node.substr(1, end - 1));
  }
  // A single colon separates a port from an IPv4 address.
  if (std::ranges::count(node, ':') == 1) node = node.substr(0, node.find(':'));
  return ParseIpAddress(node);
}

/// Returns the nodes that proxies have added, in order.
std::vector<std::string_view> NodesIn(const Request& request, ForwardedField field) {
  const bool standard = field == ForwardedField::kForwarded;
  const std::string_view name = standard ? "Forwarded" : "X-Forwarded-For";
  std::vector<std::string_view> nodes;
  for (const HeaderField& header : request.headers) {
    if (!EqualsIgnoringCase(header.name, name)) continue;
    std::string_view list = header.value;
    while (!list.empty()) {
      if (standard) {
        nodes.push_back(ForOf(TakeElement(',', list)));
      } else {
        nodes.push_back(Trimmed(TakeUntil(',', list)));
      }
    }
  }
  return nodes;
}

}  // namespace

bool TrustedProxies::Contains(const PeerAddress& address) const {
  if (address.is_unix) return sockets;
  return std::ranges::any_of(networks,
                             [&](const IpNetwork& network) { return network.Contains(address); });
}

std::optional<PeerAddress> ForwardedClient(const Request& request, const TrustedProxies& proxies) {
  if (!proxies.Contains(request.peer)) return std::nullopt;
  const std::vector<std::string_view> nodes = NodesIn(request, proxies.field);
  if (nodes.empty()) return std::nullopt;
  PeerAddress client = request.peer;
  for (const std::string_view node : nodes | std::views::reverse) {
    const auto address = AddressOfNode(node);
    if (!address) break;
    client = *address;
    if (!proxies.Contains(client)) break;
  }
  client.port = 0;
  return client;
}

}  // namespace coupond::http
