#include "coupond/logging.h"

#include <google/protobuf/stubs/logging.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "program/standard_streams.h"

namespace coupond {
namespace {

constexpr int kPatienceMs = 100;

/// The colours, indexed by spdlog's levels: trace, debug, info, warning, error, critical, off.
constexpr std::array<std::string_view, 7> kColours = {
    "\x1b[37m",        "\x1b[36m",        "\x1b[32m", "\x1b[33m\x1b[1m",
    "\x1b[31m\x1b[1m", "\x1b[1m\x1b[41m", ""};
constexpr std::string_view kColourEnd = "\x1b[m";

/// Waits up to `timeout_ms`, and reports whether a write of up to PIPE_BUF bytes would return
/// without blocking, possibly with an error.
bool IsReady(int timeout_ms) {
  pollfd standard_error{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  return ::poll(&standard_error, 1, timeout_ms) > 0;
}

}  // namespace

void SetUpLogging(const std::string& level) {
  auto sink = std::make_shared<StandardErrorSink>(MayColor(STDERR_FILENO));
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("coupond", std::move(sink)));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  spdlog::set_level(spdlog::level::from_str(level));
  // An error of logging itself cannot be reported: standard error is what failed.
  spdlog::set_error_handler([](const std::string&) {});
  // protobuf logs a line for each string from a client that is not UTF-8. The client's answer
  // already says so.
  google::protobuf::SetLogHandler(
      [](google::protobuf::LogLevel, const char*, int, const std::string& line) {
        spdlog::debug("protobuf: {}", line);
      });
}

void LogError(const Error& error) {
  spdlog::error("{} ({})", error.message, ErrorCodeName(error.code));
}

void StandardErrorSink::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t formatted;
  formatter_->format(message, formatted);
  std::string line(formatted.data(), formatted.size());
  if (colour_ && message.color_range_end > message.color_range_start) {
    line.insert(message.color_range_end, kColourEnd);
    line.insert(message.color_range_start, kColours.at(static_cast<std::size_t>(message.level)));
  }
  if (lost_ > 0) {
    const std::string note =
        std::to_string(lost_) + " log lines before this one could not be written\n";
    if (Write(note)) lost_ = 0;
  }
  if (!Write(std::move(line))) ++lost_;
}

bool StandardErrorSink::Write(std::string line) {
  blocked_ = !IsReady(blocked_ ? 0 : kPatienceMs);
  if (blocked_) return false;
  if (line.size() > PIPE_BUF) line.replace(PIPE_BUF - 1, std::string::npos, "\n");
  return ::write(STDERR_FILENO, line.data(), line.size()) > 0;
}

}  // namespace coupond
