#ifndef COUPOND_API_SERVICE_COUPON_SERVICE_H_
#define COUPOND_API_SERVICE_COUPON_SERVICE_H_

#include <atomic>
#include <memory>
#include <vector>

#include "api/http/handler.h"
#include "api/service/dispatcher.h"
#include "engine/codes/claim_digest.h"
#include "engine/codes/coupon_code.h"
#include "engine/engine.h"
#include "engine/ports/entropy.h"
#include "engine/rules/ids.h"

namespace coupond::service {

/// The coupon service on all workers: the Connect methods, the short routes and the status pages.
///
/// Must outlive the server whose handlers it makes; the engine must be stopped before this is
/// destroyed, because its replies come here.
class CouponService {
 public:
  CouponService(Engine& engine, Entropy& entropy, const CodeKey& code_key);

  /// The handler of one worker. Called before any request, by one thread.
  [[nodiscard]] std::unique_ptr<http::Handler> MakeHandler(http::Executor& executor);

  /// From now on /readyz says no. Any thread.
  void BeginStop() { stopping_.store(true, std::memory_order_relaxed); }

 private:
  Engine& engine_;
  Entropy& entropy_;
  CouponCodec codec_;
  ClaimDigest claims_;
  std::atomic<bool> stopping_{false};
  std::vector<std::unique_ptr<Dispatcher>> dispatchers_;
};

}  // namespace coupond::service

#endif  // COUPOND_API_SERVICE_COUPON_SERVICE_H_
