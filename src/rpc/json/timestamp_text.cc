#include "rpc/json/timestamp_text.h"

#include <chrono>
#include <optional>

#include "base/decimal_text.h"
#include "base/display_text.h"

namespace coupond::connect {
namespace {

constexpr std::int64_t kSecondsMin = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kSecondsMax = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr std::int64_t kSecondsPerDay = 86'400;

bool TakeOneOf(std::string_view& text, std::string_view choices) {
  if (text.empty() || choices.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// "2026-12-01", as seconds since 1970.
std::optional<std::int64_t> TakeDate(std::string_view& text) {
  const auto year = TakeDigits(text, 4);
  if (!year || !TakeOneOf(text, "-")) return std::nullopt;
  const auto month = TakeDigits(text, 2);
  if (!month || !TakeOneOf(text, "-")) return std::nullopt;
  const auto day = TakeDigits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kSecondsPerDay;
}

/// "10:00:00", as seconds of the day.
std::optional<std::int64_t> TakeTimeOfDay(std::string_view& text) {
  const auto hour = TakeDigits(text, 2);
  if (!hour || *hour > 23 || !TakeOneOf(text, ":")) return std::nullopt;
  const auto minute = TakeDigits(text, 2);
  if (!minute || *minute > 59 || !TakeOneOf(text, ":")) return std::nullopt;
  const auto second = TakeDigits(text, 2);
  if (!second || *second > 59) return std::nullopt;
  return (*hour * 60 + *minute) * 60 + *second;
}

/// "Z" or "+09:00", as seconds east of UTC.
std::optional<std::int64_t> TakeOffset(std::string_view& text) {
  if (TakeOneOf(text, "Zz")) return 0;
  const bool west = text.starts_with('-');
  if (!TakeOneOf(text, "+-")) return std::nullopt;
  const auto hour = TakeDigits(text, 2);
  if (!hour || *hour > 23 || !TakeOneOf(text, ":")) return std::nullopt;
  const auto minute = TakeDigits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  const std::int64_t seconds = (*hour * 60 + *minute) * 60;
  return west ? -seconds : seconds;
}

std::optional<TimestampParts> TakeTimestamp(std::string_view& text) {
  const auto date = TakeDate(text);
  if (!date || !TakeOneOf(text, "Tt")) return std::nullopt;
  const auto time_of_day = TakeTimeOfDay(text);
  if (!time_of_day) return std::nullopt;
  const auto nanos = TakeFraction(text);
  if (!nanos) return std::nullopt;
  const auto offset = TakeOffset(text);
  if (!offset) return std::nullopt;
  return TimestampParts{*date + *time_of_day - *offset, *nanos};
}

}  // namespace

std::expected<TimestampParts, std::string> ParseTimestamp(std::string_view text) {
  std::string_view rest = text;
  const auto moment = TakeTimestamp(rest);
  if (!moment || !rest.empty()) {
    return std::unexpected(Quoted(text) +
                           " is not an RFC 3339 time such as 2026-12-01T10:00:00+09:00");
  }
  if (moment->seconds < kSecondsMin || moment->seconds > kSecondsMax) {
    return std::unexpected("\"" + std::string(text) + "\" is outside the years 0001 to 9999");
  }
  return *moment;
}

bool AppendTimestamp(TimestampParts moment, std::string& out) {
  if (moment.seconds < kSecondsMin || moment.seconds > kSecondsMax || moment.nanos < 0 ||
      moment.nanos > 999'999'999) {
    return false;
  }
  const std::chrono::sys_seconds seconds{std::chrono::seconds(moment.seconds)};
  const auto midnight = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date{midnight};
  const auto second_of_day = static_cast<std::int32_t>((seconds - midnight).count());
  AppendDigits(static_cast<int>(date.year()), 4, out);
  out.push_back('-');
  AppendDigits(static_cast<std::int32_t>(static_cast<unsigned>(date.month())), 2, out);
  out.push_back('-');
  AppendDigits(static_cast<std::int32_t>(static_cast<unsigned>(date.day())), 2, out);
  out.push_back('T');
  AppendDigits(second_of_day / 3600, 2, out);
  out.push_back(':');
  AppendDigits(second_of_day / 60 % 60, 2, out);
  out.push_back(':');
  AppendDigits(second_of_day % 60, 2, out);
  AppendFraction(moment.nanos, out);
  out.push_back('Z');
  return true;
}

}  // namespace coupond::connect
