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

/// A coupon code without memory of its own beside it: up to 31 bytes, which is one more than ten
/// Hangul syllables take. Millions of them are held during a load.
class CodeText {
 public:
  CodeText() = default;
  /// Nothing if the text is empty or too long to be a code.
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
  std::array<char, 31> bytes_{};
  std::uint8_t size_ = 0;
};

/// A coupon that a client was told to have.
struct HeldCoupon {
  CodeText code;
  Timestamp issued_at;
  bool in_campaign = false;  ///< whether it names the campaign that was asked for
};
static_assert(sizeof(HeldCoupon) == 48);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_HELD_COUPON_H_
