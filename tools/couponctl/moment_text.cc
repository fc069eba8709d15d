#include "couponctl/moment_text.h"

#include <fmt/format.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include <cstdint>
#include <limits>

namespace coupond::ctl {
namespace {

using google::protobuf::util::TimeUtil;

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
// One second of room, so that adding the nanoseconds cannot overflow.
constexpr std::int64_t kSecondsMax =
    std::numeric_limits<std::int64_t>::max() / kNanosecondsPerSecond - 1;

}  // namespace

std::expected<Timestamp, std::string> ParseMoment(std::string_view text) {
  google::protobuf::Timestamp message;
  if (!TimeUtil::FromString(std::string(text), &message)) {
    return std::unexpected(fmt::format(
        "\"{}\" is not a time; write it as 2026-12-01T10:00:00+09:00 or 2026-12-01T01:00:00Z",
        text));
  }
  if (message.seconds() > kSecondsMax || message.seconds() < -kSecondsMax) {
    return std::unexpected(fmt::format("\"{}\" is not between the years 1678 and 2261", text));
  }
  return FromMessage(message);
}

std::string FormatMoment(Timestamp moment) { return TimeUtil::ToString(ToMessage(moment)); }

Timestamp FromMessage(const google::protobuf::Timestamp& message) {
  if (message.seconds() > kSecondsMax) {
    return Timestamp::FromUnixNanoseconds(std::numeric_limits<std::int64_t>::max());
  }
  if (message.seconds() < -kSecondsMax) {
    return Timestamp::FromUnixNanoseconds(std::numeric_limits<std::int64_t>::min());
  }
  return Timestamp::FromUnixNanoseconds(message.seconds() * kNanosecondsPerSecond +
                                        message.nanos());
}

google::protobuf::Timestamp ToMessage(Timestamp moment) {
  return TimeUtil::NanosecondsToTimestamp(moment.unix_nanoseconds());
}

google::protobuf::Duration ToMessage(std::chrono::nanoseconds duration) {
  return TimeUtil::NanosecondsToDuration(duration.count());
}

}  // namespace coupond::ctl
