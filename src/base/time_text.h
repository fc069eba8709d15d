#ifndef COUPOND_BASE_TIME_TEXT_H_
#define COUPOND_BASE_TIME_TEXT_H_

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

/// Moments as text: RFC 3339, in one grammar for the server, its clients and the tools.
namespace coupond {

/// A moment in UTC, to the nanosecond.
struct UtcTime {
  std::int64_t seconds = 0;      ///< since 1970-01-01T00:00:00Z; negative before it
  std::int32_t nanoseconds = 0;  ///< 0 to 999,999,999, counted forward even before 1970

  friend bool operator==(const UtcTime&, const UtcTime&) = default;
};

/// Returns the moment that many nanoseconds after 1970-01-01T00:00:00Z, or before it. All of them
/// are writable.
[[nodiscard]] UtcTime FromUnixNanoseconds(std::int64_t nanoseconds);

/// Reports whether the moment can be written: it is in the years 0001 to 9999, and its nanoseconds
/// are in range.
[[nodiscard]] bool IsWritable(UtcTime time);

/// Reads "2026-12-01T10:00:00.5+09:00": any offset, 0 to 9 digits of a second, T and Z in either
/// case. A leap second (":60") is refused, because Unix time has no place for it. The error is a
/// message for the person who wrote the text: it quotes the text and says what is wrong.
[[nodiscard]] std::expected<UtcTime, std::string> ParseTime(std::string_view text);

/// Appends "2026-12-01T01:00:00.500Z": always UTC, with 0, 3, 6 or 9 digits of a second. The moment
/// must be writable.
void AppendTime(UtcTime time, std::string& out);

/// Returns what AppendTime appends.
[[nodiscard]] std::string FormatTime(UtcTime time);

}  // namespace coupond

#endif  // COUPOND_BASE_TIME_TEXT_H_
