#ifndef COUPOND_API_COUPON_SERVICE_H_
#define COUPOND_API_COUPON_SERVICE_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "api/admin_methods.h"
#include "api/backup_runner.h"
#include "api/campaign_watchers.h"
#include "api/dispatcher.h"
#include "api/readiness.h"
#include "base/entropy.h"
#include "engine/codes/claim_digest.h"
#include "engine/codes/coupon_code.h"
#include "engine/engine.h"
#include "engine/rules/ids.h"
#include "rpc/connect/cors.h"
#include "rpc/http/handler.h"
#include "rpc/http/slots.h"

namespace coupond::service {

struct CouponServiceOptions {
  /// Not owned; null: this server makes none. It must be stopped before the server whose handlers
  /// these are is destroyed.
  BackupRunner* backups = nullptr;
  /// The message for those who ask for a backup although `backups` is null.
  std::string backups_off = "this server makes no backups";
  std::size_t watchers_max = kWatchersMax;
  /// The longest silence on a stream.
  std::chrono::milliseconds heartbeat = kHeartbeat;
  /// Which web pages may change something besides the server's own; null: none.
  std::shared_ptr<const connect::CorsPolicy> pages = nullptr;
  /// The program's, for those who ask what this is.
  std::string version = "(unknown)";
};

/// The parts of one worker's service that other threads answer to, and that therefore outlive the
/// worker.
struct WorkerParts {
  WorkerParts(Engine& engine, const CouponServiceOptions& options, http::Executor& executor);
  /// The worker ends: drops all that waits.
  void Abandon();

  WatchRounds watch_rounds;  // before the dispatcher, whose queries hold watchers
  Dispatcher dispatcher;
  AdminMethods admin_methods;
};

/// The services on all workers: the Connect methods, the short routes and the status pages.
///
/// Must outlive the server whose handlers it makes; the engine must be stopped before this is
/// destroyed, because its replies come here.
class CouponService {
 public:
  CouponService(Engine& engine, Entropy& entropy, const CodeKey& code_key,
                CouponServiceOptions options = {});

  /// The handler of one worker. Called before any request, by one thread.
  [[nodiscard]] std::unique_ptr<http::Handler> MakeHandler(http::Executor& executor);

  /// From now on /readyz and the health service say no. Any thread.
  void BeginStop() { readiness_.BeginStop(); }

 private:
  const CouponServiceOptions options_;
  Engine& engine_;
  Entropy& entropy_;
  CouponCodec codec_;
  ClaimDigest claims_;
  http::Slots watcher_slots_;
  Readiness readiness_;
  std::vector<std::unique_ptr<WorkerParts>> worker_parts_;
};

}  // namespace coupond::service

#endif  // COUPOND_API_COUPON_SERVICE_H_
