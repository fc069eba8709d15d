#include "rpc/client/server_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include "base/ascii.h"
#include "base/display_text.h"

namespace coupond::rpc_client {
namespace {

constexpr std::string_view kSchemeEnd = "://";
constexpr std::size_t kHostBytesMax = 255;

bool IsPort(std::string_view text) { return ParseDecimal(text, 1, 65'535).has_value(); }

// The host is copied into a header, so it may contain nothing that could end one.
bool IsHost(std::string_view text) {
  return !text.empty() && text.size() <= kHostBytesMax && std::ranges::all_of(text, [](char c) {
    return IsDigit(c) || IsLetter(c) || std::string_view(".-_:").contains(c);
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
        "{} is not a server address: {}; write it as http://127.0.0.1:8080", Quoted(url), why));
  };
  if (url.starts_with("unix:")) return wrong("sockets are not supported");
  std::string_view rest = url;
  bool secure = false;
  if (const std::size_t scheme = rest.find(kSchemeEnd); scheme != std::string_view::npos) {
    secure = EqualsIgnoringCase(rest.substr(0, scheme), "https");
    if (!secure && !EqualsIgnoringCase(rest.substr(0, scheme), "http")) {
      return wrong("only http and https are supported");
    }
    rest.remove_prefix(scheme + kSchemeEnd.size());
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.contains('/')) return wrong("it must not have a path");

  ServerAddress address{.host = "", .port = secure ? "443" : "80", .secure = secure};
  if (rest.starts_with('[')) {
    const std::size_t bracket = rest.find(']');
    if (bracket == std::string_view::npos) return wrong("the closing ] is missing");
    address.host = rest.substr(1, bracket - 1);
    rest.remove_prefix(bracket + 1);
  } else {
    const std::size_t colon = rest.find(':');
    address.host = rest.substr(0, colon);
    rest.remove_prefix(address.host.size());
  }
  if (!IsHost(address.host)) return wrong("it has no valid host");
  if (!rest.empty()) {
    if (!rest.starts_with(':') || !IsPort(rest.substr(1))) {
      return wrong("the port must be a number from 1 to 65535");
    }
    address.port = rest.substr(1);
  }
  return address;
}

std::expected<Endpoints, boost::system::error_code> FindServer(const ServerAddress& server) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::resolver resolver(context);
  boost::system::error_code error;
  Endpoints endpoints;
  for (const auto& entry : resolver.resolve(server.host, server.port, error)) {
    endpoints.push_back(entry.endpoint());
  }
  if (error) return std::unexpected(error);
  if (endpoints.empty())
    return std::unexpected(make_error_code(boost::asio::error::host_not_found));
  return endpoints;
}

}  // namespace coupond::rpc_client
