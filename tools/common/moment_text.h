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

/// Moments as text (RFC 3339) and in messages (google.protobuf.Timestamp), and durations.
namespace coupond::tools {

/// Reads "2026-12-01T10:00:00+09:00", with any offset and up to nanoseconds. The error says what is
/// wrong, for the person who typed it.
[[nodiscard]] std::expected<Timestamp, std::string> ParseMoment(std::string_view text);

/// Returns the moment in UTC with a Z, with as many decimals as it needs (0, 3, 6 or 9).
[[nodiscard]] std::string FormatMoment(Timestamp moment);

/// Returns the duration exactly, as the API writes it in JSON: "86400s", "1.500s".
[[nodiscard]] std::string FormatSeconds(std::chrono::nanoseconds duration);

// These convert from and to messages. A time that Timestamp cannot hold becomes its first or last
// moment.

[[nodiscard]] Timestamp FromMessage(const google::protobuf::Timestamp& message);
[[nodiscard]] google::protobuf::Timestamp ToMessage(Timestamp moment);
[[nodiscard]] google::protobuf::Duration ToMessage(std::chrono::nanoseconds duration);

}  // namespace coupond::tools

#endif  // COUPOND_TOOLS_COMMON_MOMENT_TEXT_H_
