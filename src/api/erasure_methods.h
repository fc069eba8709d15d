#ifndef COUPOND_API_ERASURE_METHODS_H_
#define COUPOND_API_ERASURE_METHODS_H_

#include <cstdint>
#include <memory>

#include "api/dispatcher.h"
#include "coupon/v1/admin_service.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/engine.h"
#include "rpc/connect/call.h"
#include "rpc/http/handler.h"

namespace coupond::api {

/// EraseUser of coupon.v1.AdminService, on one worker.
///
/// Threads: the worker's. Must outlive the engine's last answer and the executor's last task; calls
/// that are waiting end with Abandon.
class ErasureMethods {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;

  /// `code_key` is the store's.
  ErasureMethods(Engine& engine, const CodeKey& code_key, http::Executor& executor)
      : engine_(engine), claims_(code_key), executor_(executor) {}

  void EraseUser(const coupon::v1::EraseUserRequest& request, Call call);

  /// Drops all calls that are waiting, because the worker is ending.
  void Abandon() { calls_.Clear(); }

 private:
  void Answer(std::uint64_t ticket, const ErasureOutcome& outcome);

  Engine& engine_;
  ClaimDigest claims_;
  http::Executor& executor_;
  TicketTable<Call> calls_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_ERASURE_METHODS_H_
