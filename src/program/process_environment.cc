#include "program/process_environment.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>
#include <new>
#include <string>
#include <system_error>

#include "base/check.h"

namespace coupond {
namespace {

/// Opens the descriptor on /dev/null if it is closed. Those below it must be open already.
bool OpenIfClosed(int descriptor, int mode) {
  if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) return true;
  // Takes the lowest free number, which is this one.
  return ::open("/dev/null", mode) == descriptor;
}

bool OpenStandardDescriptors() {
  if (OpenIfClosed(STDIN_FILENO, O_RDONLY) && OpenIfClosed(STDOUT_FILENO, O_RDONLY) &&
      OpenIfClosed(STDERR_FILENO, O_WRONLY)) {
    return true;
  }
  const std::string line =
      "a standard descriptor is closed and /dev/null cannot be opened in its place: " +
      std::generic_category().message(errno) + "\n";
  static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
  return false;
}

}  // namespace

bool PrepareProcess() {
  if (!OpenStandardDescriptors()) return false;
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  sigset_t none{};
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  ::umask(S_IRWXG | S_IRWXO);
  return true;
}

std::size_t RaiseOpenFileLimit() {
  rlimit limit{};
  COUPOND_CHECK(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const rlim_t soft_before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  // The kernel may allow less than it reports. The limit then stays as it was.
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = soft_before;
  return static_cast<std::size_t>(limit.rlim_cur);
}

void KeepFreedMemory() {
#ifdef M_TRIM_THRESHOLD
  // The greatest that is allowed. glibc adapts it only while no threshold is set.
  constexpr int kMappedApartBytes = 32 * 1024 * 1024;
  static_cast<void>(::mallopt(M_TRIM_THRESHOLD, -1));
  static_cast<void>(::mallopt(M_MMAP_THRESHOLD, kMappedApartBytes));
#endif
}

std::string DescribeEnd(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return "no memory is left; raise the limit (ulimit -v, memory.max)";
  }
  const auto* const system = dynamic_cast<const std::system_error*>(&error);
  if (system != nullptr && system->code() == std::errc::resource_unavailable_try_again) {
    return "no more threads can be started; raise the limit (ulimit -u, TasksMax, pids.max)";
  }
  return error.what();
}

}  // namespace coupond
