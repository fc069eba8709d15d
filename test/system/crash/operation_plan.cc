#include "system/crash/operation_plan.h"

#include <array>

namespace coupond::test {
namespace {

struct Share {
  OperationKind kind;
  unsigned of_10000;
};

constexpr std::array<Share, kOperationKinds> kShares{{
    {OperationKind::kIssueAnonymous, 3'610},
    {OperationKind::kIssueForRequest, 2'000},
    {OperationKind::kIssueForUser, 1'600},
    {OperationKind::kBatch, 400},
    {OperationKind::kRepeat, 600},
    {OperationKind::kIssueFromDeleted, 60},
    {OperationKind::kGetCampaign, 80},
    {OperationKind::kListCoupons, 300},
    {OperationKind::kListCampaigns, 300},
    {OperationKind::kDelete, 60},
    {OperationKind::kRedeem, 300},
    {OperationKind::kRepeatRedemption, 60},
    {OperationKind::kCancel, 160},
    {OperationKind::kVoid, 60},
    {OperationKind::kReturn, 60},
    {OperationKind::kGetCoupon, 160},
    {OperationKind::kUpdate, 50},
    {OperationKind::kUpdateEnd, 40},
    {OperationKind::kPause, 40},
    {OperationKind::kArchive, 40},
    {OperationKind::kErase, 20},
}};

constexpr unsigned SumOfShares() {
  unsigned sum = 0;
  for (const Share& share : kShares) sum += share.of_10000;
  return sum;
}
static_assert(SumOfShares() == 10'000);

}  // namespace

OperationPlan::OperationPlan(std::uint64_t seed, std::size_t client) {
  std::seed_seq mixed{seed, seed >> 32U, std::uint64_t{client}};
  random_.seed(mixed);
}

Operation OperationPlan::Next() {
  Operation operation;
  unsigned share = static_cast<unsigned>(random_() % 10'000);
  operation.slot = random_() % kSlots;
  operation.draw = static_cast<std::uint32_t>(random_());
  for (const Share& candidate : kShares) {
    operation.kind = candidate.kind;
    if (share < candidate.of_10000) break;
    share -= candidate.of_10000;
  }
  return operation;
}

}  // namespace coupond::test
