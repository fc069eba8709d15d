#include "api/time_mapping.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

#include "base/time_text.h"

namespace coupond::api {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
/// Leaves one second of room, so that adding nanoseconds cannot overflow.
constexpr std::int64_t kSecondsMax =
    std::numeric_limits<std::int64_t>::max() / kNanosecondsPerSecond - 1;

}  // namespace

std::string FormatTimestamp(Timestamp time) {
  return FormatTime(FromUnixNanoseconds(time.unix_nanoseconds()));
}

Mapped<std::optional<Timestamp>> MapTime(std::string_view field, bool is_set,
                                         const google::protobuf::Timestamp& message) {
  if (!is_set) return std::nullopt;
  if (message.nanos() < 0 || message.nanos() >= kNanosecondsPerSecond) {
    return InvalidField(field, "nanos must be 0 to 999,999,999");
  }
  const std::int64_t seconds = std::clamp(message.seconds(), -kSecondsMax, kSecondsMax);
  return Timestamp::FromUnixNanoseconds(seconds * kNanosecondsPerSecond + message.nanos());
}

Mapped<std::chrono::nanoseconds> MapDuration(std::string_view field,
                                             const google::protobuf::Duration& message) {
  const bool signs_differ = (message.seconds() < 0 && message.nanos() > 0) ||
                            (message.seconds() > 0 && message.nanos() < 0);
  if (std::abs(std::int64_t{message.nanos()}) >= kNanosecondsPerSecond || signs_differ) {
    return InvalidField(field,
                        "nanos must be less than one second and have the same sign as seconds");
  }
  const std::int64_t seconds = std::clamp(message.seconds(), -kSecondsMax, kSecondsMax);
  return std::chrono::nanoseconds(seconds * kNanosecondsPerSecond + message.nanos());
}

}  // namespace coupond::api
