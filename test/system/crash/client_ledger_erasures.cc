// Users who are erased.

#include "system/crash/client_ledger.h"

namespace coupond::test {
namespace {

/// An erasure reads the whole log, so there are none any more when it is long.
constexpr std::uint64_t kErasuresUpToIssues = 100'000;

}  // namespace

bool ClientLedger::TakeErasure() {
  const std::lock_guard lock(mutex_);
  if (erasure_was_taken_ || totals_.acknowledged_issues > kErasuresUpToIssues) return false;
  erasure_was_taken_ = true;
  return true;
}

bool ClientLedger::BeginErasure(const std::string& user_id, const std::string& campaign,
                                const std::string& claim) {
  const std::lock_guard lock(mutex_);
  const Record& record = records_.at(campaign);
  if (record.life != Life::kLive || !record.code_by_claim.contains(claim)) return false;
  erasures_[user_id].campaign = campaign;
  return true;
}

void ClientLedger::Erased(const std::string& user_id, const Erasure& told) {
  const std::lock_guard lock(mutex_);
  erasures_.at(user_id).is_known = true;
  ++totals_.acknowledged_erasures;
  totals_.retries_resolved += told.is_retry ? 1 : 0;
  const Record& record = records_.at(erasures_.at(user_id).campaign);
  if (record.life != Life::kLive || told.is_retry || told.erased_coupons == 1) return;
  Add(FaultKind::kUnexpected, record,
      "has one coupon of " + user_id + ", but " + std::to_string(told.erased_coupons) +
          " were erased");
}

void ClientLedger::ErasureUnknown() {
  const std::lock_guard lock(mutex_);
  ++totals_.unknown_outcomes;
}

void ClientLedger::SawCouponsOfErased(const std::string& user_id, std::size_t coupons) {
  const std::lock_guard lock(mutex_);
  if (coupons == 0) return;
  Add(FaultKind::kChangeLost, records_.at(erasures_.at(user_id).campaign),
      "a search finds " + user_id + ", who was erased");
}

std::vector<std::string> ClientLedger::ErasedUsers() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> users;
  for (const auto& [user, erasure] : erasures_) {
    if (erasure.is_known) users.push_back(user);
  }
  return users;
}

void ClientLedger::CheckErasures(const Record& record, const ShownCampaign& shown) {
  if (erasures_.empty()) return;
  for (const ShownCoupon& coupon : shown.coupons) {
    const auto known = record.coupons.find(coupon.code);
    if (known == record.coupons.end() || known->second.user_id.empty()) continue;
    const auto erasure = erasures_.find(known->second.user_id);
    if (erasure == erasures_.end()) continue;
    if (coupon.user_id.empty()) {
      erasure->second.is_known = true;  // from now on
    } else if (erasure->second.is_known) {
      Add(FaultKind::kChangeLost, record,
          coupon.code + " is shown with " + coupon.user_id + ", who was erased");
    }
  }
}

}  // namespace coupond::test
