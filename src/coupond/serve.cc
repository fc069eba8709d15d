#include "coupond/serve.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/admin_methods.h"
#include "api/coupon_service.h"
#include "api/refusal_mapping.h"
#include "base/duration_text.h"
#include "coupond/logging.h"
#include "rpc/connect/cors.h"
#include "rpc/connect/error.h"
#include "rpc/connect/error_details.h"
#include "rpc/http/handler.h"
#include "rpc/http/host_policy.h"
#include "rpc/http/limits.h"
#include "rpc/http/server.h"

namespace coupond {
namespace {

/// The time for requests in flight to be answered once the server stops. The rest of stopping must
/// fit into what is left of five seconds.
constexpr std::chrono::seconds kDrainTime{3};
/// How often the files of keys are looked at.
constexpr std::chrono::seconds kKeysInterval{1};
/// The time for a backup to give up after that. It may hang in its disk forever.
constexpr std::chrono::seconds kBackupStopTime{1};

std::shared_ptr<const connect::CorsPolicy> MakeCorsPolicy(const ServerOptions& options) {
  std::vector<std::string> allowed = options.http.cors_headers;
  allowed.emplace_back("Authorization");  // access keys; "*" would not allow it
  return std::make_shared<const connect::CorsPolicy>(
      connect::CorsOptions{.origins = options.cors_origins,
                           .allowed_headers = std::move(allowed),
                           .exposed_headers = {"Retry-After", "WWW-Authenticate",
                                               "Content-Disposition", "Coupond-Sequence"},
                           .advice = "; if it should be, name it with --cors-origin"});
}

/// Returns the factory of the workers' handlers: the service's handler, wrapped in CORS if pages of
/// other origins may call.
http::HandlerFactory HandlerMaker(api::CouponService& service,
                                  std::shared_ptr<const connect::CorsPolicy> cors) {
  return [&service, cors = std::move(cors)](http::Executor& executor) {
    std::unique_ptr<http::Handler> handler = service.MakeHandler(executor);
    if (!cors->allows_any()) return handler;
    return std::unique_ptr<http::Handler>(
        std::make_unique<connect::CorsHandler>(cors, std::move(handler)));
  };
}

/// Writes an error of the HTTP server itself as the service writes its own, with the option that
/// corrects it.
http::Response FormatServerError(const http::ServerError& error) {
  constexpr int kHttpMisdirected = 421;
  connect::Error answered = connect::ErrorOf(error);
  if (error.status == kHttpMisdirected) {
    answered.message += "; if it should, add the name with --host";
  }
  connect::AddStandardDetails(api::kErrorDomain, answered);
  return connect::ErrorResponse(std::move(answered), error.status);
}

http::ServerOptions MakeHttpOptions(const ServerOptions& options, std::size_t connections_max) {
  http::Limits limits;
  limits.connections_max = connections_max;
  limits.idle_timeout = options.http.idle_timeout;
  return {.address = options.listen.host,
          .port = options.listen.port,
          .threads = options.threads,
          .limits = limits,
          .hosts = http::HostPolicy(options.listen.host, options.http.hosts),
          .error_format = FormatServerError,
          .log = [](const std::string& line) { spdlog::warn("{}", line); }};
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

/// Waits for a signal to stop. Meanwhile reads the keys again when that is asked for, or a file of
/// theirs has changed, and shows the service manager that the server lives. That this thread runs
/// is all that the manager may judge by: an append may take any time, and is waited for.
void WaitForStop(StopSignals& stop_signals, KeptAccess& access, const ServiceNotifier& notifier,
                 const std::string& status) {
  const bool has_keys = access.keys() != nullptr;
  const auto watchdog = notifier.watchdog_interval();
  if (!has_keys && !watchdog) return stop_signals.Wait();
  if (has_keys) {
    stop_signals.OnHangUp([&access, &notifier, &status] {
      notifier.Reloading();
      access.Reload();
      notifier.Ready(status);
    });
  }
  std::chrono::nanoseconds interval = watchdog.value_or(kKeysInterval);
  if (has_keys) interval = std::min<std::chrono::nanoseconds>(interval, kKeysInterval);
  do {
    notifier.ShowLife();
    if (has_keys) access.ReloadIfChanged();
  } while (!stop_signals.WaitFor(interval));
}

/// Keeps serving so that load balancers see /readyz fail and stop sending requests before the
/// listener closes. A signal ends it early.
void Drain(std::chrono::milliseconds delay, const StopSignals& stop_signals, KeptAccess& access) {
  spdlog::info("no longer ready; serving for another {}, or until a second signal",
               FormatDuration(delay));
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + delay;
  for (auto now = Clock::now(); now < end; now = Clock::now()) {
    if (stop_signals.WaitFor(std::min<Clock::duration>(end - now, kKeysInterval))) return;
    access.ReloadIfChanged();
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
    backups.emplace(*copier, [](const std::string& line) { spdlog::info("{}", line); });
  }
  const auto cors = MakeCorsPolicy(options);
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
       .version = COUPOND_VERSION,
       .store_id = started.store.store_id()});
  http::Server server(MakeHttpOptions(options, started.connections_max),
                      HandlerMaker(service, cors));
  const EngineStopper stopper(engine);
  if (const auto listening = server.Start(std::move(started.port)); !listening) {
    LogError(Advised(StartStep::kListen, listening.error()));
    service.EndEvents();
    engine.Stop();
    static_cast<void>(started.store.Close());
    return EXIT_FAILURE;
  }
  const ListenAddress address{.host = options.listen.host, .port = server.port()};
  spdlog::info("ready on http://{} with {} HTTP thread(s), data in {}, {} events in the log",
               FormatListenAddress(address), options.threads, options.data_directory,
               engine.durable_sequence().value());

  const std::string status = "serving on http://" + FormatListenAddress(address);
  started.notifier.Ready(status);

  WaitForStop(started.stop_signals, started.access, started.notifier, status);
  started.notifier.Stopping("stopping");
  service.BeginStop();
  const auto delay = options.http.drain_delay;
  if (delay > std::chrono::milliseconds(0) && !engine.fenced()) {
    Drain(delay, started.stop_signals, started.access);
  }
  spdlog::info("stopping: answering the requests in flight");
  if (backups) backups->BeginStop();
  server.BeginStop();
  server.Join(std::chrono::steady_clock::now() + kDrainTime);
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
