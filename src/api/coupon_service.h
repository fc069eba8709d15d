#ifndef COUPOND_API_COUPON_SERVICE_H_
#define COUPOND_API_COUPON_SERVICE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "access/key_ring.h"
#include "api/access/ask_limits.h"
#include "api/access/entry_token.h"
#include "api/access/key_check.h"
#include "api/access/keyed_streams.h"
#include "api/admin_methods.h"
#include "api/batches/batch_methods.h"
#include "api/campaign_watchers.h"
#include "api/dispatcher.h"
#include "api/erasure_methods.h"
#include "api/events/event_feed.h"
#include "api/events/event_readers.h"
#include "api/exports/export_reader.h"
#include "api/health.h"
#include "api/metrics/metrics.h"
#include "api/metrics/server_figures.h"
#include "api/server_info.h"
#include "base/entropy.h"
#include "base/slots.h"
#include "engine/codes/claim_digest.h"
#include "engine/codes/coupon_code.h"
#include "engine/engine.h"
#include "engine/rules/ids.h"
#include "rpc/connect/cors.h"
#include "rpc/http/handler.h"

namespace coupond::api {

struct CouponServiceOptions {
  /// Not owned; null if backups are off. Must be stopped before the HTTP server that uses the
  /// handlers is destroyed.
  BackupRunner* backups = nullptr;
  /// The error message for a request for a backup if `backups` is null.
  std::string backups_off = "this server makes no backups";
  std::size_t watchers_max = kWatchersMax;
  std::size_t exports_max = kExportsMax;
  std::size_t event_readers_max = kEventReadersMax;
  /// The maximum silence on a stream.
  std::chrono::milliseconds heartbeat = kHeartbeat;
  /// The web pages of other origins that may change something; null if none may.
  std::shared_ptr<const connect::CorsPolicy> pages = nullptr;
  /// The access keys, one of which every call needs; not owned. Null if the server has no keys:
  /// then everybody may do everything.
  const access::KeyRing* keys = nullptr;
  /// The key that checks entry tokens; not owned. Null: there are none.
  const EntryTokens* entry_tokens = nullptr;
  /// The limits on asking; not owned. Null: there are none.
  AskLimits* limits = nullptr;
  /// The program's version, shown on the page `/`.
  std::string version = "(unknown)";
  StoreId store_id = {};
  /// What counts the calls; not owned. Null: nothing is counted, and there is no page /metrics.
  Metrics* metrics = nullptr;
  /// Sets the figures that the program around the service knows. Called on the workers' threads.
  std::function<void(ServerFigures& figures)> program_figures = {};
  /// Called when events cannot be read, or something throws; on the feed's thread.
  EventFeed::FailureHook on_event_failure = {};
  /// The campaigns whose coupons the page /metrics shows.
  std::vector<CampaignId> metrics_campaigns = {};
};

/// What a listener is for. The status pages and the health service are on each.
enum class ServiceSide : std::uint8_t {
  kAll,        ///< everything
  kPublic,     ///< CouponService, its short routes and its files
  kOperation,  ///< AdminService, /events and /metrics
};

/// How a listener serves.
struct ServedAs {
  ServiceSide side = ServiceSide::kAll;
  /// Whether /metrics needs an access key, if the server has any.
  bool metrics_need_key = true;
};

/// The parts of one worker's service that receive answers from other threads. They therefore
/// outlive the worker.
struct WorkerParts {
  /// `figures` may be null.
  WorkerParts(Engine& engine, const CodeKey& code_key, EventFeed& events,
              const CouponServiceOptions& options, http::Executor& executor,
              WorkerFigures* figures);
  /// Drops everything that is waiting, because the worker is ending.
  void Abandon();

  std::shared_ptr<KeyCheck> key_check;          ///< null if the server has no keys
  std::unique_ptr<KeyedStreams> keyed_streams;  ///< likewise; before the dispatcher, as below
  WatchRounds watch_rounds;  // before the dispatcher, whose queries hold watchers
  EventRounds event_rounds;
  Dispatcher dispatcher;
  AdminMethods admin_methods;
  ErasureMethods erasure_methods;
};

/// The services on all workers: the Connect methods, the short routes, the files of coupons and the
/// status pages.
///
/// Must outlive the server whose handlers it makes; the engine must be stopped before this is
/// destroyed, because its replies come here.
class CouponService {
 public:
  CouponService(Engine& engine, Entropy& entropy, const CodeKey& code_key,
                CouponServiceOptions options = {});

  /// Returns a handler for one worker. Call it before any request to that handler, from one thread.
  [[nodiscard]] std::unique_ptr<http::Handler> MakeHandler(http::Executor& executor,
                                                           ServedAs served = {});

  /// Makes /readyz and the health service report that the server is not ready. Any thread.
  void BeginStop() { readiness_.BeginStop(); }
  /// Ends the reading of events, which uses the log and the views: call it before they are closed.
  /// Streams get no more events. Any thread.
  void EndEvents() { event_feed_.Stop(); }

 private:
  /// Looks up everything that /metrics shows, but for the campaigns.
  [[nodiscard]] ServerFigures LookUpFigures() const;

  const CouponServiceOptions options_;
  Engine& engine_;
  Entropy& entropy_;
  CouponCodec codec_;
  const CouponCodec shortened_codec_;  ///< for viewers
  const CodeKey code_key_;
  const ServerFacts facts_;
  Slots watcher_slots_;
  Slots export_slots_;
  Slots event_reader_slots_;
  Slots batch_slots_{kLargeBatchesMax};
  Readiness readiness_;
  std::vector<std::unique_ptr<WorkerParts>> worker_parts_;
  EventFeed event_feed_;  // the last member: its thread calls the parts
};

}  // namespace coupond::api

#endif  // COUPOND_API_COUPON_SERVICE_H_
