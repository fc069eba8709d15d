#ifndef COUPOND_API_ACCESS_ASK_LIMITS_H_
#define COUPOND_API_ACCESS_ASK_LIMITS_H_

#include <atomic>
#include <cstdint>
#include <expected>
#include <optional>

#include "access/rate_limiter.h"
#include "base/entropy.h"
#include "engine/rules/refusal.h"
#include "rpc/connect/call.h"
#include "rpc/connect/error.h"
#include "rpc/connect/interceptor.h"
#include "rpc/http/client_address.h"

/// How often a caller may ask: pages with a public key, and those who try codes.
namespace coupond::api {

/// Calls with a public key in a minute for each client address, unless configured otherwise.
inline constexpr unsigned kPublicCallsPerMinute = 600;
/// Unknown codes in a minute for each access key, unless configured otherwise.
inline constexpr unsigned kUnknownCodesPerMinute = 600;
/// Unknown codes in a minute for each client address.
inline constexpr unsigned kUnknownCodesPerAddress = 20;

struct AskLimitOptions {
  unsigned public_calls = kPublicCallsPerMinute;    ///< a minute; 0 is no limit
  unsigned unknown_codes = kUnknownCodesPerMinute;  ///< a minute; 0 is no limit
  http::TrustedProxies proxies = {};
};

/// The limits of a server, shared by its workers. Any thread.
///
/// Who tries codes is held to a number of *unknown* codes: asking for codes that exist is not
/// limited. A caller with a key is a back end, which asks for many people, so its key has a limit
/// of its own. An address is limited if it is a visitor's: one that a trusted proxy names and that
/// is no trusted proxy itself, or that of a caller without a key on another machine.
class AskLimits {
 public:
  using Clock = access::RateLimiter::Clock;
  using Passed = std::expected<void, connect::Error>;

  AskLimits(const AskLimitOptions& options, Entropy& entropy);

  /// Counts a call with a public key. Adds to the context what its answer should say about the
  /// limit. The error is resource_exhausted.
  [[nodiscard]] Passed CountPublicCall(connect::CallContext& context, Clock::time_point now);
  /// Refuses a caller who has asked for too many unknown codes. What the code is makes no
  /// difference then.
  [[nodiscard]] Passed CheckCodes(connect::CallContext& context, Clock::time_point now);
  /// Counts a code that the call asked for and that no coupon has, or none that the caller may see.
  void CountUnknownCode(const connect::CallContext& context, Clock::time_point now);

  [[nodiscard]] const http::TrustedProxies& proxies() const { return proxies_; }

  /// The calls that were refused, for each limit.
  struct Refused {
    std::uint64_t public_calls = 0;
    std::uint64_t unknown_codes_of_key = 0;
    std::uint64_t unknown_codes_of_address = 0;
  };
  [[nodiscard]] Refused refused() const;

 private:
  const http::TrustedProxies proxies_;
  std::optional<access::RateLimiter> public_calls_;
  std::optional<access::RateLimiter> codes_of_key_;
  access::RateLimiter codes_of_address_;
  std::atomic<std::uint64_t> refused_public_{0};
  std::atomic<std::uint64_t> refused_key_{0};
  std::atomic<std::uint64_t> refused_address_{0};
};

/// Counts the code that a call asked for if it was refused because no coupon has that code. The
/// limits may be null.
void CountIfUnknownCode(AskLimits* limits, RefusalReason reason, const connect::Call& call);

}  // namespace coupond::api

#endif  // COUPOND_API_ACCESS_ASK_LIMITS_H_
