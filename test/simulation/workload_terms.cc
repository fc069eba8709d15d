#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "simulation/workload.h"
#include "simulation/workload_values.h"

namespace coupond::simulation {

void Workload::DrawCouponTerms(TermChanges& changes, Timestamp now) {
  if (random_.Percent(plan_.several_percent)) {
    changes.coupons_per_user = static_cast<std::uint32_t>(random_.Between(1, 3));
  }
  if (random_.OneIn(10)) changes.user_required = random_.OneIn(2);
  const auto is_drawn = [this] { return random_.Percent(plan_.validity_percent); };
  if (is_drawn()) {
    changes.redeem_start_time = now.Plus(4 * DrawWait());
    if (random_.OneIn(4)) changes.redeem_start_time = kAlways;
  }
  if (is_drawn()) {
    changes.expire_time = now.Plus(20 * DrawWait());
    if (random_.OneIn(8)) changes.expire_time = now.Plus(-DrawWait());
    if (random_.OneIn(4)) changes.expire_time = kNever;
  }
  if (is_drawn()) {
    changes.valid_duration = std::chrono::nanoseconds(1) + 4 * DrawWait();
    // Some are so short that a clock that moves little meets their ends.
    if (random_.OneIn(2)) changes.valid_duration = std::chrono::nanoseconds(1) + DrawWait() / 20;
    if (random_.OneIn(4)) changes.valid_duration = kUnlimited;
  }
  if (is_drawn()) changes.redeem_by_holder_only = random_.OneIn(2);
}

void Workload::MakeCouponTermsFaulty(TermChanges& changes, Timestamp now) {
  if (random_.OneIn(8))
    changes.coupons_per_user = 1'001 * static_cast<std::uint32_t>(random_.Below(2));
  if (random_.OneIn(8)) changes.coupons_per_user = 1'000;
  if (random_.OneIn(8)) changes.redeem_start_time = LastSecondOf2199(random_.Below(2));
  if (random_.OneIn(8)) changes.expire_time = LastSecondOf2199(random_.Below(2));
  if (random_.OneIn(8)) changes.expire_time = now;
  if (random_.OneIn(8)) changes.valid_duration = -std::chrono::nanoseconds(random_.Below(2));
  if (random_.OneIn(8)) {
    changes.valid_duration = kValidDurationMax + std::chrono::nanoseconds(random_.Below(2));
  }
}

std::chrono::nanoseconds Workload::DrawWait() {
  return std::chrono::nanoseconds(random_.Below(1 + 100 * plan_.clock_tick_ns_max));
}

std::string Workload::DrawTooLongDescription() {
  // Few are wide: all that waits must fit into one group.
  return Repeated(random_.OneIn(8) ? "봄" : "x", 2'001);
}

std::vector<MetadataEntry> Workload::DrawMetadata() {
  std::vector<MetadataEntry> metadata;
  for (const char* const key : {"a", "b", "c"}) {
    if (random_.OneIn(2)) metadata.push_back({.key = key, .value = DrawName()});
  }
  return metadata;
}

std::vector<MetadataEntry> Workload::DrawTooMuchMetadata() {
  // The entries, and the bytes of each key and value: all that is allowed, or one more.
  std::size_t entries = 1;
  std::size_t key_bytes = 3;
  std::size_t value_bytes = 1;
  switch (random_.Below(4)) {
    case 0:
      entries = 32 + random_.Below(2);
      break;
    case 1:
      key_bytes = 63 + random_.Below(2);
      break;
    case 2:
      value_bytes = 512 + random_.Below(2);
      break;
    default:
      entries = 8;
      value_bytes = 509 + random_.Below(2);
      break;
  }
  std::vector<MetadataEntry> metadata;
  for (std::size_t i = 0; i < entries; ++i) {
    const std::string number = std::to_string(100 + i);
    metadata.push_back({.key = number + Repeated("k", key_bytes - number.size()),
                        .value = Repeated("v", value_bytes)});
  }
  return metadata;
}

}  // namespace coupond::simulation
