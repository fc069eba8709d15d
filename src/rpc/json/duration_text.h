#ifndef COUPOND_RPC_JSON_DURATION_TEXT_H_
#define COUPOND_RPC_JSON_DURATION_TEXT_H_

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

/// A length of time as the JSON mapping writes google.protobuf.Duration: "-1.500s".
namespace coupond::connect {

struct DurationParts {
  std::int64_t seconds = 0;  ///< at most 315,576,000,000 either way
  std::int32_t nanos = 0;    ///< less than a second, of the same sign as `seconds`

  friend bool operator==(const DurationParts&, const DurationParts&) = default;
};

/// Reads seconds with 0 to 9 digits after the point and an "s" behind. The error says what would be
/// right.
[[nodiscard]] std::expected<DurationParts, std::string> ParseDuration(std::string_view text);

/// Appends it with 0, 3, 6 or 9 digits after the point. False, with nothing appended, if it is out
/// of range or the signs differ.
[[nodiscard]] bool AppendDuration(DurationParts duration, std::string& out);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_DURATION_TEXT_H_
