#include "program/process_environment.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <initializer_list>
#include <string>
#include <vector>

#include "program/stop_signals.h"

namespace coupond {
namespace {

bool IsDevNull(int descriptor) {
  struct stat given{};
  struct stat null{};
  return ::fstat(descriptor, &given) == 0 && ::stat("/dev/null", &null) == 0 &&
         given.st_rdev == null.st_rdev && S_ISCHR(given.st_mode);
}

/// Runs the check in a process of its own; returns whether it held.
template <typename Check>
bool HoldsInChild(Check check) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(check() ? 0 : 1);
  int status = -1;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

TEST(PrepareProcess, OpensClosedStandardDescriptorsOnDevNull) {
  for (const std::initializer_list<int> closed :
       {std::initializer_list<int>{0}, {1}, {2}, {0, 2}, {0, 1, 2}}) {
    EXPECT_TRUE(HoldsInChild([&closed] {
      for (const int descriptor : closed) ::close(descriptor);
      if (!PrepareProcess()) return false;
      for (const int descriptor : closed) {
        if (!IsDevNull(descriptor)) return false;
      }
      return true;
    }));
  }
}

TEST(PrepareProcess, LeavesOpenDescriptorsAlone) {
  EXPECT_TRUE(HoldsInChild([] {
    const int file = ::open("/dev/full", O_RDWR);
    for (const int descriptor : {0, 1, 2}) ::dup2(file, descriptor);
    if (!PrepareProcess()) return false;
    return !IsDevNull(0) && !IsDevNull(1) && !IsDevNull(2);
  }));
}

TEST(PrepareProcess, AClosedStandardOutputCannotBeWritten) {
  EXPECT_TRUE(HoldsInChild([] {
    ::close(STDOUT_FILENO);
    return PrepareProcess() && ::write(STDOUT_FILENO, "x", 1) < 0 && errno == EBADF;
  }));
}

TEST(PrepareProcess, WritingToAPipeWithoutReaderIsAnError) {
  EXPECT_TRUE(HoldsInChild([] {
    int ends[2];
    if (!PrepareProcess() || ::pipe(ends) != 0) return false;
    ::close(ends[0]);
    return ::write(ends[1], "x", 1) < 0 && errno == EPIPE;
  }));
}

TEST(PrepareProcess, ResetsTheParentsSignalMaskAndUmask) {
  EXPECT_TRUE(HoldsInChild([] {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
    ::umask(0);
    if (!PrepareProcess()) return false;
    sigset_t blocked;
    sigprocmask(SIG_SETMASK, nullptr, &blocked);
    return sigismember(&blocked, SIGTERM) == 0 && ::umask(0) == 077;
  }));
}

TEST(StopSignals, AreWaitedForWhileOthersAreIgnoredWithALine) {
  EXPECT_TRUE(HoldsInChild([] {
    std::vector<std::string> lines;
    const StopSignals signals([&lines](const std::string& line) { lines.push_back(line); });
    if (signals.WaitFor(std::chrono::milliseconds(1)) || signals.pending()) return false;
    ::kill(::getpid(), SIGHUP);
    if (signals.pending() || signals.WaitFor(std::chrono::milliseconds(1))) return false;
    if (lines.size() != 1 || !lines[0].starts_with("SIGHUP ignored")) return false;
    StopSignals::Raise();
    if (!signals.pending() || !signals.WaitFor(std::chrono::hours(1))) return false;
    ::kill(::getpid(), SIGQUIT);
    signals.Wait();
    return !signals.pending();
  }));
}

}  // namespace
}  // namespace coupond
