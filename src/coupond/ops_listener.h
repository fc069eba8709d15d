#ifndef COUPOND_COUPOND_OPS_LISTENER_H_
#define COUPOND_COUPOND_OPS_LISTENER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "api/access_log.h"
#include "api/coupon_service.h"
#include "base/error.h"
#include "coupond/options.h"
#include "rpc/http/bound_port.h"
#include "rpc/http/handler.h"
#include "rpc/http/server.h"

namespace coupond {

/// The listener for operation: health, metrics and AdminService on an address of their own, served
/// by a thread of its own. It listens before the store is opened, and until the service is there it
/// answers /livez and reports at /readyz how far the start has come; everything else is 503.
///
/// Belongs to the main thread.
class OpsListener {
 public:
  /// Listens at options.ops_listen, which must be there. `tls` (null: there is none) is for what
  /// other machines reach: at a loopback address nothing is encrypted.
  [[nodiscard]] static Result<std::unique_ptr<OpsListener>> Start(
      const ServerOptions& options, http::BoundPort port,
      std::shared_ptr<http::TlsContext> tls = nullptr);
  ~OpsListener();
  OpsListener(const OpsListener&) = delete;
  OpsListener& operator=(const OpsListener&) = delete;

  /// Sets how far reading the log has come, for /readyz.
  void ShowProgress(std::uint64_t groups_read, std::uint64_t groups);
  /// Serves what the service has for operators from now on. Join must come before the service ends.
  /// Requests have lines in the access log unless it is null.
  void Attach(api::CouponService& service, api::AccessLog* access_log);
  [[nodiscard]] std::size_t connections() const { return server_.connections(); }

  /// Stops accepting, and lets the requests in flight be answered.
  void BeginStop() { server_.BeginStop(); }
  /// Does that, and waits for the end, at most until `deadline`. A second call does nothing.
  void Join(std::chrono::steady_clock::time_point deadline) { server_.Join(deadline); }

 private:
  class Handler;
  struct Progress;

  OpsListener(const ServerOptions& options, std::shared_ptr<http::TlsContext> tls);

  const std::shared_ptr<Progress> progress_;
  const bool metrics_need_key_;
  Handler* handler_ = nullptr;  // the worker's
  http::Executor* executor_ = nullptr;
  http::Server server_;
};

}  // namespace coupond

#endif  // COUPOND_COUPOND_OPS_LISTENER_H_
