#include "coupond/serve.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/access_log.h"
#include "api/admin_methods.h"
#include "api/coupon_service.h"
#include "base/duration_text.h"
#include "coupond/http_options.h"
#include "coupond/listen_address.h"
#include "coupond/logging.h"
#include "coupond/store_figures.h"
#include "rpc/connect/cors.h"
#include "rpc/http/handler.h"
#include "rpc/http/server.h"

namespace coupond {
namespace {

/// The time for requests in flight to be answered once the server stops. The rest of stopping must
/// fit into what is left of five seconds.
constexpr std::chrono::seconds kDrainTime{3};
/// How often the files of keys and certificates are looked at, and the clock.
constexpr std::chrono::seconds kLookInterval{1};
/// How often in a row the clock must have been beyond the log's end until the server goes by it:
/// one glimpse of a wrong clock must not count.
constexpr int kLooksUntilAccepted = 3;
/// The time for a backup to give up after that. It may hang in its disk forever.
constexpr std::chrono::seconds kBackupStopTime{1};

std::shared_ptr<const connect::CorsPolicy> MakeCorsPolicy(const ServerOptions& options) {
  std::vector<std::string> allowed = options.http.cors_headers;
  allowed.emplace_back("Authorization");  // access keys; "*" would not allow it
  return std::make_shared<const connect::CorsPolicy>(connect::CorsOptions{
      .origins = options.cors_origins,
      .allowed_headers = std::move(allowed),
      .exposed_headers = {"Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-Id",
                          "WWW-Authenticate", "Content-Disposition", "Coupond-Sequence"},
      .advice = "; if it should be, name it with --cors-origin"});
}

/// Returns the factory of the workers' handlers: the service's handler, wrapped in CORS if pages of
/// other origins may call, and in the log of requests if there is one.
http::HandlerFactory HandlerMaker(api::CouponService& service,
                                  std::shared_ptr<const connect::CorsPolicy> cors,
                                  api::ServiceSide side, api::AccessLog* access_log) {
  return [&service, cors = std::move(cors), side, access_log](http::Executor& executor) {
    std::unique_ptr<http::Handler> handler = service.MakeHandler(executor, {.side = side});
    if (cors->allows_any()) {
      handler = std::make_unique<connect::CorsHandler>(cors, std::move(handler));
    }
    return access_log == nullptr ? std::move(handler) : access_log->Wrap(std::move(handler));
  };
}

/// Returns the log of requests that the options ask for.
std::unique_ptr<api::AccessLog> MakeAccessLog(const ServerOptions& options,
                                              const access::KeyRing* keys, Entropy& entropy) {
  if (options.access_log == 0) return nullptr;
  // An operator who asks for these lines gets them, also with --log-level warning.
  LoggerOf(kAccessLogger).set_level(spdlog::level::info);
  const auto write = [format = options.log_format](const api::AccessLogEntry& entry) {
    LoggerOf(kAccessLogger).info("{}", FormatAccess(format, entry));
  };
  return std::make_unique<api::AccessLog>(
      api::AccessLogOptions{.every = options.access_log,
                            .proxies = options.limits.asking.proxies,
                            .keys = keys,
                            .write = write},
      entropy);
}

/// Reports whether there can be anybody whom the limits on asking are for. Without keys, that is a
/// client on another machine.
bool NeedsLimits(const Started& started) {
  const ServerOptions& options = started.options;
  return started.access.keys() != nullptr || !IsLoopback(options.listen) ||
         options.limits.asking.proxies.any();
}

/// Stops the engine at the end of its scope. The engine's replies go to the service, which must
/// outlive this.
class EngineStopper {
 public:
  explicit EngineStopper(Engine& engine) : engine_(engine) {}
  ~EngineStopper() { engine_.Stop(); }
  EngineStopper(const EngineStopper&) = delete;
  EngineStopper& operator=(const EngineStopper&) = delete;

 private:
  Engine& engine_;
};

/// Ends the listener for operation at the end of its scope, if there is one. What it serves must
/// outlive this.
class OpsStopper {
 public:
  explicit OpsStopper(OpsListener* listener) : listener_(listener) {}
  ~OpsStopper() { Stop(std::chrono::steady_clock::now()); }
  OpsStopper(const OpsStopper&) = delete;
  OpsStopper& operator=(const OpsStopper&) = delete;

