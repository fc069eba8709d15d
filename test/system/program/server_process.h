#ifndef COUPOND_TEST_SYSTEM_PROGRAM_SERVER_PROCESS_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_SERVER_PROCESS_H_

#include <sys/types.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/temporary_directory.h"
#include "system/program/process.h"

namespace coupond::test {

/// A program that ran to its end.
struct Ran {
  int exit_status = 0;  ///< minus the number of the signal that ended it, if one did
  std::string output;   ///< standard output and error
};

/// Runs coupond with these flags and nothing else, until it ends; throws if it does not.
[[nodiscard]] Ran RunServerProgram(const std::vector<std::string>& flags);

/// The real coupond on a free port of 127.0.0.1, or where its flags say, with a data directory of
/// its own that outlives its restarts.
///
/// Belongs to one thread. A server that does not become ready throws with its output, which fails
/// the test.
class ServerProcess {
 public:
  /// Starts the server.
  explicit ServerProcess(std::vector<std::string> more_flags = {});
  /// Does the same with a data directory that the caller owns.
  ServerProcess(std::filesystem::path data_directory, std::vector<std::string> more_flags);

  /// Starts it again after Kill or Stop, and waits until it is ready. Port 0 means a free one.
  void Start(std::uint16_t port = 0);
  /// Sends SIGKILL and waits for the end.
  void Kill();
  /// Sends SIGTERM. Returns the exit status, or nullopt if it still ran after `patience`.
  [[nodiscard]] std::optional<int> Stop(
      std::chrono::milliseconds patience = std::chrono::seconds(60));
  /// Sends SIGTERM without waiting.
  void BeginStop() { process_->Signal(SIGTERM); }
  [[nodiscard]] Process& process() { return *process_; }

  /// 0 if its flags let it listen on a socket of the Unix domain.
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t pid() const { return process_->pid(); }
  [[nodiscard]] const std::filesystem::path& data_directory() const { return data_directory_; }
  /// Returns the output of the current or last run.
  [[nodiscard]] std::string output() const { return process_->output(); }
  /// Waits up to a minute until the log of the current run has the text that many times.
  [[nodiscard]] bool WaitForLog(std::string_view text, int times = 1) const;
  /// Returns the server's current resident set.
  [[nodiscard]] std::size_t ResidentBytes() const;
  /// Returns the number of open sockets.
  [[nodiscard]] std::size_t OpenSockets() const;

 private:
  TemporaryDirectory directory_;
  std::filesystem::path data_directory_;
  std::vector<std::string> more_flags_;
  std::optional<Process> process_;
  std::uint16_t port_ = 0;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_SERVER_PROCESS_H_
