#ifndef COUPOND_TEST_TOOLS_COUPON_AUDIT_COMMANDS_SHOWN_VALUES_H_
#define COUPOND_TEST_TOOLS_COUPON_AUDIT_COMMANDS_SHOWN_VALUES_H_

#include <cstdint>
#include <string>

#include "engine/codes/coupon_code.h"
#include "tools/coupon_audit/planted_store.h"

/// How coupon-audit shows what is in a PlantedStore.
namespace coupond::test {

inline std::string Code(std::uint64_t serial) {
  return CouponCodec(PlantedIdentity().code_key).Encode(Serial(serial));
}
inline std::string UuidOf(std::uint64_t campaign) {
  return FormatUuid(Id(static_cast<std::uint8_t>(campaign)).bytes);
}
/// 32 hexadecimal digits.
inline std::string ClaimText(const Claim& claim) {
  std::string text = FormatUuid(claim.bytes);
  std::erase(text, '-');
  return text;
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_TOOLS_COUPON_AUDIT_COMMANDS_SHOWN_VALUES_H_
