#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_CONSISTENCY_CHECK_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_CONSISTENCY_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/load/held_coupon.h"
#include "couponctl/load/load_tally.h"
#include "couponctl/load/redeem_requests.h"
#include "engine/rules/timestamp.h"

/// Checks whether the answers to the clients of a load agree with what the server says afterwards.

namespace coupond::ctl {

/// What the server says of a campaign at one time.
struct CampaignFigures {
  std::int64_t total = 0;     ///< coupons that may be issued; a returned place is issued again
  std::int64_t issued = 0;    ///< coupons that were ever issued, which are those that are listed
  std::int64_t redeemed = 0;  ///< coupons that are redeemed
  std::uint32_t coupons_per_user = 1;

  [[nodiscard]] static CampaignFigures Of(const coupon::v1::Campaign& campaign);
};

/// A campaign as the server described it before the load.
struct CheckedCampaign {
  std::string id;
  Timestamp start_time = {};
  CampaignFigures before = {};
};

/// Something that must never happen, but did.
struct Fault {
  enum class Kind : std::uint8_t {
    kDuplicateCode,      ///< one code was handed out twice
    kListedTwice,        ///< the server lists one code twice
    kNotListed,          ///< a client holds a coupon that the server does not list
    kAboveUserLimit,     ///< one user got more coupons than the campaign allows
    kOtherUser,          ///< a coupon names another user than the request, or one if it named none
    kOutsideCampaign,    ///< a coupon names another campaign
    kBeforeStart,        ///< issued before the campaign began
    kCountOff,           ///< the server's count disagrees with the clients or with its own list
    kAboveTotal,         ///< more coupons than the campaign has
    kRedemptionRefused,  ///< a coupon of this load was refused for a reason that it cannot meet
    kNotRedeemed,        ///< a client redeemed a coupon that the server does not list as redeemed
    kWrongRedemption,    ///< the listed redemption is in no answer to a client
    kSecondRedemption,   ///< a second redemption of a coupon was not refused as such
    kRedeemedCountOff,   ///< the count of redeemed coupons disagrees as in kCountOff
  };
  Kind kind;
  std::uint64_t count = 0;  ///< the number of occurrences
  std::string message;      ///< the first occurrence, for people: names the code or the numbers
};

/// Returns "duplicate_code" and so on, for programs.
[[nodiscard]] std::string_view FaultName(Fault::Kind kind);

/// What else is known of the load.
struct CheckedLoad {
  std::uint64_t open = 0;         ///< requests that may or may not have got a coupon
  std::uint64_t maybe_older = 0;  ///< held coupons that may have been issued before the load
  std::uint64_t users = 0;        ///< user-1 … user-N were named; 0: no users
  /// With which the coupons were redeemed; nullopt if they were not.
  std::optional<RedeemRequestIds> redeemed_with = {};
};

/// Compares the answers to clients with what the server says afterwards. Add every coupon that the
/// server lists, then call Finish once. No other client may use the campaign meanwhile: their
/// coupons would show as kCountOff. One thread at a time.
class ConsistencyCheck {
 public:
  ConsistencyCheck(CheckedCampaign campaign, std::vector<HeldCoupon> held, CheckedLoad load);

  void AddListed(const coupon::v1::Coupon& listed);
  /// Adds what became of the attempt to redeem a coupon, which had been redeemed, by a second
  /// request.
  void AddSecondRedemption(std::string_view code, RedeemOutcome outcome);
  /// Returns the faults in the order of Fault::Kind; empty if there are none. `after` is what the
  /// server says after its list.
  [[nodiscard]] std::vector<Fault> Finish(const CampaignFigures& after);

  [[nodiscard]] std::uint64_t listed() const { return listed_; }

 private:
  void Add(Fault::Kind kind, std::string message);
  void CheckListedRedemption(const HeldCoupon& held, const coupon::v1::Coupon& listed);
  void CheckHeld();
  void CheckGivenToUsers(std::uint32_t coupons_per_user);
  void CheckListedForUsers(std::uint32_t coupons_per_user);
  void CheckCounts(const CampaignFigures& after);
  void CheckRedeemedCounts(std::int64_t redeemed_after);

  CheckedCampaign campaign_;
  std::vector<HeldCoupon> held_;  ///< by code
  std::vector<bool> is_listed_;   ///< one for each of held_
  CheckedLoad load_;
  // By the number of the user:
  std::vector<bool> is_given_;                 ///< whether the load was given a coupon
  std::vector<std::uint16_t> listed_of_user_;  ///< listed coupons that are not void
  std::uint64_t listed_ = 0;
  std::uint64_t listed_as_redeemed_ = 0;
  std::vector<Fault> faults_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_CONSISTENCY_CHECK_H_
