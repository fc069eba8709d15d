#include "rpc/client/server_address.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/decimal_text.h"

namespace coupond::ctl {
namespace {

constexpr std::string_view kSchemeEnd = "://";

bool IsHttp(std::string_view scheme) {
  return std::ranges::equal(scheme, std::string_view("http"), {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
}

bool IsPort(std::string_view text) { return ParseDecimal(text, 1, 65'535).has_value(); }

// The host goes into a header as it is, so nothing that could end the header may be in it.
bool IsHost(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_' || c == ':';
  });
}

}  // namespace

std::string ServerAddress::Authority() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::expected<ServerAddress, std::string> ParseServerAddress(std::string_view url) {
  const auto wrong = [url](std::string_view why) {
    return std::unexpected(fmt::format(
        "\"{}\" is not a server's address: {}; write it as http://127.0.0.1:8080", url, why));
  };
  std::string_view rest = url;
  if (const std::size_t scheme = rest.find(kSchemeEnd); scheme != std::string_view::npos) {
    if (!IsHttp(rest.substr(0, scheme))) return wrong("couponctl speaks plain http only");
    rest.remove_prefix(scheme + kSchemeEnd.size());
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find('/') != std::string_view::npos) return wrong("it must not have a path");

  ServerAddress address{.host = "", .port = "80"};
  if (rest.starts_with('[')) {
    const std::size_t bracket = rest.find(']');
    if (bracket == std::string_view::npos) return wrong("the ] is missing");
    address.host = rest.substr(1, bracket - 1);
    rest.remove_prefix(bracket + 1);
  } else {
    const std::size_t colon = rest.find(':');
    address.host = rest.substr(0, colon);
    rest.remove_prefix(address.host.size());
  }
  if (!IsHost(address.host)) return wrong("the host is not one");
  if (!rest.empty()) {
    if (!rest.starts_with(':') || !IsPort(rest.substr(1))) {
      return wrong("the port must be a number from 1 to 65535");
    }
    address.port = rest.substr(1);
  }
  return address;
}

}  // namespace coupond::ctl
