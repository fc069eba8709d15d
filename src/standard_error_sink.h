#ifndef COUPOND_STANDARD_ERROR_SINK_H_
#define COUPOND_STANDARD_ERROR_SINK_H_

#include <spdlog/sinks/base_sink.h>

#include <cstdint>
#include <mutex>
#include <string>

namespace coupond {

/// Writes log lines to standard error, and never blocks the thread that logs for longer than 100
/// ms. If the reader of standard error stalls, a line is dropped after that time, and the next ones
/// at once until the reader continues. A line that cannot be written, because the reader has gone
/// or the disk is full, is dropped too. Before the next line that gets through, a line says how
/// many were lost.
///
/// Lines are cut to 4 KiB (PIPE_BUF), which a pipe takes in one piece. Any thread.
class StandardErrorSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  /// If `colour`, the level is written in colour.
  explicit StandardErrorSink(bool colour) : colour_(colour) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

 private:
  /// Returns whether the line was written.
  bool Write(std::string line);

  const bool colour_;
  std::uint64_t lost_ = 0;
  bool blocked_ = false;  // the last line was dropped because the reader did not read
};

}  // namespace coupond

#endif  // COUPOND_STANDARD_ERROR_SINK_H_
