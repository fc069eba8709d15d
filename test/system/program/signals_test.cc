#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/types.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "system/program/http_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

namespace coupond::test {
namespace {

constexpr std::chrono::seconds kPatience{60};

bool Serves(const ServerProcess& server) {
  HttpClient http(server.port());
  const auto reply = http.Ask("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return reply && reply->status == 200;
}

enum class Effect {
  kEndsIt,   // cleanly
  kNothing,  // but a line in the log
  kSilent,   // ignored without a line, as by default
  kDefault,  // of the system: cannot be caught, stops the process, or reports a fault
};

Effect EffectOf(int signal) {
  switch (signal) {
    case SIGTERM:
    case SIGINT:
    case SIGQUIT:
    case SIGPWR:
    case SIGXCPU:
      return Effect::kEndsIt;
    case SIGPIPE:
    case SIGXFSZ:
    case SIGCHLD:
    case SIGCONT:
    case SIGURG:
    case SIGWINCH:
      return Effect::kSilent;
    case SIGKILL:
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
    case SIGSEGV:
    case SIGSYS:
    case SIGTRAP:
      return Effect::kDefault;
    default:
      // The signals between these and SIGRTMIN belong to the C library.
      return signal <= SIGSYS || signal >= SIGRTMIN ? Effect::kNothing : Effect::kDefault;
  }
}

std::vector<int> SignalsThat(Effect effect) {
  std::vector<int> signals;
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    if (EffectOf(signal) == effect) signals.push_back(signal);
  }
  return signals;
}

TEST(Signals, StopSignalsEndTheServerCleanly) {
  for (const int signal : SignalsThat(Effect::kEndsIt)) {
    ServerProcess server;
    server.process().Signal(signal);
    EXPECT_EQ(server.process().WaitForExit(kPatience), 0) << signal << server.output();
    EXPECT_THAT(server.output(), testing::HasSubstr("everything is on disk")) << signal;
  }
}

TEST(Signals, AllOthersAreIgnoredWithALine) {
  ServerProcess server;
  for (const int signal : SignalsThat(Effect::kSilent)) server.process().Signal(signal);
  for (const int signal : SignalsThat(Effect::kNothing)) server.process().Signal(signal);
  for (const int signal : SignalsThat(Effect::kNothing)) {
    const char* const name = sigabbrev_np(signal);
    const std::string line = name == nullptr
                                 ? "SIGRTMIN+" + std::to_string(signal - SIGRTMIN) + " ignored"
                                 : std::string("SIG") + name + " ignored";
    EXPECT_TRUE(server.process().WaitForLine(line, kPatience)) << line << server.output();
  }
  EXPECT_TRUE(server.process().WaitForLine("nothing to reload", kPatience)) << server.output();
  EXPECT_TRUE(Serves(server));
  EXPECT_EQ(server.Stop(), 0) << server.output();
}

/// Reports whether the process ignores the signal, so that it need not be told of it.
bool Ignores(pid_t process, int signal) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("SigIgn:")) continue;
    const std::uint64_t ignored = std::stoull(line.substr(line.find('\t') + 1), nullptr, 16);
    return ((ignored >> (signal - 1)) & 1) != 0;
  }
  return false;
}

TEST(Signals, ChildrenThatItInheritsLeaveNothingBehind) {
  const ServerProcess server;
  EXPECT_TRUE(Ignores(server.pid(), SIGCHLD));
  EXPECT_FALSE(Ignores(server.pid(), SIGTERM));
}

TEST(Signals, TheParentsMaskMakesNoDifference) {
  const TemporaryDirectory directory;
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  Process process(
      InShell("trap '' HUP INT TERM", {COUPOND_PATH, "--listen", "127.0.0.1:0", "--data-dir",
                                       (directory.path() / "data").string()}));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(process.WaitForLine("ready on", kPatience)) << process.output();
  process.Signal(SIGTERM);
  EXPECT_EQ(process.WaitForExit(kPatience), 0) << process.output();
}

}  // namespace
}  // namespace coupond::test
