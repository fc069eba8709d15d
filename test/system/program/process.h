#ifndef COUPOND_TEST_SYSTEM_PROGRAM_PROCESS_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace coupond::test {

/// The command run by a shell that does `before` first, such as "ulimit -n 300" or "trap '' TERM",
/// and gives the program these redirections, such as "2>&-".
[[nodiscard]] std::vector<std::string> InShell(const std::string& before,
                                               const std::vector<std::string>& command,
                                               const std::string& redirections = "");

/// A running program and what it has written to its standard output and error, taken together.
///
/// Starts with construction and never outlives this object, nor the thread that made it. One thread
/// uses it. What cannot be done at all, such as forking, throws std::system_error, which fails the
/// test.
class Process {
 public:
  /// Starts a process. The first word is the program's path. Standard input is empty.
  explicit Process(const std::vector<std::string>& command);
  /// Kills the process if it is still running.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void Signal(int signal) const;

  /// Returns the first line that contains `text`, or nullopt if the output ended or the time passed
  /// without one.
  [[nodiscard]] std::optional<std::string> WaitForLine(std::string_view text,
                                                       std::chrono::milliseconds patience);
  /// Reports whether the output has the text that many times, at the latest when it ends or the
  /// time has passed.
  [[nodiscard]] bool WaitForText(std::string_view text, int times,
                                 std::chrono::milliseconds patience) const;
  /// Returns the exit status, or minus the number of the signal that ended the process; nullopt if
  /// it is still running when the time has passed. Afterwards the output is complete.
  [[nodiscard]] std::optional<int> WaitForExit(std::chrono::milliseconds patience);

  /// Returns the output so far.
  [[nodiscard]] std::string output() const;

 private:
  void ReadOutput();

  pid_t pid_ = -1;
  int output_pipe_ = -1;
  std::optional<int> status_;  // set by Wait
  std::thread reader_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::string output_;         // guarded by mutex_
  bool output_ended_ = false;  // guarded by mutex_
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_PROCESS_H_
