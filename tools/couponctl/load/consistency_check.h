#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_CONSISTENCY_CHECK_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_CONSISTENCY_CHECK_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/load/issue_answer.h"
#include "couponctl/load/load_tally.h"
#include "engine/rules/timestamp.h"
#include "rpc/client/server_address.h"

/// Whether what the clients of a load were told agrees with what the server says afterwards.

namespace coupond::ctl {

/// Returns how many coupons the campaign has ever issued, and lists.
[[nodiscard]] std::int64_t EverIssued(const coupon::v1::Campaign& campaign);
/// Returns how many that may become: a place that was returned is issued again.
[[nodiscard]] std::int64_t MayBeIssued(const coupon::v1::Campaign& campaign);

/// A campaign as the server described it before the load. The counts are of those functions.
struct CheckedCampaign {
  std::string id;
  std::int64_t total = 0;
  std::int64_t issued_before = 0;
  Timestamp start_time;
};

/// Something that must never happen, but did.
struct Fault {
  enum class Kind : std::uint8_t {
    kDuplicateCode,    ///< one code was handed out twice
    kListedTwice,      ///< the server lists one code twice
    kNotListed,        ///< a client holds a coupon that the server does not list
    kSecondCoupon,     ///< one user got two coupons
    kOtherUser,        ///< a coupon names another user than the request, or one if it named none
    kOutsideCampaign,  ///< a coupon names another campaign
    kBeforeStart,      ///< issued before the campaign began
    kCountOff,         ///< the server's count disagrees with the clients or with its own list
    kAboveTotal,       ///< more coupons than the campaign has
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
  std::uint64_t users = 0;        ///< user-1 … user-N were named; 0: nobody
};

/// Compares what clients were told with what the server says afterwards. Add every coupon that the
/// server lists, then call Finish once. Nobody else may use the campaign meanwhile: their coupons
/// would show as kCountOff. One thread at a time.
class ConsistencyCheck {
 public:
  ConsistencyCheck(CheckedCampaign campaign, std::vector<HeldCoupon> held, CheckedLoad load);

  /// `user_id` is empty if the coupon was issued to nobody in particular.
  void AddListed(std::string_view code, std::string_view campaign_id, Timestamp issued_at,
                 std::string_view user_id);
  /// Returns the faults in the order of Fault::Kind; empty if there are none.
  /// Takes note that there may be as many coupons, because the total was changed meanwhile.
  void RaiseTotal(std::int64_t total) { campaign_.total = std::max(campaign_.total, total); }
  [[nodiscard]] std::vector<Fault> Finish(std::int64_t issued_after);

  [[nodiscard]] std::uint64_t listed() const { return listed_; }

 private:
  void Add(Fault::Kind kind, std::string message);
  void CheckHeld();
  void CheckUsers();
  void CheckCounts(std::int64_t issued_after);

  CheckedCampaign campaign_;
  std::vector<HeldCoupon> held_;      ///< by code
  std::vector<bool> is_listed_;       ///< one for each of held_
  std::vector<bool> user_is_listed_;  ///< by the number of the user
  CheckedLoad load_;
  std::uint64_t listed_ = 0;
  std::vector<Fault> faults_;
};

/// The result of a consistency check.
struct CheckOutcome {
  enum class State : std::uint8_t { kPassed, kFailed, kSkipped, kImpossible };
  State state = State::kSkipped;
  std::string why_impossible = {};  ///< with kImpossible: why the server could not be asked
  std::int64_t issued_before = 0;
  std::int64_t issued_after = 0;
  std::int64_t total = 0;
  std::uint64_t listed = 0;
  std::vector<Fault> faults = {};  ///< with kFailed
};

/// How the server is asked for a check.
struct CheckPlan {
  rpc_client::ServerAddress server;
  std::chrono::nanoseconds request_timeout{};
  /// How long a server that does not answer is asked again. It may still be restarting.
  std::chrono::nanoseconds retry_for{};
};

/// Reads the campaign's coupons and its count from the server, and compares them with the tally of
/// the load.
[[nodiscard]] CheckOutcome CheckConsistency(const CheckPlan& plan, const CheckedCampaign& before,
                                            const LoadTally& tally);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_CONSISTENCY_CHECK_H_
