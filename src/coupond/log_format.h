#ifndef COUPOND_COUPOND_LOG_FORMAT_H_
#define COUPOND_COUPOND_LOG_FORMAT_H_

#include <spdlog/formatter.h>

#include <cstdint>
#include <memory>
#include <string>

#include "api/access_log.h"

/// How log lines are written.
namespace coupond {

enum class LogFormat : std::uint8_t {
  kText,
  /// One JSON object in a line: time, level, msg, component, then what belongs to the line.
  kJson,
};

/// The name of the logger whose lines have been written by FormatAccess. Every other logger's name
/// is the component that its lines come from.
inline constexpr const char* kAccessLogger = "request";

[[nodiscard]] std::unique_ptr<spdlog::formatter> MakeLogFormatter(LogFormat format);

/// Returns what a line of kAccessLogger says, for the formatter of that format.
[[nodiscard]] std::string FormatAccess(LogFormat format, const api::AccessLogEntry& entry);

}  // namespace coupond

#endif  // COUPOND_COUPOND_LOG_FORMAT_H_
