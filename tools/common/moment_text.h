#ifndef COUPOND_TOOLS_COMMON_MOMENT_TEXT_H_
#define COUPOND_TOOLS_COMMON_MOMENT_TEXT_H_

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

#include "engine/rules/timestamp.h"

namespace google::protobuf {
class Duration;
class Timestamp;
}  // namespace google::protobuf

/// Moments as people and messages write them (RFC 3339 and google.protobuf.Timestamp).
namespace coupond::tools {

/// "2026-12-01T10:00:00+09:00", any offset, up to nanoseconds. The error says what is wrong in
/// words for the person who typed it.
[[nodiscard]] std::expected<Timestamp, std::string> ParseMoment(std::string_view text);

/// In UTC with a Z, with as many decimals as the moment has (0, 3, 6 or 9).
[[nodiscard]] std::string FormatMoment(Timestamp moment);

/// What lies outside the years that Timestamp can hold becomes its first or last moment.
[[nodiscard]] Timestamp FromMessage(const google::protobuf::Timestamp& message);
[[nodiscard]] google::protobuf::Timestamp ToMessage(Timestamp moment);
[[nodiscard]] google::protobuf::Duration ToMessage(std::chrono::nanoseconds duration);

}  // namespace coupond::tools

#endif  // COUPOND_TOOLS_COMMON_MOMENT_TEXT_H_
