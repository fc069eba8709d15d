#include "rpc/client/network_error.h"

#include <fmt/format.h>

#include <boost/asio/error.hpp>

namespace coupond::ctl {

CallError CannotReach(const ServerAddress& server, const boost::system::error_code& error) {
  const std::string_view next = error == boost::asio::error::connection_refused
                                    ? "; is coupond running? start it with script/server"
                                    : "";
  return {.code = "",
          .message = fmt::format("cannot reach {}: {}{}", server.Url(), error.message(), next)};
}

CallError NoAnswer(const ServerAddress& server, std::string_view method, std::string_view why) {
  return {.code = "",
          .message = fmt::format("no answer from {} to {}: {}", server.Url(), method, why),
          .may_be_done = true};
}

CallError UnreadableAnswer(const ServerAddress& server, std::string_view method,
                           std::string_view why) {
  return {.code = "",
          .message = fmt::format("the answer from {} to {} cannot be read: {}; check --server",
                                 server.Url(), method, why),
          .may_be_done = true};
}

CallError LostStream(const ServerAddress& server, std::string_view method, std::string_view why) {
  return {.code = "",
          .message = fmt::format("{} broke off its answer to {}: {}", server.Url(), method, why),
          .may_be_done = true};
}

}  // namespace coupond::ctl
