// The server: flags, wiring, start and stop in order.

#include <google/protobuf/stubs/logging.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/backup_runner.h"
#include "api/coupon_service.h"
#include "base/check.h"
#include "base/duration_text.h"
#include "base/entropy.h"
#include "base/time_text.h"
#include "coupond/lost_files.h"
#include "coupond/server_options.h"
#include "coupond/standard_error_sink.h"
#include "coupond/start_progress.h"
#include "coupond/thread_limit.h"
#include "engine/engine.h"
#include "engine/engine_start.h"
#include "engine/ports/clock.h"
#include "engine/ports/plausible_clock.h"
#include "engine/rules/timestamp.h"
#include "program/open_files.h"
#include "program/process_environment.h"
#include "program/stop_signals.h"
#include "program/terminal.h"
#include "rpc/connect/cors.h"
#include "rpc/http/bound_port.h"
#include "rpc/http/handler.h"
#include "rpc/http/host_policy.h"
#include "rpc/http/limits.h"
#include "rpc/http/server.h"
#include "storage/files/file_guard.h"
#include "storage/store.h"
#include "storage/store_backup.h"

namespace coupond {
namespace {

constexpr int kExitFailed = 1;
/// How long answers in flight may take once the server is told to stop. The rest of stopping must
/// fit into what is left of five seconds.
constexpr std::chrono::seconds kDrainTime{3};
/// How long a backup may take to give up after that. It may hang in its disk for ever.
constexpr std::chrono::seconds kBackupStopTime{1};
/// A clock that is set back by less than this is nothing to talk about.
constexpr std::chrono::seconds kClockSlack{1};

void SetUpLogging(const std::string& level) {
  auto sink = std::make_shared<StandardErrorSink>(MayColor(STDERR_FILENO));
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("coupond", std::move(sink)));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  spdlog::set_level(spdlog::level::from_str(level));
  // An error of logging itself cannot be reported: standard error is what failed.
  spdlog::set_error_handler([](const std::string&) {});
  // protobuf has a line for every string of a client's that is not UTF-8; the client is told
  // already.
  google::protobuf::SetLogHandler(
      [](google::protobuf::LogLevel, const char*, int, const std::string& line) {
        spdlog::debug("protobuf: {}", line);
      });
}

int Fail(const Error& error) {
  spdlog::error("{} ({})", error.message, ErrorCodeName(error.code));
  return kExitFailed;
}

/// Stops the engine at the end of its scope, whatever ends it: its replies must have somewhere to
/// go until then.
class EngineStopper {
 public:
  explicit EngineStopper(Engine& engine) : engine_(engine) {}
  ~EngineStopper() { engine_.Stop(); }
  EngineStopper(const EngineStopper&) = delete;
  EngineStopper& operator=(const EngineStopper&) = delete;

