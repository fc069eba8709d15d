#ifndef COUPOND_RPC_CLIENT_CONNECT_CLIENT_H_
#define COUPOND_RPC_CLIENT_CONNECT_CLIENT_H_

#include <boost/system/error_code.hpp>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "rpc/client/call_error.h"
#include "rpc/client/server_address.h"
#include "rpc/connect/metadata.h"

namespace google::protobuf {
class MessageLite;
}

namespace coupond::rpc_client {

/// A client for calls whose answer it waits for, one call at a time. It keeps its connection
/// between calls with one answer, and never sends a call twice. After an error the next call may
/// make a new connection. One thread at a time.
class ConnectClient {
 public:
  /// `timeout` limits each call, including connecting. `headers` are sent with each call.
  ConnectClient(ServerAddress server, std::chrono::nanoseconds timeout,
                connect::Metadata headers = {});
  ~ConnectClient();
  ConnectClient(const ConnectClient&) = delete;
  ConnectClient& operator=(const ConnectClient&) = delete;

  /// Calls the method at `path`, such as "/greeting.v1.GreetingService/Greet", and reads its answer
  /// into `response`.
  [[nodiscard]] std::expected<void, CallError> Call(std::string_view path,
                                                    const google::protobuf::MessageLite& request,
                                                    google::protobuf::MessageLite& response);

  /// The same for an answer that carries a long list behind its first field: reads only that field,
  /// and closes the connection once it has arrived.
  [[nodiscard]] std::expected<void, CallError> CallForFirstField(
      std::string_view path, const google::protobuf::MessageLite& request,
      google::protobuf::MessageLite& response);

  /// Calls a method that is answered with a stream, on a connection of its own. Reads one message
  /// after the other into `response` and calls `visit` for each; if that returns false, leaves the
  /// stream, without an error. The timeout limits the time until the first message, and then until
  /// each next one, but not that which `visit` takes. A message may have 16 MiB.
  [[nodiscard]] std::expected<void, CallError> CallStream(
      std::string_view path, const google::protobuf::MessageLite& request,
      google::protobuf::MessageLite& response, const std::function<bool()>& visit);

  [[nodiscard]] const ServerAddress& server() const { return server_; }

 private:
  class Connection;
  class Stream;
  using IsEnough = bool (*)(std::string_view body);
  /// Sends a message and returns the message that answers it, or its beginning if that is enough.
  std::expected<std::string, CallError> Exchange(std::string_view path, std::string_view message,
                                                 IsEnough is_enough);
  /// Returns what it means for the call that the exchange ended with this error.
  [[nodiscard]] CallError Explain(const Connection& connection, std::string_view path,
                                  const boost::system::error_code& error) const;

  ServerAddress server_;
  std::chrono::nanoseconds timeout_;
  connect::Metadata headers_;
  std::unique_ptr<Connection> connection_;  ///< null if not connected
};

}  // namespace coupond::rpc_client

#endif  // COUPOND_RPC_CLIENT_CONNECT_CLIENT_H_
