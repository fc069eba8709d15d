#ifndef COUPOND_TEST_SYSTEM_PROGRAM_HUNG_THREAD_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_HUNG_THREAD_H_

#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace coupond::test {

/// Returns the thread of a process that has this name, or nullopt if there is none.
[[nodiscard]] inline std::optional<pid_t> ThreadNamed(pid_t process, std::string_view name) {
  const auto tasks = std::filesystem::path("/proc") / std::to_string(process) / "task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    std::ifstream file(task.path() / "comm");
    std::string line;
    if (std::getline(file, line) && line == name) return std::stoi(task.path().filename().string());
  }
  return std::nullopt;
}

/// A thread of another process that goes on only when this object ends, as if its disk hung. The
/// other threads of that process go on. Belongs to the thread that made it.
class HungThread {
 public:
  /// Stops a thread of a child process. Returns null if this machine does not permit that.
  [[nodiscard]] static std::unique_ptr<HungThread> Stop(pid_t thread) {
    if (::ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) != 0) return nullptr;
    std::unique_ptr<HungThread> hung(new HungThread(thread));
    int status = 0;
    const bool stopped = ::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) == 0 &&
                         ::waitpid(thread, &status, __WALL) == thread && WIFSTOPPED(status);
    return stopped ? std::move(hung) : nullptr;
  }
  ~HungThread() { ::ptrace(PTRACE_DETACH, thread_, nullptr, nullptr); }
  HungThread(const HungThread&) = delete;
  HungThread& operator=(const HungThread&) = delete;

 private:
  explicit HungThread(pid_t thread) : thread_(thread) {}

  const pid_t thread_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_HUNG_THREAD_H_
