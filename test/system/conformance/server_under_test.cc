// The server that the runner of the Connect conformance suite starts: reads from stdin what kind of
// server is wanted, writes its address to stdout, and serves until SIGTERM.

#include <connectrpc/conformance/v1/server_compat.pb.h>
#include <pthread.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

#include "rpc/connect/error.h"
#include "rpc/http/server.h"
#include "system/conformance/conformance_service.h"
#include "system/conformance/sized_message.h"

namespace coupond::conformance {
namespace {

namespace suite = connectrpc::conformance::v1;

constexpr int kExitFailed = 1;
constexpr std::chrono::seconds kDrainTime{3};
/// The limit if the runner sets none.
constexpr std::size_t kMessageBytesMax = std::size_t{16} * 1024 * 1024;

int Fail(const std::string& message) {
  std::fprintf(stderr, "conformance_server: %s\n", message.c_str());
  return kExitFailed;
}

connect::MethodLimits MethodLimitsFor(const suite::ServerCompatRequest& wanted) {
  const std::size_t limit = wanted.message_receive_limit();
  // The suite expects even short answers to be compressed.
  return {.message_bytes_max = limit > 0 ? limit : kMessageBytesMax, .compress_bytes_min = 0};
}

/// A message that is too large must reach its method, which refuses it in the call's protocol. In
/// JSON, bytes take a third more space.
http::Limits HttpLimitsFor(const connect::MethodLimits& limits) {
  http::Limits http_limits;
  http_limits.request_body_bytes_max = 4 * limits.message_bytes_max;
  return http_limits;
}

int Serve() {
  // Blocked in all threads, so that only sigwait receives it.
  sigset_t stop_signals{};
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);

  suite::ServerCompatRequest wanted;
  if (!ReadSized(std::cin, wanted)) return Fail("no ServerCompatRequest on stdin");
  const connect::MethodLimits limits = MethodLimitsFor(wanted);
  http::Server server(
      {.port = 0,
       .limits = HttpLimitsFor(limits),
       .error_format = connect::ServerErrorResponse,
       .log = Fail},
      [&limits](http::Executor& executor) { return MakeConformanceService(executor, limits); });
  if (const auto started = server.Start(); !started) return Fail(started.error().message);

  suite::ServerCompatResponse ready;
  ready.set_host("127.0.0.1");
  ready.set_port(server.port());
  if (!WriteSized(ready, std::cout)) return Fail("cannot write to stdout");

  int signal = 0;
  sigwait(&stop_signals, &signal);
  server.Join(std::chrono::steady_clock::now() + kDrainTime);
  return 0;
}

}  // namespace
}  // namespace coupond::conformance

int main() { return coupond::conformance::Serve(); }
