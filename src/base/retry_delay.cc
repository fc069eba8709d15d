#include "base/retry_delay.h"

#include <cstdint>

namespace coupond {
namespace {

/// The step of SplitMix64's counter, and the steps after it, which spread every bit over all
/// others. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15U;

std::uint64_t Mixed(std::uint64_t bits) {
  bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
  return bits ^ (bits >> 31U);
}

/// Returns where a thread's counter begins: elsewhere in each thread, and in each process.
std::uint64_t FirstNumber() {
  static thread_local const char place = 0;
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return Mixed(static_cast<std::uint64_t>(now)) ^ reinterpret_cast<std::uintptr_t>(&place);
}

}  // namespace

std::chrono::milliseconds RetryDelay() {
  constexpr auto kSpan = static_cast<std::uint64_t>((kRetryDelayMax - kRetryDelayMin).count()) + 1;
  thread_local std::uint64_t next = FirstNumber();
  next += kStep;
  return kRetryDelayMin + std::chrono::milliseconds(Mixed(next) % kSpan);
}

}  // namespace coupond
