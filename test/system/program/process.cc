#include "system/program/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <system_error>

namespace coupond::test {
namespace {

constexpr int kExitNotExecuted = 127;

[[noreturn]] void ThrowErrno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// The child's side of fork. The parent may have threads, so only what is safe in a signal handler
/// may be called here.
[[noreturn]] void Execute(char* const* words, pid_t parent, int output) {
  // The signal comes when the parent's thread ends. The parent may have ended before this call.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kExitNotExecuted);
  const int input = ::open("/dev/null", O_RDONLY);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execv(words[0], words);
  ::_exit(kExitNotExecuted);
}

}  // namespace

std::vector<std::string> InShell(const std::string& before, const std::vector<std::string>& command,
                                 const std::string& redirections) {
  std::vector<std::string> words = {"/bin/sh", "-c",
                                    before + " && exec \"$0\" \"$@\" " + redirections};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

Process::Process(const std::vector<std::string>& command) {
  std::vector<std::string> words = command;
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  std::array<int, 2> pipe_ends{};
  if (::pipe2(pipe_ends.data(), O_CLOEXEC) != 0) ThrowErrno("pipe2");
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) Execute(pointers.data(), parent, pipe_ends[1]);
  ::close(pipe_ends[1]);
  output_pipe_ = pipe_ends[0];
  if (pid_ < 0) {
    ::close(output_pipe_);
    ThrowErrno("fork");
  }
  reader_ = std::thread([this] { ReadOutput(); });
}

Process::~Process() {
  if (!status_) {
    Signal(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (reader_.joinable()) reader_.join();
  ::close(output_pipe_);
}

void Process::Signal(int signal) const {
  if (!status_) ::kill(pid_, signal);
}

void Process::ReadOutput() {
  std::array<char, 4096> piece;
  while (true) {
    const ssize_t count = ::read(output_pipe_, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    const std::lock_guard lock(mutex_);
    output_ended_ = count <= 0;
    if (count > 0) output_.append(piece.data(), static_cast<std::size_t>(count));
    changed_.notify_all();
    if (output_ended_) return;
  }
}

std::optional<std::string> Process::WaitForLine(std::string_view text,
                                                std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  std::optional<std::string> line;
  changed_.wait_for(lock, patience, [&] {
    const std::size_t found = output_.find(text);
    const std::size_t end = found == std::string::npos ? found : output_.find('\n', found);
    if (end == std::string::npos) return output_ended_;
    const std::size_t before = output_.rfind('\n', found);
    const std::size_t begin = before == std::string::npos ? 0 : before + 1;
    line = output_.substr(begin, end - begin);
    return true;
  });
  return line;
}

bool Process::WaitForText(std::string_view text, int times,
                          std::chrono::milliseconds patience) const {
  const auto has_it = [&] {
    int found = 0;
    std::size_t at = output_.find(text);
    for (; at != std::string::npos && found < times; at = output_.find(text, at + 1)) ++found;
    return found == times;
  };
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return output_ended_ || has_it(); });
  return has_it();
}

std::optional<int> Process::WaitForExit(std::chrono::milliseconds patience) {
  if (status_) return status_;
  // The header of glibc 2.36 that declares pidfd_open cannot be used from C++.
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (process < 0) ThrowErrno("pidfd_open");
  pollfd ended{.fd = process, .events = POLLIN, .revents = 0};
  const int count = ::poll(&ended, 1, static_cast<int>(patience.count()));
  ::close(process);
  if (count <= 0) return std::nullopt;

  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) ThrowErrno("waitpid");
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  reader_.join();
  return status_;
}

std::string Process::output() const {
  const std::lock_guard lock(mutex_);
  return output_;
}

}  // namespace coupond::test
