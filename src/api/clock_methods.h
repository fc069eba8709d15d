#ifndef COUPOND_API_CLOCK_METHODS_H_
#define COUPOND_API_CLOCK_METHODS_H_

#include <memory>

#include "api/dispatcher.h"
#include "coupon/v1/admin_service.pb.h"
#include "engine/ports/clock.h"
#include "rpc/connect/call.h"

namespace coupond::api {

/// AcceptClock of coupon.v1.AdminService, on one worker.
///
/// Threads: the worker's. What it refers to must outlive it, and the dispatcher's continuations end
/// with its Abandon.
class ClockMethods {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;

  /// The clock must be the engine's (Engine::clock).
  ClockMethods(Dispatcher& dispatcher, const Clock& clock)
      : dispatcher_(dispatcher), clock_(clock) {}

  void AcceptClock(const coupon::v1::AcceptClockRequest& request, Call call);

 private:
  Dispatcher& dispatcher_;
  const Clock& clock_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_CLOCK_METHODS_H_
