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

#include "api/access_log.h"
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
                                  api::AccessLog* access_log) {
  return [&service, cors = std::move(cors), access_log](http::Executor& executor) {
    std::unique_ptr<http::Handler> handler = service.MakeHandler(executor);
    if (cors->allows_any()) {
      handler = std::make_unique<connect::CorsHandler>(cors, std::move(handler));
    }
    return access_log == nullptr ? std::move(handler) : access_log->Wrap(std::move(handler));
  };
}

/// Returns the log of requests that the options ask for.
std::unique_ptr<api::AccessLog> MakeAccessLog(const ServerOptions& options, Entropy& entropy) {
  if (options.access_log == 0) return nullptr;
  const auto write = [format = options.log_format](const api::AccessLogEntry& entry) {
    LoggerOf(kAccessLogger).info("{}", FormatAccess(format, entry));
  };
  return std::make_unique<api::AccessLog>(
      api::AccessLogOptions{
          .every = options.access_log, .proxies = options.limits.asking.proxies, .write = write},
      entropy);
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
  SetConnectionLimits(options.limits, limits);
  return {.address = options.listen.host,
          .port = options.listen.port,
          .threads = options.threads,
          .limits = limits,
          .hosts = http::HostPolicy(options.listen.host, options.http.hosts),
          .error_format = FormatServerError,
          .log = [](const std::string& line) { spdlog::warn("{}", line); }};
}

/// Reports whether there can be anybody whom the limits on asking are for. Without keys, that is a
/// client on another machine.
bool NeedsLimits(const Started& started) {
  const ServerOptions& options = started.options;
  return started.access.keys() != nullptr || !IsLoopback(options.listen) ||
         !options.limits.asking.proxies.networks.empty();
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
/// theirs has changed.
void WaitForStop(StopSignals& stop_signals, KeptAccess& access) {
  if (access.keys() == nullptr) return stop_signals.Wait();
  stop_signals.OnHangUp([&access] { access.Reload(); });
  while (!stop_signals.WaitFor(kKeysInterval)) access.ReloadIfChanged();
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
    backups.emplace(*copier, [](const std::string& line) { LoggerOf("backup").info("{}", line); });
  }
  const auto cors = MakeCorsPolicy(options);
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
       .store_id = started.store.store_id()});
  const std::unique_ptr<api::AccessLog> access_log = MakeAccessLog(options, started.entropy);
  http::Server server(MakeHttpOptions(options, started.connections_max),
                      HandlerMaker(service, cors, access_log.get()));
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

  WaitForStop(started.stop_signals, started.access);
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
