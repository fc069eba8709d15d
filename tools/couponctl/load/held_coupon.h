#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_HELD_COUPON_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_HELD_COUPON_H_

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/rules/timestamp.h"

namespace coupond::ctl {

/// One more than ten Hangul syllables take.
inline constexpr std::size_t kCodeBytesMax = 31;

/// The text of a coupon code, stored in place. A load holds millions of them.
class CodeText {
 public:
  CodeText() = default;
  /// Returns nullopt if the text is empty or too long to be a code.
  [[nodiscard]] static std::optional<CodeText> From(std::string_view text) {
    CodeText code;
    if (text.empty() || text.size() > code.bytes_.size()) return std::nullopt;
    std::ranges::copy(text, code.bytes_.begin());
    code.size_ = static_cast<std::uint8_t>(text.size());
    return code;
  }

  [[nodiscard]] std::string_view text() const { return {bytes_.data(), size_}; }

  friend auto operator<=>(const CodeText& a, const CodeText& b) { return a.text() <=> b.text(); }
  friend bool operator==(const CodeText& a, const CodeText& b) { return a.text() == b.text(); }

 private:
  std::array<char, kCodeBytesMax> bytes_{};
  std::uint8_t size_ = 0;
};

/// What became of the redemption of a coupon.
enum class RedeemOutcome : std::uint8_t {
  kNotTried,  ///< it was not asked for
  kRedeemed,
  kOpen,    ///< no answer, or one that leaves open whether the coupon was redeemed
  kFailed,  ///< an error after which the coupon was certainly not redeemed
  // The rules refused it, for a reason that a coupon which was just issued may meet:
  kPaused,
  kExpired,
  kNotYetValid,
  // Or for one that it cannot meet while no other client uses the campaign:
  kAlreadyRedeemed,
  kVoided,
  kWrongHolder,
  kNoSuchCoupon,
  kRequestIdReused,
  kOther,
};
inline constexpr std::size_t kRedeemOutcomes = static_cast<std::size_t>(RedeemOutcome::kOther) + 1;

/// Reports whether the rules refused the redemption.
[[nodiscard]] constexpr bool IsRefused(RedeemOutcome outcome) {
  return outcome >= RedeemOutcome::kPaused;
}
/// Reports whether they did although the coupon had just been issued and no other client used it.
[[nodiscard]] constexpr bool IsWronglyRefused(RedeemOutcome outcome) {
  return outcome >= RedeemOutcome::kAlreadyRedeemed;
}

/// A coupon that a client received.
struct HeldCoupon {
  CodeText code;
  Timestamp issued_at;
  std::uint32_t user = 0;    ///< the number of the user that was named, or 0
  bool in_campaign = false;  ///< whether it names the requested campaign
  bool for_user = false;     ///< whether it names the requested user, or none if none was named
  bool is_new = false;       ///< whether it was issued to this load; otherwise it may be older
  RedeemOutcome redemption = RedeemOutcome::kNotTried;
};
static_assert(sizeof(HeldCoupon) == 48);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_HELD_COUPON_H_
