#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_REDEEM_REQUESTS_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_REDEEM_REQUESTS_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "couponctl/load/held_coupon.h"
#include "couponctl/load/prepared_call.h"
#include "rpc/client/server_address.h"

namespace coupond::ctl {

/// The request_ids of a load's redemptions: one for each code, and others in every load. None needs
/// to be remembered, and what the server lists later shows which request redeemed a coupon.
class RedeemRequestIds {
 public:
  RedeemRequestIds();

  /// Returns the request_id with which the load redeems the coupon with this code.
  [[nodiscard]] std::string For(std::string_view code) const;
  /// Returns the one with which it tries to redeem it a second time.
  [[nodiscard]] std::string ForSecond(std::string_view code) const;

 private:
  std::string load_;  ///< what tells this load from others
};

/// Makes the bytes of RedeemCoupon requests, head and body. One thread at a time.
class RedeemRequests {
 public:
  /// A request names the user of its coupon, if it has one.
  RedeemRequests(rpc_client::ServerAddress server, std::string campaign_id);

  /// Writes the request that redeems the coupon to `bytes`: the same ones each time.
  void Write(const HeldCoupon& coupon, std::string& bytes);

  [[nodiscard]] const RedeemRequestIds& request_ids() const { return request_ids_; }

 private:
  using TextSizes = std::pair<std::size_t, std::size_t>;  ///< of a code and a user_id

  [[nodiscard]] PreparedCall Prepare(TextSizes sizes) const;

  rpc_client::ServerAddress server_;
  std::string campaign_id_;
  RedeemRequestIds request_ids_;
  std::map<TextSizes, PreparedCall> prepared_;  ///< at most 31 × 9
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_REDEEM_REQUESTS_H_
