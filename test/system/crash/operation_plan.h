#ifndef COUPOND_TEST_SYSTEM_CRASH_OPERATION_PLAN_H_
#define COUPOND_TEST_SYSTEM_CRASH_OPERATION_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <random>

namespace coupond::test {

/// What a client does next.
enum class OperationKind : std::uint8_t {
  kIssueAnonymous,
  kIssueForRequest,  ///< with a request_id that is new
  kIssueForUser,     ///< with a user_id that others may use as well
  kRepeat,           ///< the client's last request with a request_id or user_id
  kIssueFromDeleted,
  kGetCampaign,
  kListCoupons,
  kListCampaigns,
  kDelete,
};

struct Operation {
  OperationKind kind = OperationKind::kIssueAnonymous;
  std::size_t slot = 0;    ///< which of the campaigns that live side by side
  std::uint32_t draw = 0;  ///< a number for whatever else is to be chosen
};

/// The sequence of operations of one client: a function of the seed and the client's number, and of
/// nothing else. One thread.
class OperationPlan {
 public:
  /// Campaigns that live side by side. The first is large and is seldom deleted.
  static constexpr std::size_t kSlots = 8;

  OperationPlan(std::uint64_t seed, std::size_t client);
  [[nodiscard]] Operation Next();

 private:
  std::mt19937_64 random_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_OPERATION_PLAN_H_
