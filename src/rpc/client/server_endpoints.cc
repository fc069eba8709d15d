#include "rpc/client/server_endpoints.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>

#include "rpc/client/network_error.h"

namespace coupond::ctl {

std::expected<Endpoints, CallError> FindServer(const ServerAddress& server) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::resolver resolver(context);
  boost::system::error_code error;
  Endpoints endpoints;
  for (const auto& entry : resolver.resolve(server.host, server.port, error)) {
    endpoints.push_back(entry.endpoint());
  }
  if (endpoints.empty()) return std::unexpected(CannotReach(server, error));
  return endpoints;
}

std::expected<void, std::string> ExpectOnThisMachine(const ServerAddress& server,
                                                     const Endpoints& endpoints) {
  for (const auto& endpoint : endpoints) {
    if (endpoint.address().is_loopback()) continue;
    return std::unexpected(
        fmt::format("{} is not on this machine ({}); a load may harm it, so say --allow-remote if "
                    "you mean it",
                    server.Url(), endpoint.address().to_string()));
  }
  return {};
}

}  // namespace coupond::ctl
