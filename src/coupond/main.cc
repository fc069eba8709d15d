// The server: reads the options, starts everything in order, and serves until a signal ends it.

#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/metrics/metrics.h"
#include "api/time_mapping.h"
#include "base/entropy.h"
#include "base/error.h"
#include "coupond/http_options.h"
#include "coupond/kept_access.h"
#include "coupond/kept_store.h"
#include "coupond/kept_tls.h"
#include "coupond/logging.h"
#include "coupond/ops_listener.h"
#include "coupond/options.h"
#include "coupond/serve.h"
#include "coupond/start_progress.h"
#include "engine/clock/steered_clock.h"
#include "engine/clock/system_clock.h"
#include "engine/engine.h"
#include "engine/rules/timestamp.h"
#include "program/process_environment.h"
#include "program/service_notifier.h"
#include "program/stop_signals.h"
#include "rpc/http/bound_port.h"
#include "rpc/http/limits.h"

namespace coupond {
namespace {

void WarnOfImplausibleTime(Timestamp reading) {
  spdlog::warn("{}: until it is set right, the server goes on from the last plausible time",
               ImplausibleText(reading));
}

/// Logs that the machine's clock was set by more than the server follows, or that this is over.
void LogClockDispute(const ClockReading& reading) {
  if (!reading.disputed) {
    spdlog::info("the server's time and the machine's clock agree again: {}",
                 api::FormatTimestamp(reading.now));
    return;
  }
  spdlog::error(
      "this machine's clock shows {}, but by the time since the start it is {}. The server goes by "
      "the latter, and refuses what depends on which is right. Set the clock right or, if it is "
      "right now, accept it: `couponctl clock` shows how (clock_ahead)",
      api::FormatTimestamp(*reading.disputed), api::FormatTimestamp(reading.now));
}

/// The number of threads in addition to the HTTP workers: sequencer, projector, queries, long
/// queries, eraser, events, watermark, file guard, backup and the figures of files; RocksDB's
/// flush, compaction and timer; and one spare.
constexpr std::size_t kThreadsReserved = 10 + 3 + 1;

/// Starts up to `wanted` idle threads, ends them, and returns how many could run at once. No system
/// call reports the limit: besides RLIMIT_NPROC there are the limits of control groups and of
/// memory.
std::size_t CountThreadsAllowed(std::size_t wanted) {
  std::latch counted(1);
  std::vector<std::jthread> threads;
  threads.reserve(wanted);
  const auto start_one = [&] {
    try {
      threads.emplace_back([&counted] { counted.wait(); });
      return true;
    } catch (const std::exception&) {
      // Either std::system_error (no more threads) or std::bad_alloc (no memory for another).
      return false;
    }
  };
  while (threads.size() < wanted && start_one()) continue;
  counted.count_down();
  return threads.size();
}

/// Raises the limit on open files, and checks that the store can open its files and that all
/// threads can be started, before a store is opened: RocksDB aborts the process if it cannot start
/// a thread. Returns the maximum number of connections, and logs it if the limit on open files
/// lowers it. The error is kSystemLimit.
Result<std::size_t> CheckProcessLimits(const ServerOptions& options) {
  const std::size_t files = RaiseOpenFileLimit();
  const std::size_t reserved = kFilesReserved + (options.ops_listen ? kOpsConnectionsMax : 0);
  if (files <= reserved) {
    return MakeError(ErrorCode::kSystemLimit,
                     "only " + std::to_string(files) + " files may be open, at least " +
                         std::to_string(reserved + 1) + " are needed; raise the limit (ulimit -n)");
  }
  const std::size_t connections_max = std::min(http::kConnectionsMax, files - reserved);
  if (connections_max < http::kConnectionsMax) {
    spdlog::warn("at most {} connections, because only {} files may be open (ulimit -n)",
                 connections_max, files);
  }
  const std::size_t threads = options.threads + (options.ops_listen ? 1 : 0) + kThreadsReserved;
  if (const std::size_t allowed = CountThreadsAllowed(threads); allowed < threads) {
    return MakeError(ErrorCode::kSystemLimit,
                     "only " + std::to_string(allowed) + " threads can be started, " +
                         std::to_string(threads) +
                         " are needed; raise the limit on threads (ulimit -u, TasksMax, pids.max) "
                         "or on memory, or lower --threads");
  }
  return connections_max;
}

/// Warns if the threads that stay awake leave no processor to the others.
void WarnOfBusyWait(const ServerOptions& options) {
  const unsigned processors = std::thread::hardware_concurrency();
  if (options.busy_wait.count() == 0 || options.threads + 1 < processors) return;
  spdlog::warn(
      "--busy-wait keeps {} threads awake, and there are {} processors: issuing becomes slower, not "
      "faster, when many ask",
      options.threads + 1, processors);
}

/// Starts the engine, and shows how far reading the log has come. Returns null if a signal ended
/// the start.
Result<std::unique_ptr<Engine>> StartEngineVisibly(const Engine::Ports& ports,
                                                   const StopSignals& stop_signals,
                                                   StartProgress& progress, OpsListener* ops) {
  progress.BeginStep("loading the views");
  return StartEngine(ports, {.show =
                                 [&progress, ops](std::uint64_t done, std::uint64_t groups) {
                                   progress.ShowLog(done, groups);
                                   if (ops != nullptr) ops->ShowProgress(done, groups);
                                 },
                             .told_to_stop = [&stop_signals] { return stop_signals.pending(); },
                             .views_discarded =
                                 [](const Error& error) {
                                   spdlog::warn("rebuilding the views now: {}", error.message);
                                 }});
}

/// Listens for operation.
Result<std::unique_ptr<OpsListener>> StartOpsListener(const ServerOptions& options,
                                                      std::shared_ptr<http::TlsContext> tls) {
  http::BoundPort port =
      TRY(Advised(StartStep::kListenForOperation,
                  http::BoundPort::Bind(options.ops_listen->host, options.ops_listen->port)));
  return Advised(StartStep::kListenForOperation,
                 OpsListener::Start(options, std::move(port), std::move(tls)));
}

/// Starts everything in order, serves, and returns the exit status. The error says why the start
/// failed. Checks that need no store come first, so that they leave no new store behind.
Result<int> Run(const ServerOptions& options) {
  StopSignals stop_signals([](const std::string& line) { spdlog::info("{}", line); });
  // It starts no processes, but as process 1 of a container it inherits those of others. The kernel
  // then keeps nothing of them when they end.
  std::signal(SIGCHLD, SIG_IGN);
  const std::size_t connections_max = TRY(CheckProcessLimits(options));
  WarnOfBusyWait(options);
  const ServiceNotifier notifier;
  StartProgress progress(notifier);
  const SystemClock machine_clock;
  TRY(CheckIsPlausible(machine_clock.Now()));
  const BootClock since_boot;
  const SteeredClock clock(
      since_boot, machine_clock, options.clock_slack,
      {.on_implausible = WarnOfImplausibleTime, .on_dispute = LogClockDispute});
  SystemEntropy entropy;
  const std::unique_ptr<KeptAccess> access = TRY(KeptAccess::Open(options.access));
  const std::unique_ptr<KeptTls> tls = TRY(KeptTls::Open(options.tls));
  http::BoundPort port = TRY(
      Advised(StartStep::kListen, http::BoundPort::Bind(options.listen.host, options.listen.port)));
  std::unique_ptr<OpsListener> ops;
  if (options.ops_listen) ops = TRY(StartOpsListener(options, tls->context()));
  progress.BeginStep("opening the store");
  const std::unique_ptr<KeptStore> store =
      TRY(KeptStore::Open(options, entropy, clock, stop_signals));
  api::Metrics metrics;
  Engine::Ports ports = store->ports();
  ports.observer = &metrics.engine();
  ports.busy_wait = options.busy_wait;
  const auto engine = StartEngineVisibly(ports, stop_signals, progress, ops.get());
  progress.Finish();
  if (!engine) {
    LogError(engine.error());
    static_cast<void>(store->Close());
    return EXIT_FAILURE;
  }
  if (*engine == nullptr) {  // a signal, or a failure that has been logged
    if (store->failed()) {
      static_cast<void>(store->Close());
      return EXIT_FAILURE;
    }
    notifier.Stopping("stopping");
    spdlog::info("stopped while starting");
    return EXIT_SUCCESS;
  }
  return ServeUntilStopped({.options = options,
                            .port = std::move(port),
                            .connections_max = connections_max,
                            .store = *store,
                            .engine = **engine,
                            .entropy = entropy,
                            .access = *access,
                            .tls = *tls,
                            .metrics = metrics,
                            .ops = ops.get(),
                            .stop_signals = stop_signals,
                            .notifier = notifier});
}

}  // namespace
}  // namespace coupond

int main(int argc, char** argv) {
  if (!coupond::PrepareProcess()) return EXIT_FAILURE;
  coupond::KeepFreedMemory();
  try {
    const auto options = coupond::ParseServerOptions(argc, argv);
    if (!options) return options.error();
    coupond::SetUpLogging(options->log_level, options->log_format);
    const auto status = coupond::Run(*options);
    if (status) return *status;
    coupond::LogError(status.error());
  } catch (const std::exception& error) {
    spdlog::critical("unexpected: {}", coupond::DescribeEnd(error));
  }
  return EXIT_FAILURE;
}
