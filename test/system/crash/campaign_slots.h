#ifndef COUPOND_TEST_SYSTEM_CRASH_CAMPAIGN_SLOTS_H_
#define COUPOND_TEST_SYSTEM_CRASH_CAMPAIGN_SLOTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "system/crash/client_ledger.h"
#include "system/crash/operation_plan.h"

namespace coupond::test {

/// The campaigns that the clients share: each slot has one campaign after another. Any thread.
class CampaignSlots {
 public:
  CampaignSlots(ClientLedger& ledger, std::uint64_t seed);

  /// Returns the slot's current campaign, in whatever state.
  [[nodiscard]] std::string Current(std::size_t slot) const;
  /// Returns the one before it; nullopt if there is none.
  [[nodiscard]] std::optional<std::string> Previous(std::size_t slot) const;
  /// Returns the terms of the next campaign if the slot's campaign is gone; only the caller may
  /// create it. They are a function of the seed, the slot and the number of campaigns before.
  [[nodiscard]] std::optional<ClientLedger::Terms> BeginNext(std::size_t slot, Timestamp now);

 private:
  [[nodiscard]] static std::string NameOf(std::size_t slot, std::uint64_t generation);

  ClientLedger& ledger_;
  const std::uint64_t seed_;
  mutable std::mutex mutex_;
  std::array<std::uint64_t, OperationPlan::kSlots> generations_{};  // guarded by mutex_
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_CAMPAIGN_SLOTS_H_
