#ifndef COUPOND_RPC_CLIENT_SERVER_ENDPOINTS_H_
#define COUPOND_RPC_CLIENT_SERVER_ENDPOINTS_H_

#include <boost/asio/ip/tcp.hpp>
#include <expected>
#include <string>
#include <vector>

#include "rpc/client/connect_protocol.h"
#include "rpc/client/server_address.h"

namespace coupond::ctl {

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

/// Where connections to the server go: at least one endpoint.
[[nodiscard]] std::expected<Endpoints, CallError> FindServer(const ServerAddress& server);

/// That all of them are on this machine, as for a load they should be. The error says, in words for
/// the person who asked, which is not.
[[nodiscard]] std::expected<void, std::string> ExpectOnThisMachine(const ServerAddress& server,
                                                                   const Endpoints& endpoints);

}  // namespace coupond::ctl

#endif  // COUPOND_RPC_CLIENT_SERVER_ENDPOINTS_H_
