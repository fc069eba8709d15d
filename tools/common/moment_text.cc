#include "common/moment_text.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include <cstdint>
#include <limits>

#include "base/display_text.h"
#include "base/error.h"
#include "base/time_text.h"

namespace coupond::tools {
namespace {

using google::protobuf::util::TimeUtil;

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
/// One second less than the maximum, so that adding the nanoseconds cannot overflow.
constexpr std::int64_t kSecondsMax =
    std::numeric_limits<std::int64_t>::max() / kNanosecondsPerSecond - 1;

}  // namespace

std::expected<Timestamp, std::string> ParseMoment(std::string_view text) {
  const UtcTime time = TRY(ParseTime(text));
  if (time.seconds > kSecondsMax || time.seconds < -kSecondsMax) {
    return std::unexpected(Quoted(text) + " is not between the years 1678 and 2261");
  }
  return Timestamp::FromUnixNanoseconds(time.seconds * kNanosecondsPerSecond + time.nanoseconds);
}

std::string FormatMoment(Timestamp moment) {
  return FormatTime(FromUnixNanoseconds(moment.unix_nanoseconds()));
}

std::string FormatSeconds(std::chrono::nanoseconds duration) {
  return TimeUtil::ToString(ToMessage(duration));
}

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

}  // namespace coupond::tools
