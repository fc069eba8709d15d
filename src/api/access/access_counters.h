#ifndef COUPOND_API_ACCESS_ACCESS_COUNTERS_H_
#define COUPOND_API_ACCESS_ACCESS_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coupond::api {

/// Why a request was refused because of its key or its entry token.
enum class AuthFailure : std::uint8_t {
  kMissing,
  kMalformed,  ///< no access key at all, or several
  kUnknown,    ///< an id that no key has, or a wrong secret
  kExpired,
  kRevoked,
  kRole,      ///< the role may not call the method
  kCampaign,  ///< the key is limited to campaigns, and the method is about all of them
  kOrigin,    ///< a public key from elsewhere than the pages that may have it
  kEntryToken,
};
inline constexpr std::array<std::string_view, 9> kAuthFailureNames = {
    "missing", "malformed", "unknown", "expired",    "revoked",
    "role",    "campaign",  "origin",  "entry_token"};

/// Counts the requests that were refused because of their key or entry token. Any thread; none of
/// this is on the path of a request that is let through.
class AccessCounters {
 public:
  void Count(AuthFailure reason) {
    failures_[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed);
  }

  /// Returns the count of the reason with this index in kAuthFailureNames.
  [[nodiscard]] std::uint64_t failures(std::size_t reason) const {
    return failures_[reason].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, kAuthFailureNames.size()> failures_{};
};

}  // namespace coupond::api

#endif  // COUPOND_API_ACCESS_ACCESS_COUNTERS_H_
