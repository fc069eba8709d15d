#ifndef COUPOND_TOOLS_COUPONCTL_CONNECT_CLIENT_H_
#define COUPOND_TOOLS_COUPONCTL_CONNECT_CLIENT_H_

#include <boost/system/error_code.hpp>
#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "couponctl/connect_protocol.h"
#include "couponctl/server_address.h"

namespace google::protobuf {
class MessageLite;
}

namespace coupon::v1 {
class Campaign;
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

  /// The campaign without its coupons: stops reading GetCampaign's answer, which carries all of
  /// them, once the campaign has come.
  [[nodiscard]] std::expected<coupon::v1::Campaign, CallError> ReadCampaign(
      const std::string& campaign_id);

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

#endif  // COUPOND_TOOLS_COUPONCTL_CONNECT_CLIENT_H_
