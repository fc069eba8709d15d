#ifndef COUPOND_ENGINE_RULES_COUPON_H_
#define COUPOND_ENGINE_RULES_COUPON_H_

#include <cstdint>
#include <optional>
#include <string>

#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

/// What becomes of a coupon after it was issued.
///
///   issued ⇄ redeemed        redeemed, and the redemption canceled, any number of times
///   issued → voided          invalid; it keeps its place among the campaign's coupons
///   issued, voided → returned    invalid; its place is issued again, with another code
///
/// An issued coupon whose time is over is expired. That is computed and never stored: it is issued
/// again if its campaign's terms give it more time.
namespace coupond {

enum class CouponState : std::uint8_t {
  kIssued,
  kRedeemed,
  kVoided,
  kReturned,
  kExpired,
};

/// Returns the state at `time` of a coupon that expires at `expire_time`. `stored` is not kExpired.
[[nodiscard]] constexpr CouponState StateAt(CouponState stored, Timestamp expire_time,
                                            Timestamp time) {
  return stored == CouponState::kIssued && time >= expire_time ? CouponState::kExpired : stored;
}

/// The idempotency key of a command, which takes place once, however often it is requested. Made
/// outside the rules (codes/claim_digest.h).
struct RequestKey {
  Claim digest;  ///< of the request_id, made as a claim is; the same all over the store
  std::uint64_t content = 0;  ///< a digest of what is asked for: one id must not ask for two things

  friend bool operator==(const RequestKey&, const RequestKey&) = default;
};

/// Records that a coupon was redeemed, and what for. The texts are UTF-8 for people to see, may be
/// empty, and mean nothing here.
struct Redemption {
  Sequence sequence;  ///< of the event, which names the redemption
  Timestamp redeemed_at;
  std::string order_ref;
  std::string redeemed_by;
  std::string request_id;
  KeyId key = kNoKey;  ///< with which it was allowed

  friend bool operator==(const Redemption&, const Redemption&) = default;
};

/// What has become of a coupon, for people to see.
struct CouponStatus {
  CouponState state = CouponState::kIssued;
  std::optional<Redemption> redemption = {};  ///< with kRedeemed
  std::optional<Timestamp> voided_at = {};    ///< with kVoided and kReturned
  std::string void_reason = {};               ///< UTF-8; may be empty
  /// The user who had the coupon may get another one in its place: it is void, or its user was
  /// erased.
  bool claim_freed = false;

  friend bool operator==(const CouponStatus&, const CouponStatus&) = default;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_COUPON_H_
