#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_CONSISTENCY_CHECK_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_CONSISTENCY_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "couponctl/load/issue_answer.h"
#include "engine/rules/timestamp.h"

namespace coupond::ctl {

/// What must hold of a campaign, as the server described it before the load.
struct CheckedCampaign {
  std::string id;
  std::int64_t total = 0;
  std::int64_t issued_before = 0;
  Timestamp start_time;
};

/// Something that must never happen, and did.
struct Fault {
  enum class Kind : std::uint8_t {
    kDuplicateCode,    ///< one code was handed out twice
    kListedTwice,      ///< the server lists one code twice
    kNotListed,        ///< a client holds a coupon that the server does not list
    kOutsideCampaign,  ///< a coupon names another campaign
    kBeforeStart,      ///< issued before the campaign began
    kCountOff,         ///< the server's count is not what the clients and its list say
    kAboveTotal,       ///< more coupons than there are
  };
  Kind kind;
  std::uint64_t count = 0;  ///< how often; the message tells the first
  std::string message;      ///< for people; names the code or the numbers
};

/// "duplicate_code" and so on, for programs.
[[nodiscard]] std::string_view FaultName(Fault::Kind kind);

/// Holds what clients were told against what the server says afterwards. First every coupon that
/// the server lists, then Finish, once. Needs the campaign to itself: coupons that others drew
/// meanwhile show as kCountOff. One thread at a time.
class ConsistencyCheck {
 public:
  /// `open_outcomes`: requests of which nobody knows whether they got a coupon; the server may
  /// count up to so many more than the clients hold.
  ConsistencyCheck(CheckedCampaign campaign, std::vector<HeldCoupon> held,
                   std::uint64_t open_outcomes);

  void AddListed(std::string_view code, std::string_view campaign_id, Timestamp issued_at);
  /// In the order of Fault::Kind; empty: all is as it must be.
  [[nodiscard]] std::vector<Fault> Finish(std::int64_t issued_after);

  [[nodiscard]] std::uint64_t listed() const { return listed_; }

 private:
  void Add(Fault::Kind kind, std::string message);
  void CheckHeld();
  void CheckCounts(std::int64_t issued_after);

  CheckedCampaign campaign_;
  std::vector<HeldCoupon> held_;  ///< by code
  std::vector<bool> is_listed_;   ///< for each of held_
  std::uint64_t open_outcomes_;
  std::uint64_t listed_ = 0;
  std::vector<Fault> faults_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_CONSISTENCY_CHECK_H_
