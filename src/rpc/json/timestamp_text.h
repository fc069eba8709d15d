#ifndef COUPOND_RPC_JSON_TIMESTAMP_TEXT_H_
#define COUPOND_RPC_JSON_TIMESTAMP_TEXT_H_

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

/// A moment as RFC 3339 text, with the range and precision of google.protobuf.Timestamp: years 0001
/// to 9999 in UTC, nanoseconds.
namespace coupond::connect {

struct TimestampParts {
  std::int64_t seconds = 0;  ///< since 1970-01-01T00:00:00Z; negative before it
  std::int32_t nanos = 0;    ///< 0 … 999,999,999, counted forward also before 1970

  friend bool operator==(const TimestampParts&, const TimestampParts&) = default;
};

/// Reads "2026-12-01T10:00:00.5+09:00": any offset, 0 to 9 digits of a second, T and Z in either
/// case. A leap second (":60") is refused, because Unix time has no place for it. The error says
/// what would be right.
[[nodiscard]] std::expected<TimestampParts, std::string> ParseTimestamp(std::string_view text);

/// Appends "2026-12-01T01:00:00.500Z", with 0, 3, 6 or 9 digits of a second. False, with nothing
/// appended, if the moment is out of range.
[[nodiscard]] bool AppendTimestamp(TimestampParts moment, std::string& out);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_TIMESTAMP_TEXT_H_
