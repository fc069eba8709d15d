#ifndef COUPOND_API_ACCESS_ACCESS_COUNTERS_H_
#define COUPOND_API_ACCESS_ACCESS_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coupond::api {

/// Why a request was refused because of its key.
enum class AuthFailure : std::uint8_t {
  kMissing,
  kMalformed,  ///< no access key at all, or several
  kUnknown,    ///< an id that nobody has, or a wrong secret
  kExpired,
  kRevoked,
  kRole,      ///< the role may not call the method
  kCampaign,  ///< the key is limited to campaigns, and the method is about all of them
  kOrigin,    ///< a public key from elsewhere than the pages that may have it
};
inline constexpr std::array<std::string_view, 8> kAuthFailureNames = {
    "missing", "malformed", "unknown", "expired", "revoked", "role", "campaign", "origin"};

/// The limit that a request exceeded.
enum class RatePolicy : std::uint8_t {
  kPublic,               ///< requests with public keys from one address
  kUnknownCodesAddress,  ///< unknown codes from one address
  kUnknownCodesKey,      ///< unknown codes with one key
  kConnections,          ///< connections of one address
};
inline constexpr std::array<std::string_view, 4> kRatePolicyNames = {
    "public", "unknown_codes_address", "unknown_codes_key", "connections"};

/// Counts the requests that were refused because of who sent them. Any thread; none of this is on
/// the path of a request that is let through.
class AccessCounters {
 public:
  void Count(AuthFailure reason) { Add(failures_[static_cast<std::size_t>(reason)]); }
  void Count(RatePolicy policy) { Add(limited_[static_cast<std::size_t>(policy)]); }

  /// Returns the count of the reason with this index in kAuthFailureNames.
  [[nodiscard]] std::uint64_t failures(std::size_t reason) const {
    return failures_[reason].load(std::memory_order_relaxed);
  }
  /// Returns the count of the policy with this index in kRatePolicyNames.
  [[nodiscard]] std::uint64_t limited(std::size_t policy) const {
    return limited_[policy].load(std::memory_order_relaxed);
  }

 private:
  using Number = std::atomic<std::uint64_t>;
  static void Add(Number& number) { number.fetch_add(1, std::memory_order_relaxed); }

  std::array<Number, kAuthFailureNames.size()> failures_{};
  std::array<Number, kRatePolicyNames.size()> limited_{};
};

}  // namespace coupond::api

#endif  // COUPOND_API_ACCESS_ACCESS_COUNTERS_H_
