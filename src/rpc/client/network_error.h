#ifndef COUPOND_RPC_CLIENT_NETWORK_ERROR_H_
#define COUPOND_RPC_CLIENT_NETWORK_ERROR_H_

#include <boost/system/error_code.hpp>
#include <string_view>

#include "rpc/client/connect_protocol.h"
#include "rpc/client/server_address.h"

/// What goes wrong between here and the server, in words for the person who called it.
namespace coupond::ctl {

/// There is no connection, so nothing was asked.
[[nodiscard]] CallError CannotReach(const ServerAddress& server,
                                    const boost::system::error_code& error);

/// The server was asked; what it made of that is not known.
[[nodiscard]] CallError NoAnswer(const ServerAddress& server, std::string_view method,
                                 std::string_view why);

/// What came cannot be an answer of coupond's. `why` follows "its answer to METHOD cannot be
/// read:".
[[nodiscard]] CallError UnreadableAnswer(const ServerAddress& server, std::string_view method,
                                         std::string_view why);

/// A part of the answer came, and then no more.
[[nodiscard]] CallError LostStream(const ServerAddress& server, std::string_view method,
                                   std::string_view why);

}  // namespace coupond::ctl

#endif  // COUPOND_RPC_CLIENT_NETWORK_ERROR_H_
