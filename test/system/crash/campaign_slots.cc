#include "system/crash/campaign_slots.h"

#include <chrono>
#include <random>

namespace coupond::test {
namespace {

constexpr std::int64_t kLargeTotal = 20'000;
constexpr std::int64_t kSmallTotalMax = 2'500;
/// Of every other campaign; the rest have one for each user.
constexpr std::int32_t kCouponsPerUser = 3;
/// Long enough that most are asked for coupons before they start.
constexpr std::chrono::milliseconds kStartsInMin{20};
constexpr std::uint64_t kStartsInRangeMs = 100;

}  // namespace

CampaignSlots::CampaignSlots(ClientLedger& ledger, std::uint64_t seed)
    : ledger_(ledger), seed_(seed) {}

std::string CampaignSlots::NameOf(std::size_t slot, std::uint64_t generation) {
  return "slot " + std::to_string(slot) + ", campaign " + std::to_string(generation);
}

std::string CampaignSlots::Current(std::size_t slot) const {
  const std::lock_guard lock(mutex_);
  return NameOf(slot, generations_.at(slot));
}

std::optional<std::string> CampaignSlots::Previous(std::size_t slot) const {
  const std::lock_guard lock(mutex_);
  const std::uint64_t generation = generations_.at(slot);
  if (generation < 2) return std::nullopt;
  return NameOf(slot, generation - 1);
}

std::optional<ClientLedger::Terms> CampaignSlots::BeginNext(std::size_t slot, Timestamp now) {
  const std::lock_guard lock(mutex_);
  std::uint64_t& generation = generations_.at(slot);
  if (ledger_.Find(NameOf(slot, generation)).life != ClientLedger::Life::kGone) return std::nullopt;
  ++generation;
  std::seed_seq mixed{seed_, std::uint64_t{slot}, generation};
  std::mt19937_64 random(mixed);
  const auto small = static_cast<std::int64_t>(1 + random() % kSmallTotalMax);
  const std::chrono::milliseconds starts_in =
      kStartsInMin + std::chrono::milliseconds(random() % kStartsInRangeMs);
  ClientLedger::Terms terms{.name = NameOf(slot, generation),
                            .total_coupons = slot == 0 ? kLargeTotal : small,
                            .start_time = now.Plus(starts_in),
                            .coupons_per_user = slot % 2 == 0 ? 1 : kCouponsPerUser};
  ledger_.BeginCreate(terms);
  return terms;
}

}  // namespace coupond::test
