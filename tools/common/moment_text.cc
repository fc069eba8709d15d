#include "common/moment_text.h"

#include <fmt/format.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace coupond::ctl {
namespace {

using google::protobuf::util::TimeUtil;

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
// One second of room, so that adding the nanoseconds cannot overflow.
constexpr std::int64_t kSecondsMax =
    std::numeric_limits<std::int64_t>::max() / kNanosecondsPerSecond - 1;

/// Takes what looks like `form` off the text: a '0' in it is any digit.
bool Take(std::string_view& text, std::string_view form) {
  if (text.size() < form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool fits = form[i] == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i];
    if (!fits) return false;
  }
  text.remove_prefix(form.size());
  return true;
}

/// Reports whether it is written as RFC 3339 has it. TimeUtil also takes 2026-1-1T0:0:0+9:0.
bool IsWellFormed(std::string_view text) {
  if (!Take(text, "0000-00-00T00:00:00")) return false;
  if (Take(text, ".")) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits < 1 || digits > 9) return false;
    text.remove_prefix(digits);
  }
  return text == "Z" || ((Take(text, "+00:00") || Take(text, "-00:00")) && text.empty());
}

}  // namespace

std::expected<Timestamp, std::string> ParseMoment(std::string_view text) {
  google::protobuf::Timestamp message;
  if (!IsWellFormed(text) || !TimeUtil::FromString(std::string(text), &message)) {
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
