#ifndef COUPOND_RPC_CLIENT_CONNECT_CLIENT_H_
#define COUPOND_RPC_CLIENT_CONNECT_CLIENT_H_

#include <boost/system/error_code.hpp>
#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "rpc/client/connect_protocol.h"
#include "rpc/client/server_address.h"

namespace google::protobuf {
class MessageLite;
}

namespace coupond::ctl {

/// Calls the server, one call at a time, and waits for the answer. It keeps its connection between
/// calls and never sends a call twice; after an error the next call connects anew. One thread at a
/// time.
class ConnectClient {
 public:
  /// `timeout` is for a whole call, connecting included.
  ConnectClient(ServerAddress server, std::chrono::nanoseconds timeout);
  ~ConnectClient();
  ConnectClient(const ConnectClient&) = delete;
  ConnectClient& operator=(const ConnectClient&) = delete;

  [[nodiscard]] std::expected<void, CallError> Call(std::string_view method,
                                                    const google::protobuf::MessageLite& request,
                                                    google::protobuf::MessageLite& response,
                                                    std::string_view service = kCouponService);

  /// Reads only the first field of the response: stops, and closes the connection, once it has
  /// come. For responses that carry a long list behind it.
  [[nodiscard]] std::expected<void, CallError> CallForFirstField(
      std::string_view method, const google::protobuf::MessageLite& request,
      google::protobuf::MessageLite& response, std::string_view service = kCouponService);

  [[nodiscard]] const ServerAddress& server() const { return server_; }

 private:
  class Connection;
  using IsEnough = bool (*)(std::string_view body);
  std::expected<void, CallError> Exchange(std::string_view service, std::string_view method,
                                          std::string_view body, IsEnough is_enough,
                                          std::string& answer_body);
  /// What it means to the person who called that the exchange ended with this error.
  [[nodiscard]] CallError Explain(const Connection& connection, std::string_view method,
                                  const boost::system::error_code& error) const;

  ServerAddress server_;
  std::chrono::nanoseconds timeout_;
  std::unique_ptr<Connection> connection_;  ///< null: not connected
};

}  // namespace coupond::ctl

#endif  // COUPOND_RPC_CLIENT_CONNECT_CLIENT_H_
