#ifndef COUPOND_TEST_SYSTEM_CRASH_COUPON_LIVES_H_
#define COUPOND_TEST_SYSTEM_CRASH_COUPON_LIVES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/rules/coupon.h"
#include "system/crash/fault_log.h"
#include "system/crash/server_state.h"

namespace coupond::test {

/// The kinds of requests about one coupon.
enum class CouponRequestKind : std::uint8_t {
  kRedeem,
  kRepeatRedemption,  ///< an earlier request to redeem it, once more
  kCancel,
  kVoid,    ///< its place is kept
  kReturn,  ///< void, and its place is issued again
  kLook,
};

/// A request about a coupon, which may be repeated as it is.
struct CouponRequest {
  CouponRequestKind kind = CouponRequestKind::kLook;
  std::string campaign;
  std::string code;
  std::string request_id;
  std::uint64_t redemption = 0;         ///< of kCancel and kRepeatRedemption: the sequence
  std::string redemption_id;            ///< of the same: its request_id
  bool names_redemption_by_id = false;  ///< of kCancel
  bool is_retry = false;                ///< the outcome of the same request before is unknown
};

/// What a request about a coupon was answered.
struct CouponReply {
  enum class Outcome : std::uint8_t {
    kDone,
    kRepeated,   ///< as an earlier redemption with the same request_id
    kUnchanged,  ///< it was so already
    kAlreadyRedeemed,
    kVoid,
    kNotRedeemed,
    kNoSuchCoupon,
  };
  Outcome outcome = Outcome::kDone;
  std::uint64_t sequence = 0;
  std::optional<ShownCoupon> coupon = std::nullopt;  ///< as shown with it
};

/// Records what clients were told of the coupons of one campaign after their issue. Only one
/// request about a coupon is made at a time, and repeated until it is answered, so that each
/// coupon's state is known exactly, except while a request's outcome is unknown. Not thread-safe.
class CouponLives {
 public:
  struct Finding {
    FaultKind kind;
    std::string what;  ///< begins with the code
  };

  /// Returns the request to make, of the kind wanted or, for a coupon that was never redeemed, one
  /// to redeem it; nullopt if another request about the coupon is not answered yet.
  [[nodiscard]] std::optional<CouponRequest> Begin(CouponRequestKind kind, const std::string& code,
                                                   const std::string& request_id,
                                                   std::uint32_t draw);
  /// Records the answer, and returns what is wrong with it. kNoSuchCoupon is always wrong here.
  [[nodiscard]] std::optional<Finding> Hear(const CouponRequest& request, const CouponReply& reply);

  /// Compares what a restarted server shows of a coupon, and settles whether a request of unknown
  /// outcome took place.
  [[nodiscard]] std::optional<Finding> Check(const ShownCoupon& shown);

  /// Returns the code of a coupon about which there was a request; there must be one.
  [[nodiscard]] const std::string& Touched(std::uint32_t draw) const {
    return touched_[draw % touched_.size()];
  }
  [[nodiscard]] bool any_touched() const { return !touched_.empty(); }
  /// Returns the number of coupons whose place may have been returned.
  [[nodiscard]] std::size_t returns_begun() const { return returns_begun_; }

 private:
  struct State {
    CouponState state = CouponState::kIssued;
    std::uint64_t redemption = 0;

    friend bool operator==(const State&, const State&) = default;
  };
  struct Redeemed {
    std::uint64_t sequence = 0;
    std::string request_id;
  };
  struct Life {
    State state;  ///< as acknowledged, or as shown after a restart
    std::vector<Redeemed> redemptions;
    std::optional<CouponRequest> pending;
    State before_pending;
    bool return_begun = false;
  };

  [[nodiscard]] static CouponReply::Outcome ExpectedOf(const CouponRequest& request, State before);
  /// Returns the state that a request leads to; the sequence is that of a redemption.
  [[nodiscard]] static State After(const CouponRequest& request, State before,
                                   std::uint64_t sequence);
  [[nodiscard]] static State StateOf(const ShownCoupon& shown);
  [[nodiscard]] static std::string Describe(State state);
  [[nodiscard]] static FaultKind KindOf(State expected, State shown);
  /// Compares the answer itself; the state is that before the request.
  [[nodiscard]] static std::optional<Finding> FindWrongAnswer(const CouponRequest& request,
                                                              const CouponReply& reply,
                                                              const Life& life);

  std::unordered_map<std::string, Life> lives_;  // by code; the others were only issued
  std::vector<std::string> touched_;             // their codes
  std::size_t returns_begun_ = 0;
};

[[nodiscard]] std::string_view NameOf(CouponRequestKind kind);
[[nodiscard]] std::string_view NameOf(CouponReply::Outcome outcome);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_COUPON_LIVES_H_