 private:
  Engine& engine_;
};

/// Ends the backup that is being made, and the process with `exit_status` if the backup cannot: it
/// may hang in its disk, and has nothing that needs a clean end. All else must be on disk by now.
void StopBackups(service::BackupRunner& backups, int exit_status) {
  if (backups.StopBy(std::chrono::steady_clock::now() + kBackupStopTime)) return;
  spdlog::warn("the backup that is being made does not end; leaving without it");
  spdlog::default_logger()->flush();
  std::_Exit(exit_status);
}

/// Returns the factory of the workers' handlers: the service's handler, wrapped in CORS if pages of
/// other origins may call.
http::HandlerFactory HandlerMaker(service::CouponService& service,
                                  std::shared_ptr<const connect::CorsPolicy> cors) {
  return [&service, cors = std::move(cors)](http::Executor& executor) {
    std::unique_ptr<http::Handler> handler = service.MakeHandler(executor);
    if (!cors->allows_any()) return handler;
    return std::unique_ptr<http::Handler>(
        std::make_unique<connect::CorsHandler>(cors, std::move(handler)));
  };
}

/// Keeps serving so that balancers see /readyz fail and stop sending requests before the listener
/// closes. A signal ends it early.
void Drain(std::chrono::milliseconds delay, const StopSignals& stop_signals) {
  spdlog::info("no longer ready; serving for another {}, or until a second signal",
               FormatDuration(delay));
  stop_signals.WaitFor(delay);
}

/// Serves on `port`, with an engine that has started, until a signal ends it. `finish` is called
/// when the engine has stopped, with whether the server ever served; it brings the rest to disk and
/// returns the exit status. If `copier` is null, backups are off.
int Serve(const ServerOptions& options, http::BoundPort port, std::size_t connections_max,
          Engine& engine, Entropy& entropy, const CodeKey& code_key, StoreCopier* copier,
          const StopSignals& stop_signals, const std::function<int(bool served)>& finish) {
  std::optional<service::BackupRunner> backups;
  if (copier != nullptr) {
    backups.emplace(*copier, [](const std::string& line) { spdlog::info("{}", line); });
  }
  const auto pages = std::make_shared<const connect::CorsPolicy>(
      connect::CorsOptions{.origins = options.cors_origins,
                           .allowed_headers = options.http.cors_headers,
                           .exposed_headers = {"Retry-After"}});
  service::CouponService service(
      engine, entropy, code_key,
      {.backups = backups ? &*backups : nullptr,
       .watchers_max = std::min(service::kWatchersMax, connections_max / 2),
       .heartbeat = options.http.heartbeat,
       .pages = pages,
       .version = COUPOND_VERSION});
  http::Limits limits;
  limits.connections_max = connections_max;
  limits.idle_timeout = options.http.idle_timeout;
  http::Server server({.address = options.listen.host,
                       .port = options.listen.port,
                       .threads = options.threads,
                       .limits = limits,
                       .hosts = http::HostPolicy(options.listen.host, options.http.hosts),
                       .log = [](const std::string& line) { spdlog::warn("{}", line); }},
                      HandlerMaker(service, pages));
  const EngineStopper stopper(engine);
  if (const auto started = server.Start(std::move(port)); !started) {
    spdlog::error("{}", started.error());
    engine.Stop();
    return finish(false);
  }
  const ListenAddress ready{.host = options.listen.host, .port = server.port()};
  spdlog::info("ready on http://{} with {} HTTP thread(s), data in {}, {} events in the log",
               FormatListenAddress(ready), options.threads, options.data_directory,
               engine.durable_sequence().value());

  stop_signals.Wait();
  service.BeginStop();
  const auto delay = options.http.drain_delay;
  if (delay > std::chrono::milliseconds(0) && !engine.fenced()) Drain(delay, stop_signals);
  spdlog::info("stopping: answering what is in flight");
  if (backups) backups->BeginStop();
  server.BeginStop();
  server.Join(std::chrono::steady_clock::now() + kDrainTime);
  engine.Stop();
  const int exit_status = finish(true);
  // The server is still there, because the backup's answer must have somewhere to go.
  if (backups) StopBackups(*backups, exit_status);
  return exit_status;
}

/// Null if a signal ended it.
Result<std::unique_ptr<Engine>> StartEngineShown(const Engine::Ports& ports,
                                                 const StopSignals& stop_signals) {
  StartProgress progress;
  auto engine = StartEngine(
      ports, {.show = [&progress](std::uint64_t done,
                                  std::uint64_t groups) { progress.Show(done, groups); },
              .told_to_stop = [&stop_signals] { return stop_signals.pending(); },
              .views_discarded =
                  [](const Error& error) {
                    spdlog::warn("rebuilding the views now: {}", error.message);
                  }});
  progress.Finish();
  return engine;
}

/// Returns the time without the fraction of its second.
std::string FormatTime(Timestamp time) {
  UtcTime utc = FromUnixNanoseconds(time.unix_nanoseconds());
  utc.nanoseconds = 0;
  return FormatTime(utc);
}

void WarnOfImplausibleTime(Timestamp reading) {
  spdlog::warn(
      "this machine's clock says {}, which is not between 2020 and 2199: until it is set right, "
      "the server keeps using the last plausible time",
      FormatTime(reading));
}

/// Time in the log never goes back, so after a clock that was ahead it stands still for a while.
void WarnOfFutureLog(const LogTip& tip, const Clock& clock) {
  const auto ahead = std::chrono::ceil<std::chrono::seconds>(tip.time.Since(clock.Now()));
  if (ahead <= kClockSlack) return;
  spdlog::warn(
      "the log's last entry is {} s in the future: the clock was ahead then, or is behind now. "
      "Until "
      "it has caught up, everything happens at that moment. Set the clock right",
      ahead.count());
}

int Run(const ServerOptions& options) {
  const StopSignals stop_signals([](const std::string& line) { spdlog::info("{}", line); });
  const std::size_t files = RaiseOpenFileLimit();
  if (files <= kFilesReserved) {
    spdlog::error("only {} files may be open, at least {} are needed; raise the limit (ulimit -n)",
                  files, kFilesReserved + 1);
    return kExitFailed;
  }
  const std::size_t connections_max = std::min(http::kConnectionsMax, files - kFilesReserved);
  if (connections_max < http::kConnectionsMax) {
    spdlog::warn("at most {} connections, because only {} files may be open (ulimit -n)",
                 connections_max, files);
  }
  const std::size_t threads = options.threads + kThreadsReserved;
  if (const std::size_t allowed = CountThreadsAllowed(threads); allowed < threads) {
    spdlog::error(
        "only {} threads can be started, {} are needed; raise the limit on threads (ulimit -u, "
        "TasksMax, pids.max) or on memory, or lower --threads",
        allowed, threads);
    return kExitFailed;
  }
  const SystemClock machine_clock;
  const Timestamp now = machine_clock.Now();
  if (!IsPlausible(now)) {
    spdlog::error(
        "this machine's clock says {}, which is not between 2020 and 2199. Coupons would keep the "
        "wrong time for good, so nothing was started or changed; set the clock (timedatectl, "
        "chronyc makestep) and start again",
        FormatTime(now));
    return kExitFailed;
  }
  const PlausibleClock clock(machine_clock, now, WarnOfImplausibleTime);
  SystemEntropy entropy;
  Fence fence([](const Error& error) {
    if (error.code == ErrorCode::kFileLost) {
      spdlog::critical(
          "{}. Nothing more is acknowledged; saving everything acknowledged so far ({})",
          error.message, ErrorCodeName(error.code));
      return StopSignals::Raise();
    }
    spdlog::critical("a write failed, so nothing is written any more; stopping: {} ({})",
                     error.message, ErrorCodeName(error.code));
    StopSignals::Raise();
  });

  // Before the store: what is refused here must not leave a new store behind.
  auto port = http::BoundPort::Bind(options.listen.host, options.listen.port);
  if (!port) {
    spdlog::error("{}", port.error());
    return kExitFailed;
  }
  if (!options.backup_directory.empty()) {
    const auto place =
        storage::StoreBackup::CheckPlace(options.backup_directory, options.data_directory);
    if (!place) return Fail(place.error());
  }
  auto store = storage::Store::Open(options.data_directory, entropy, clock);
  if (!store) return Fail(store.error());
  if (const auto& discarded = (*store)->views_discarded()) {
    spdlog::warn("rebuilding the views now: {}", discarded->message);
  }
  if (const std::uint64_t bytes = (*store)->left_out_bytes(); bytes > 0) {
    spdlog::warn("the log's last {} bytes were left out: a write that a power failure tore", bytes);
  }
  std::unique_ptr<storage::StoreBackup> backup;
  if (!options.backup_directory.empty()) {
    auto opened = storage::StoreBackup::Open(options.backup_directory, options.data_directory,
                                             (*store)->log(), (*store)->identity().store_id);
    if (!opened) return Fail(opened.error());
    backup = std::move(*opened);
  }
  WarnOfFutureLog((*store)->log().Tip(), clock);
  storage::WatermarkKeeper& watermark = (*store)->watermark();
  watermark.Start([&fence](const Error& error) { fence.Raise(error); });

  storage::FileGuard& guard = (*store)->guard();
  guard.Start([&fence](const auto& losses) { fence.Raise(FileLostError(losses)); },
              WarnOfLostViews);

  const auto finish = [&](bool served) {
    Status written;
    if (fence.raised()) {
      watermark.Abandon();
    } else {
      written = watermark.Stop();
    }
    // After the last write; otherwise only the next start would notice a file lost a moment ago.
    const bool lost = guard.Look();
    guard.Stop();
    if (!lost && !fence.raised()) {
      if (!written) return Fail(written.error());
      if (!served) return kExitFailed;
      spdlog::info("stopped; everything is on disk");
      return EXIT_SUCCESS;
    }
    if (lost) {
      // Of several reasons to stop the fence tells only the first.
      const auto reason = fence.reason();
      if (!reason || reason->code != ErrorCode::kFileLost) {
        static_cast<void>(Fail(FileLostError(guard.losses())));
      }
      RescueStore(**store, clock, stop_signals);
    }
    return kExitFailed;
  };
  auto engine = StartEngineShown({.log = (*store)->log(),
                                  .stored_log = (*store)->log(),
                                  .views = (*store)->views(),
                                  .clock = clock,
                                  .fence = fence,
                                  .commit_listener = &watermark},
                                 stop_signals);
  if (!engine) {
    static_cast<void>(Fail(engine.error()));
    return finish(false);
  }
  if (!*engine) {
    if (fence.raised() || guard.sealed()) return finish(false);  // already reported
    spdlog::info("stopped while starting");
    return EXIT_SUCCESS;
  }
  return Serve(options, std::move(*port), connections_max, **engine, entropy,
               (*store)->identity().code_key, backup.get(), stop_signals, finish);
}

}  // namespace
}  // namespace coupond

int main(int argc, char** argv) {
  if (!coupond::PrepareProcess()) return coupond::kExitFailed;
  try {
    const auto options = coupond::ParseServerOptions(argc, argv);
    if (!options) return options.error();
    coupond::SetUpLogging(options->log_level);
    return coupond::Run(*options);
  } catch (const std::exception& error) {
    spdlog::critical("unexpected: {}", coupond::DescribeEnd(error));
    return coupond::kExitFailed;
  }
}
