#ifndef COUPOND_COUPOND_LOGGING_H_
#define COUPOND_COUPOND_LOGGING_H_

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <cstdint>
#include <mutex>
#include <string>

#include "base/error.h"
#include "coupond/log_format.h"

/// The server's log: lines on standard error.
namespace coupond {

/// Directs spdlog's default logger, the loggers of the components, and protobuf's log, to standard
/// error. `level` is one that spdlog knows. Call once, before any thread is started.
void SetUpLogging(const std::string& level, LogFormat format);

/// Returns the logger of a component: "store", "access", "http", … Its lines differ from those of
/// the default logger only in JSON.
[[nodiscard]] spdlog::logger& LoggerOf(const char* component);

/// Logs an error with the name of its code.
void LogError(const Error& error);
/// Does the same as a component.
void LogError(const Error& error, const char* component);

/// Writes log lines to standard error, and never blocks the logging thread for longer than 100 ms.
/// If the reader of standard error stalls, drops a line after that time, and the following ones
/// immediately until the reader continues. Also drops a line that cannot be written because the
/// reader is gone or the disk is full. Before the next line that gets through, writes a line that
/// says how many were lost.
///
/// Cuts lines to 4 KiB (PIPE_BUF), which a pipe takes in one piece. Any thread may use it.
class StandardErrorSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  /// Writes the level in colour if `colour` is true.
  explicit StandardErrorSink(bool colour) : colour_(colour) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

 private:
  [[nodiscard]] std::string Formatted(const spdlog::details::log_msg& message);
  /// Writes a line, and returns whether that succeeded.
  bool Write(std::string line);

  const bool colour_;
  std::uint64_t lost_ = 0;
  bool blocked_ = false;  // the last line was dropped because the reader did not read
};

}  // namespace coupond

#endif  // COUPOND_COUPOND_LOGGING_H_
