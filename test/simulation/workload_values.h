#ifndef COUPOND_TEST_SIMULATION_WORKLOAD_VALUES_H_
#define COUPOND_TEST_SIMULATION_WORKLOAD_VALUES_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "simulation/random.h"

/// Values at the limits of the rules.
namespace coupond::simulation {

inline constexpr std::int64_t kTotalMax = 100'000'000;
inline constexpr std::uint32_t kBatchMax = 10'000;
inline constexpr std::chrono::nanoseconds kValidDurationMax = std::chrono::hours(24 * 73'200);

/// Returns the moment `later` seconds after 2199-12-31T23:59:59Z, the last second in which a
/// campaign can start or end.
inline Timestamp LastSecondOf2199(std::uint64_t later) {
  constexpr std::int64_t kUnixSeconds = 7'258'118'399;
  return Timestamp::FromUnixNanoseconds((kUnixSeconds + static_cast<std::int64_t>(later)) *
                                        1'000'000'000);
}

inline std::string Repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

inline constexpr std::uint64_t kRequestsOfAUser = 5;  // more than most limits

/// Returns the claim of a user or, with a request number above 0, of that request of the user.
inline Claim ClaimOfUser(std::uint64_t user, std::uint64_t request = 0) {
  Random digest(Random(user).Next() + request);
  Claim claim;
  for (std::uint8_t& byte : claim.bytes) byte = static_cast<std::uint8_t>(digest.Next());
  return claim;
}

/// Returns the key with which the command with this ticket is allowed: one of a few, or none.
inline KeyId KeyOfTicket(std::uint64_t ticket) {
  Random drawn(ticket);
  return drawn.OneIn(3) ? KeyId(1 + drawn.Below(4)) : kNoKey;
}

/// Adds a value to the latest few.
template <typename Value>
void AddLatest(std::type_identity_t<Value> value, std::vector<Value>& values) {
  constexpr std::size_t kFew = 12;
  if (values.size() == kFew) values.erase(values.begin());
  values.push_back(std::move(value));
}

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_WORKLOAD_VALUES_H_
