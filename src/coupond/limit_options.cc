#include "coupond/limit_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "program/command_line.h"
#include "rpc/http/client_address.h"
#include "rpc/http/ip_network.h"

namespace coupond {
namespace {

constexpr unsigned kPerMinuteMax = 1'000'000;
constexpr const char* kXForwardedFor = "X-Forwarded-For";
constexpr const char* kForwarded = "Forwarded";
/// Stands for all that connect through a socket of the Unix domain.
constexpr const char* kUnix = "unix";

std::string CheckProxy(const std::string& text) {
  if (text == kUnix) return {};
  const auto network = http::IpNetwork::Parse(text);
  return network ? "" : network.error() + "; or give unix, for a proxy that connects to a socket";
}

/// The networks of the machine itself.
std::vector<http::IpNetwork> LoopbackNetworks() {
  return {*http::IpNetwork::Parse("127.0.0.0/8"), *http::IpNetwork::Parse("::1")};
}

}  // namespace

void AddLimitOptions(CLI::App& app, LimitOptions& options) {
  api::AskLimitOptions& asking = options.asking;
  AddInteger(app, "--limit-public", asking.public_calls, OptionRange{0U, kPerMinuteMax},
             "Calls in a minute that one client address may make with public keys; 0 is no limit")
      ->default_str(std::to_string(asking.public_calls));
  AddInteger(app, "--limit-unknown-codes", asking.unknown_codes, OptionRange{0U, kPerMinuteMax},
             "Codes that no coupon has, in a minute, for which one access key may ask; 0 is no "
             "limit. Visitors whose address a trusted proxy names may ask for " +
                 std::to_string(api::kUnknownCodesPerAddress))
      ->default_str(std::to_string(asking.unknown_codes));
  AddInteger(app, "--connections-per-address", OptionRange<std::uint64_t>{0, http::kConnectionsMax},
             "Connections that one client address may have; 0 is no limit. Trusted proxies may "
             "have any number and, unless this is given, so may clients on this machine",
             [&options](std::uint64_t number) {
               options.connections_per_address = static_cast<std::size_t>(number);
             })
      ->default_str(std::to_string(http::kConnectionsPerAddressMax));
  app.add_option_function<std::vector<std::string>>(
         "--trusted-proxy",
         [&asking](const std::vector<std::string>& texts) {
           asking.proxies.networks.clear();
           asking.proxies.sockets = false;
           for (const std::string& text : texts) {
             if (text == kUnix) {
               asking.proxies.sockets = true;
             } else {
               asking.proxies.networks.push_back(*http::IpNetwork::Parse(text));
             }
           }
         },
         "Network of proxies, such as 10.0.0.0/8, that name their client in --forwarded-header; or "
         "unix: every client of the socket of --listen, which must then be unix:PATH. A socket in "
         "--ops-listen is trusted, too; there this affects only the request log. Repeatable. From "
         "all others that field is ignored")
      ->type_name("NETWORK|unix")
      ->take_all()
      ->allow_extra_args(false)
      ->check(CheckProxy);
  app.add_option_function<std::string>(
         "--forwarded-header",
         [&asking](const std::string& name) {
           asking.proxies.field = EqualsIgnoringCase(name, kForwarded)
                                      ? http::ForwardedField::kForwarded
                                      : http::ForwardedField::kXForwardedFor;
         },
         "Header field in which trusted proxies name their client: X-Forwarded-For, or Forwarded "
         "(RFC 7239). They must set or extend it; the other one may be a client's invention")
      ->type_name("NAME")
      ->default_str(kXForwardedFor)
      ->check([](const std::string& name) {
        const bool is_known =
            EqualsIgnoringCase(name, kForwarded) || EqualsIgnoringCase(name, kXForwardedFor);
        return is_known ? std::string() : "give X-Forwarded-For or Forwarded";
      });
}

void SetConnectionLimits(const LimitOptions& options, http::Limits& limits) {
  limits.connections_per_address_max =
      options.connections_per_address.value_or(http::kConnectionsPerAddressMax);
  limits.unlimited_addresses = options.asking.proxies.networks;
  if (!options.connections_per_address) {
    std::ranges::copy(LoopbackNetworks(), std::back_inserter(limits.unlimited_addresses));
  }
}

}  // namespace coupond