  void Stop(std::chrono::steady_clock::time_point deadline) {
    if (listener_ != nullptr) listener_->Join(deadline);
  }

 private:
  OpsListener* const listener_;
};

/// What is read again from its files while the server runs.
struct ReadAgain {
  KeptAccess& access;
  KeptTls& tls;

  [[nodiscard]] bool any() const { return access.keys() != nullptr || tls.context() != nullptr; }
  void Reload() const {
    access.Reload();
    tls.Reload();
  }
  void ReloadIfChanged() const {
    access.ReloadIfChanged();
    tls.ReloadIfChanged();
  }
};

/// Waits for a signal to stop. Meanwhile reads keys and certificates again when that is asked for,
/// or a file of theirs has changed; goes by the clock once it has caught up with a log that was
/// ahead; and shows the service manager that the server lives. That this thread runs is all that
/// the manager may judge by: an append may take any time, and is waited for.
void WaitForStop(StopSignals& stop_signals, const ReadAgain& files, const Engine& engine,
                 const ServiceNotifier& notifier, const std::string& status) {
  const auto watchdog = notifier.watchdog_interval();
  // It can be ahead only from the start on.
  bool log_is_ahead = engine.log_is_ahead();
  int looks = 0;
  std::chrono::nanoseconds interval = watchdog.value_or(kLookInterval);
  if (files.any() || log_is_ahead) {
    interval = std::min<std::chrono::nanoseconds>(interval, kLookInterval);
  }
  if (files.any()) {
    stop_signals.OnHangUp([files, &notifier, &status] {
      notifier.Reloading();
      files.Reload();
      notifier.Ready(status);
    });
  }
  do {
    notifier.ShowLife();
    files.ReloadIfChanged();
    if (log_is_ahead) {
      looks = engine.clock_has_caught_up() ? looks + 1 : 0;
      if (looks == kLooksUntilAccepted) engine.AcceptClockThatCaughtUp();
      log_is_ahead = engine.log_is_ahead();
      if (!log_is_ahead) {
        LoggerOf("store").info("the log is not ahead of the clock any more: commands are decided");
      }
    }
    if (!files.any() && !watchdog && !log_is_ahead) return stop_signals.Wait();
  } while (!stop_signals.WaitFor(interval));
}

/// Keeps serving so that load balancers see /readyz fail and stop sending requests before the
/// listener closes; after a failed write, also so that coupond_fenced is scraped. A signal ends it
/// early.
void Drain(std::chrono::milliseconds delay, const StopSignals& stop_signals,
           const ReadAgain& files) {
  spdlog::info("no longer ready; serving for another {}, or until a second signal",
               FormatDuration(delay));
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + delay;
  for (auto now = Clock::now(); now < end; now = Clock::now()) {
    if (stop_signals.WaitFor(std::min<Clock::duration>(end - now, kLookInterval))) return;
    files.ReloadIfChanged();
  }
}

/// Ends the backup in progress. If it does not end because its disk hangs, ends the process with
/// `exit_status`: a backup needs no clean end, and everything else is on disk by now.
void StopBackups(api::BackupRunner& backups, int exit_status) {
  if (backups.StopBy(std::chrono::steady_clock::now() + kBackupStopTime)) return;
  spdlog::warn("the backup in progress does not end; exiting without waiting for it");
  spdlog::default_logger()->flush();
  std::_Exit(exit_status);
}

}  // namespace

int ServeUntilStopped(Started started) {
  const ServerOptions& options = started.options;
  Engine& engine = started.engine;
  std::optional<api::BackupRunner> backups;
  if (StoreCopier* const copier = started.store.copier(); copier != nullptr) {
    backups.emplace(*copier, [](const std::string& line) { LoggerOf("backup").info("{}", line); });
  }
  const auto cors = MakeCorsPolicy(options);
  const StoreFigures store_files(options.data_directory, options.backup_directory);
  const http::Server* serving = nullptr;
  api::AskLimits limits(options.limits.asking, started.entropy);
  api::CouponService service(
      engine, started.entropy, started.store.code_key(),
      {.backups = backups ? &*backups : nullptr,
       .backups_off = std::string(kBackupsOff),
       .watchers_max = std::min(api::kWatchersMax, started.connections_max / 2),
       .exports_max = std::min(api::kExportsMax, started.connections_max / 2),
       .event_readers_max = std::min(api::kEventReadersMax, started.connections_max / 2),
       .heartbeat = options.http.heartbeat,
       .pages = cors,
       .keys = started.access.keys(),
       .entry_tokens = started.access.entry_tokens(),
       .limits = NeedsLimits(started) ? &limits : nullptr,
       .version = COUPOND_VERSION,
       .store_id = started.store.store_id(),
       .metrics = &started.metrics,
       .program_figures =
           [&](api::ServerFigures& figures) {
             figures.connections = serving->connections();
             figures.limited.connections_of_address = serving->refused_connections();
             if (started.ops != nullptr) figures.connections += started.ops->connections();
             figures.torn_bytes = started.store.left_out_bytes();
             figures.log_bytes = store_files.log_bytes();
             figures.data_free_bytes = store_files.free_bytes();
             if (backups) figures.backup = backups->last_success();
             if (!figures.backup) figures.backup = store_files.backup_at_start();
           },
       .on_event_failure =
           [](const Error& error) {
             LoggerOf("events").error("events could not be read: {} ({})", error.message,
                                      ErrorCodeName(error.code));
           },
       .metrics_campaigns = options.metrics_campaigns});
  const std::unique_ptr<api::AccessLog> access_log =
      MakeAccessLog(options, started.access.keys(), started.entropy);
  http::Server server(
      MakeHttpOptions(options, options.listen, options.threads, started.connections_max,
                      started.tls.context()),
      HandlerMaker(service, cors, started.ops ? api::ServiceSide::kPublic : api::ServiceSide::kAll,
                   access_log.get()));
  serving = &server;
  OpsStopper ops_stopper(started.ops);
  const EngineStopper stopper(engine);
  if (const auto listening = server.Start(std::move(started.port)); !listening) {
    LogError(Advised(StartStep::kListen, listening.error()));
    service.EndEvents();
    engine.Stop();
    static_cast<void>(started.store.Close());
    return EXIT_FAILURE;
  }
  if (started.ops != nullptr) started.ops->Attach(service, access_log.get());
  const ListenAddress address{.host = options.listen.host, .port = server.port()};
  const char* const scheme = started.tls.context() == nullptr ? "http" : "https";
  const std::string place = PlaceOf(scheme, address);
  const std::uint64_t events = engine.durable_sequence().value();
  spdlog::info("ready on {} with {} HTTP {}, data in {}, {} {} in the log", place, options.threads,
               options.threads == 1 ? "thread" : "threads", options.data_directory, events,
               events == 1 ? "event" : "events");

  const std::string status = "serving on " + place;
  started.notifier.Ready(status);

  const ReadAgain read_again{.access = started.access, .tls = started.tls};
  WaitForStop(started.stop_signals, read_again, engine, started.notifier, status);
  // The manager is told no more that the server is ready.
  started.stop_signals.OnHangUp([read_again] { read_again.Reload(); });
  started.notifier.Stopping("stopping");
  service.BeginStop();
  const auto delay = options.http.drain_delay;
  // What a lost file had must be saved at once: this process may hold the only copy.
  if (delay > std::chrono::milliseconds(0) && !started.store.file_lost()) {
    Drain(delay, started.stop_signals, read_again);
  }
  spdlog::info("stopping: answering the requests in flight");
  if (backups) backups->BeginStop();
  server.BeginStop();
  const auto deadline = std::chrono::steady_clock::now() + kDrainTime;
  server.Join(deadline);
  ops_stopper.Stop(deadline);
  service.EndEvents();
  engine.Stop();
  const bool closed = started.store.Close();
  if (closed) spdlog::info("stopped; everything is on disk");
  const int exit_status = closed ? EXIT_SUCCESS : EXIT_FAILURE;
  // Before the server is destroyed, because the backup's answer must have somewhere to go.
  if (backups) StopBackups(*backups, exit_status);
  return exit_status;
}

}  // namespace coupond
