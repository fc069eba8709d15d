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

/// The component of lines that belong to no other.
constexpr const char* kServerLogger = "server";
constexpr std::array<const char*, 8> kComponents{kAccessLogger, "access",   "backup", "events",
                                                 "http",        "protobuf", "store",  "tls"};

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

void SetUpLogging(const std::string& level, LogFormat format) {
  const bool colour = format == LogFormat::kText && MayColor(STDERR_FILENO);
  const auto sink = std::make_shared<StandardErrorSink>(colour);
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(kServerLogger, sink));
  for (const char* component : kComponents) {
    spdlog::register_logger(std::make_shared<spdlog::logger>(component, sink));
  }
  spdlog::set_formatter(MakeLogFormatter(format));
  spdlog::set_level(spdlog::level::from_str(level));
  // An error of logging itself cannot be reported: standard error is what failed.
  spdlog::set_error_handler([](const std::string&) {});
  // protobuf logs a line for each string from a client that is not UTF-8. The client's answer
  // already says so.
  google::protobuf::SetLogHandler(
      [](google::protobuf::LogLevel, const char*, int, const std::string& line) {
        LoggerOf("protobuf").debug("protobuf: {}", line);
      });
}

spdlog::logger& LoggerOf(const char* component) {
  const auto logger = spdlog::get(component);
  // Registered for the life of the process.
  return logger ? *logger : *spdlog::default_logger_raw();
}

void LogError(const Error& error) {
  spdlog::error("{} ({})", error.message, ErrorCodeName(error.code));
}

void LogError(const Error& error, const char* component) {
  LoggerOf(component).error("{} ({})", error.message, ErrorCodeName(error.code));
}

std::string StandardErrorSink::Formatted(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t formatted;
  formatter_->format(message, formatted);
  return {formatted.data(), formatted.size()};
}

void StandardErrorSink::sink_it_(const spdlog::details::log_msg& message) {
  std::string line = Formatted(message);
  if (colour_ && message.color_range_end > message.color_range_start) {
    line.insert(message.color_range_end, kColourEnd);
    line.insert(message.color_range_start, kColours.at(static_cast<std::size_t>(message.level)));
  }
  if (lost_ > 0) {
    const std::string note =
        std::to_string(lost_) + " log lines before this one could not be written";
    if (Write(Formatted({kServerLogger, spdlog::level::warn, note}))) lost_ = 0;
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
