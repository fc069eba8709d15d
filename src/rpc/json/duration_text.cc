#include "rpc/json/duration_text.h"

#include <charconv>

#include "base/ascii.h"
#include "base/decimal_text.h"
#include "base/display_text.h"

namespace coupond::connect {
namespace {

constexpr std::int64_t kSecondsMax = 315'576'000'000;  // 10,000 years
constexpr std::int32_t kNanosMax = 999'999'999;

}  // namespace

std::expected<DurationParts, std::string> ParseDuration(std::string_view text) {
  const auto wrong = [&](std::string_view reason) {
    return std::unexpected(Quoted(text) + " " + std::string(reason));
  };
  constexpr std::string_view kWrongForm = "is not a duration such as 1.5s";
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  if (rest.empty() || !IsDigit(rest.front())) return wrong(kWrongForm);
  if (rest.front() == '0' && rest.size() > 1 && IsDigit(rest[1])) {
    return wrong("begins with a zero; write it without");
  }
  DurationParts duration;
  const auto seconds = std::from_chars(rest.data(), rest.data() + rest.size(), duration.seconds);
  const bool overflow = seconds.ec != std::errc();
  rest.remove_prefix(static_cast<std::size_t>(seconds.ptr - rest.data()));
  const auto nanos = TakeFraction(rest);
  if (!nanos || rest != "s") return wrong(kWrongForm);
  duration.nanos = *nanos;
  if (overflow || duration.seconds > kSecondsMax) {
    return wrong("is longer than 315576000000s");
  }
  if (negative) duration = {-duration.seconds, -duration.nanos};
  return duration;
}

bool AppendDuration(DurationParts duration, std::string& out) {
  const bool negative = duration.seconds < 0 || duration.nanos < 0;
  if (negative && (duration.seconds > 0 || duration.nanos > 0)) return false;
  if (duration.seconds < -kSecondsMax || duration.seconds > kSecondsMax ||
      duration.nanos < -kNanosMax || duration.nanos > kNanosMax) {
    return false;
  }
  if (negative) {
    out.push_back('-');
    duration = {-duration.seconds, -duration.nanos};
  }
  out.append(std::to_string(duration.seconds));
  AppendFraction(duration.nanos, out);
  out.push_back('s');
  return true;
}

}  // namespace coupond::connect
