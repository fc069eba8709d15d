#ifndef COUPOND_API_ACCESS_CALLER_H_
#define COUPOND_API_ACCESS_CALLER_H_

#include <memory>
#include <utility>

#include "access/key.h"
#include "access/role.h"
#include "engine/codes/coupon_code.h"
#include "engine/rules/ids.h"
#include "rpc/connect/call.h"
#include "rpc/connect/interceptor.h"

/// Whose key a request came with. Without keys there are no callers: anyone who reaches the server
/// may do everything.
namespace coupond::api {

/// A caller, authenticated by a key.
class Caller final : public connect::Principal {
 public:
  explicit Caller(access::Key key) : key_(std::move(key)) {}

  [[nodiscard]] const access::Key& key() const { return key_; }
  [[nodiscard]] access::Role role() const { return key_.role; }
  [[nodiscard]] bool is_limited() const { return !key_.campaigns.empty(); }

 private:
  const access::Key key_;
};

/// Returns the caller, or null if the server has no keys or the method needs none.
[[nodiscard]] inline const Caller* CallerOf(const connect::CallContext& context) {
  // Nothing but KeyCheck sets it.
  return static_cast<const Caller*>(context.principal.get());
}
[[nodiscard]] inline const Caller* CallerOf(const connect::Call& call) {
  return CallerOf(call.context());
}

/// Returns the caller of a call that it may outlive, or null as above.
[[nodiscard]] inline std::shared_ptr<const Caller> SharedCallerOf(const connect::Call& call) {
  return std::static_pointer_cast<const Caller>(call.context().principal);
}

[[nodiscard]] inline bool HasRole(const connect::Call& call, access::Role role) {
  const Caller* const caller = CallerOf(call);
  return caller != nullptr && caller->role() == role;
}

/// Returns the id of the key that the call came with, for the log.
[[nodiscard]] inline KeyId CallerKeyId(const connect::Call& call) {
  const Caller* const caller = CallerOf(call);
  return caller == nullptr ? kNoKey : caller->key().id;
}

/// The codes as they are, and as viewers see them.
struct ShownCodes {
  const CouponCodec& whole;
  const CouponCodec& shortened;

  [[nodiscard]] const CouponCodec& For(const connect::Call& call) const {
    return HasRole(call, access::Role::kViewer) ? shortened : whole;
  }
};

}  // namespace coupond::api

#endif  // COUPOND_API_ACCESS_CALLER_H_
