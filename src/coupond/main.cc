// The server: reads the options, starts everything in order, and serves until a signal ends it.

#include <google/protobuf/stubs/logging.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "base/entropy.h"
#include "base/time_text.h"
#include "coupond/kept_store.h"
#include "coupond/options.h"
#include "coupond/process_limits.h"
#include "coupond/serve.h"
#include "coupond/standard_error_sink.h"
#include "coupond/start_engine.h"
#include "engine/engine.h"
#include "engine/ports/clock.h"
#include "engine/ports/plausible_clock.h"
#include "engine/rules/timestamp.h"
#include "program/process_environment.h"
#include "program/stop_signals.h"
#include "program/terminal.h"
#include "rpc/http/bound_port.h"

namespace coupond {
namespace {

void SetUpLogging(const std::string& level) {
  auto sink = std::make_shared<StandardErrorSink>(MayColor(STDERR_FILENO));
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("coupond", std::move(sink)));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  spdlog::set_level(spdlog::level::from_str(level));
  // An error of logging itself cannot be reported: standard error is what failed.
  spdlog::set_error_handler([](const std::string&) {});
  // protobuf logs a line for each string of a client that is not UTF-8. The client's answer says so
  // already.
  google::protobuf::SetLogHandler(
      [](google::protobuf::LogLevel, const char*, int, const std::string& line) {
        spdlog::debug("protobuf: {}", line);
      });
}

/// Returns the time without the fraction of its second.
std::string FormatTime(Timestamp time) {
  UtcTime utc = FromUnixNanoseconds(time.unix_nanoseconds());
  utc.nanoseconds = 0;
  return FormatTime(utc);
}

Status CheckClock(Timestamp now) {
  if (IsPlausible(now)) return {};
  return MakeError(ErrorCode::kClockImplausible,
                   "this machine's clock says " + FormatTime(now) +
                       ", which is not between 2020 and 2199. Coupons would keep the wrong time "
                       "for good, so nothing was started or changed; set the clock (timedatectl, "
                       "chronyc makestep) and start again");
}

void WarnOfImplausibleTime(Timestamp reading) {
  spdlog::warn(
      "this machine's clock says {}, which is not between 2020 and 2199: until it is set right, "
      "the server keeps using the last plausible time",
      FormatTime(reading));
}

Result<http::BoundPort> BindPort(const ListenAddress& address) {
  auto port = http::BoundPort::Bind(address.host, address.port);
  if (port) return *std::move(port);
  return std::unexpected(Advised(StartStep::kListen, std::move(port.error())));
}

/// Starts everything in order, serves, and returns the exit status. The error is why it could not
/// start. What can be refused without a store comes first, so that it leaves no new store behind.
Result<int> Run(const ServerOptions& options) {
  const StopSignals stop_signals([](const std::string& line) { spdlog::info("{}", line); });
  const std::size_t connections_max = TRY(CheckProcessLimits(options.threads));
  const SystemClock machine_clock;
  const Timestamp now = machine_clock.Now();
  TRY(CheckClock(now));
  const PlausibleClock clock(machine_clock, now, WarnOfImplausibleTime);
  SystemEntropy entropy;
  http::BoundPort port = TRY(BindPort(options.listen));
  const std::unique_ptr<KeptStore> store =
      TRY(KeptStore::Open(options, entropy, clock, stop_signals));
  const auto engine = StartEngineVisibly(store->ports(), stop_signals);
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
    spdlog::info("stopped while starting");
    return EXIT_SUCCESS;
  }
  return ServeUntilStopped({.options = options,
                            .port = std::move(port),
                            .connections_max = connections_max,
                            .store = *store,
                            .engine = **engine,
                            .entropy = entropy,
                            .stop_signals = stop_signals});
}

}  // namespace
}  // namespace coupond

int main(int argc, char** argv) {
  if (!coupond::PrepareProcess()) return EXIT_FAILURE;
  try {
    const auto options = coupond::ParseServerOptions(argc, argv);
    if (!options) return options.error();
    coupond::SetUpLogging(options->log_level);
    const auto status = coupond::Run(*options);
    if (status) return *status;
    coupond::LogError(status.error());
  } catch (const std::exception& error) {
    spdlog::critical("unexpected: {}", coupond::DescribeEnd(error));
  }
  return EXIT_FAILURE;
}
