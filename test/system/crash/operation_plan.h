#ifndef COUPOND_TEST_SYSTEM_CRASH_OPERATION_PLAN_H_
#define COUPOND_TEST_SYSTEM_CRASH_OPERATION_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <random>

namespace coupond::test {

/// The kinds of operations of a client.
enum class OperationKind : std::uint8_t {
  kIssueAnonymous,
  kIssueForRequest,  ///< with a new request_id
  kIssueForUser,     ///< with a user_id that other clients may use too
  kBatch,            ///< with a new request_id: for nobody, or for such users
  kRepeat,           ///< the client's last request with a request_id or user_id
  kIssueFromDeleted,
  kGetCampaign,
  kListCoupons,
  kListCampaigns,
  kDelete,
  kRedeem,            ///< a coupon of the slot's campaign, perhaps redeemed or void already
  kRepeatRedemption,  ///< an earlier request to redeem a coupon
  kCancel,            ///< a redemption of a coupon, perhaps not the present one
  kVoid,
  kReturn,  ///< the same, and the coupon's place is issued again
  kGetCoupon,
  kUpdate,     ///< another total
  kUpdateEnd,  ///< another end_time
  kPause,      ///< and resume
  kArchive,    ///< and unarchive
  kErase,      ///< a user who gets a coupon first
};

inline constexpr std::size_t kOperationKinds = 21;

struct Operation {
  OperationKind kind = OperationKind::kIssueAnonymous;
  std::size_t slot = 0;    ///< which of the concurrent campaigns
  std::uint32_t draw = 0;  ///< a random number for further choices
};

/// The sequence of operations of one client, a function of the seed and the client's number alone.
/// One thread.
class OperationPlan {
 public:
  /// The number of concurrent campaigns. The first is large and seldom deleted.
  static constexpr std::size_t kSlots = 8;

  OperationPlan(std::uint64_t seed, std::size_t client);
  [[nodiscard]] Operation Next();

 private:
  std::mt19937_64 random_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_OPERATION_PLAN_H_
