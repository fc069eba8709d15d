#ifndef COUPOND_BASE_RETRY_DELAY_H_
#define COUPOND_BASE_RETRY_DELAY_H_

#include <chrono>

/// How long a client that was refused for the moment should wait before it asks again: a time that
/// differs from one client to the next, so that a crowd that was refused at once does not return at
/// once.
namespace coupond {

inline constexpr std::chrono::milliseconds kRetryDelayMin{1'000};
inline constexpr std::chrono::milliseconds kRetryDelayMax{3'000};

/// Returns a delay between the two, a different one with each call, in no predictable order. Takes
/// no lock and calls no system. Any thread.
[[nodiscard]] std::chrono::milliseconds RetryDelay();

/// Returns the delay in the unit of Retry-After (RFC 9110, section 10.2.3), rounded up.
[[nodiscard]] inline std::chrono::seconds RetryAfter(std::chrono::milliseconds delay) {
  return std::chrono::ceil<std::chrono::seconds>(delay);
}

}  // namespace coupond

#endif  // COUPOND_BASE_RETRY_DELAY_H_
