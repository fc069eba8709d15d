#ifndef COUPOND_API_SEARCH_METHODS_H_
#define COUPOND_API_SEARCH_METHODS_H_

#include <memory>

#include "api/access/caller.h"
#include "api/dispatcher.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/codes/coupon_code.h"
#include "engine/ports/clock.h"
#include "engine/rules/ids.h"
#include "rpc/connect/call.h"

namespace coupond::api {

/// The methods of coupon.v1.CouponService that look for coupons, on one worker. A page is filled in
/// as many queries as it takes, so that others get their turn in between; its coupons are in their
/// states at one time. Answers are not kept, because few are asked for twice.
///
/// Threads: the worker's. This and what it refers to must outlive the dispatcher's last
/// continuation.
class SearchMethods {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;

  /// Shared by all workers; thread-safe.
  struct Shared {
    ShownCodes codes;
    const CodeKey& code_key;
    const Clock& clock;  ///< the engine's (Engine::clock)
  };

  SearchMethods(Dispatcher& dispatcher, const Shared& shared)
      : dispatcher_(dispatcher), shared_(shared), claims_(shared.code_key) {}

  void SearchCoupons(const coupon::v1::SearchCouponsRequest& request, Call call);

 private:
  struct Filling;

  void Fill(std::shared_ptr<Filling> filling, Call call);

  Dispatcher& dispatcher_;
  const Shared shared_;
  ClaimDigest claims_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_SEARCH_METHODS_H_
