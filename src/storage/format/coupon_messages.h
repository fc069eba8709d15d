#ifndef COUPOND_STORAGE_FORMAT_COUPON_MESSAGES_H_
#define COUPOND_STORAGE_FORMAT_COUPON_MESSAGES_H_

#include <string>

#include "base/error.h"
#include "engine/rules/event.h"

namespace coupond::storage::v1 {
class CouponRedeemed;
class CouponVoided;
class RedemptionCanceled;
}  // namespace coupond::storage::v1

/// The part of event_messages.cc, which says what these functions do, that is about what becomes of
/// issued coupons.
namespace coupond::storage {

[[nodiscard]] Status Check(const CouponRedeemed& event);
int Write(const CouponRedeemed& event, std::string& out);
[[nodiscard]] Status Read(const v1::CouponRedeemed& from, CouponRedeemed& to);

[[nodiscard]] Status Check(const RedemptionCanceled& event);
int Write(const RedemptionCanceled& event, std::string& out);
[[nodiscard]] Status Read(const v1::RedemptionCanceled& from, RedemptionCanceled& to);

[[nodiscard]] Status Check(const CouponVoided& event);
int Write(const CouponVoided& event, std::string& out);
[[nodiscard]] Status Read(const v1::CouponVoided& from, CouponVoided& to);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FORMAT_COUPON_MESSAGES_H_
