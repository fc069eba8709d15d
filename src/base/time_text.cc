#include "base/time_text.h"

#include <chrono>
#include <utility>

#include "base/ascii.h"
#include "base/check.h"
#include "base/display_text.h"
#include "base/error.h"

namespace coupond {
namespace {

constexpr std::int64_t kSecondsMin = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kSecondsMax = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int32_t kNanosecondsMax = 999'999'999;

constexpr std::string_view kWrongForm = "is not an RFC 3339 time such as 2026-12-01T10:00:00+09:00";

/// Reads a text from left to right. Every function removes what it reads from the front. An error
/// completes a sentence that begins with the whole text.
class Parser {
 public:
  template <typename T>
  using Read = std::expected<T, std::string_view>;

  explicit Parser(std::string_view text) : rest_(text) {}

  Read<UtcTime> ReadAll() {
    const std::int64_t day = TRY(ReadDate());
    if (!Take("Tt")) return std::unexpected(kWrongForm);
    const std::int64_t second = TRY(ReadTimeOfDay());
    const auto nanoseconds = TakeFraction(rest_);
    if (!nanoseconds) return std::unexpected("must have 1 to 9 digits after its point");
    if (rest_.empty()) {
      return std::unexpected(
          "has no offset from UTC; append Z for UTC, or an offset such as +09:00");
    }
    const std::int64_t offset = TRY(ReadOffset());
    if (!rest_.empty()) return std::unexpected(kWrongForm);
    const UtcTime time{.seconds = day + second - offset, .nanoseconds = *nanoseconds};
    if (!IsWritable(time)) return std::unexpected("is outside the years 0001 to 9999");
    return time;
  }

 private:
  /// Removes one character if it is one of `choices`.
  bool Take(std::string_view choices) {
    if (rest_.empty() || !choices.contains(rest_.front())) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Reads "2026-12-01", as seconds since 1970.
  Read<std::int64_t> ReadDate() {
    const auto year = TakeDigits(rest_, 4);
    if (!year || !Take("-")) return std::unexpected(kWrongForm);
    const auto month = TakeDigits(rest_, 2);
    if (!month || !Take("-")) return std::unexpected(kWrongForm);
    const auto day = TakeDigits(rest_, 2);
    if (!day) return std::unexpected(kWrongForm);
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::unexpected("names a day that is not in the calendar");
    return std::chrono::sys_days(date).time_since_epoch().count() * kSecondsPerDay;
  }

  /// Reads "10:00:00", as seconds of the day.
  Read<std::int64_t> ReadTimeOfDay() {
    const auto hour = TakeDigits(rest_, 2);
    if (!hour || !Take(":")) return std::unexpected(kWrongForm);
    const auto minute = TakeDigits(rest_, 2);
    if (!minute || !Take(":")) return std::unexpected(kWrongForm);
    const auto second = TakeDigits(rest_, 2);
    if (!second) return std::unexpected(kWrongForm);
    if (*hour > 23) return std::unexpected("has an hour above 23");
    if (*minute > 59) return std::unexpected("has a minute above 59");
    if (*second == 60) {
      return std::unexpected("is a leap second, which Unix time does not have; use second 59");
    }
    if (*second > 59) return std::unexpected("has a second above 59");
    return (*hour * 60 + *minute) * 60 + *second;
  }

  /// Reads "Z" or "+09:00", as seconds east of UTC.
  Read<std::int64_t> ReadOffset() {
    if (Take("Zz")) return 0;
    const bool west = rest_.starts_with('-');
    if (!Take("+-")) return std::unexpected(kWrongForm);
    const auto hour = TakeDigits(rest_, 2);
    if (!hour || !Take(":")) return std::unexpected(kWrongForm);
    const auto minute = TakeDigits(rest_, 2);
    if (!minute) return std::unexpected(kWrongForm);
    if (*hour > 23 || *minute > 59) return std::unexpected("has an offset above 23:59");
    const std::int64_t seconds = (*hour * 60 + *minute) * 60;
    return west ? -seconds : seconds;
  }

  std::string_view rest_;
};

}  // namespace

UtcTime FromUnixNanoseconds(std::int64_t nanoseconds) {
  // Counted without std::chrono::floor, whose seconds overflow as nanoseconds at the earliest
  // times.
  constexpr std::int64_t kPerSecond = kNanosecondsMax + 1;
  const bool is_part_before = nanoseconds % kPerSecond < 0;
  return {.seconds = nanoseconds / kPerSecond - (is_part_before ? 1 : 0),
          .nanoseconds = static_cast<std::int32_t>(nanoseconds % kPerSecond +
                                                   (is_part_before ? kPerSecond : 0))};
}

bool IsWritable(UtcTime time) {
  return time.seconds >= kSecondsMin && time.seconds <= kSecondsMax && time.nanoseconds >= 0 &&
         time.nanoseconds <= kNanosecondsMax;
}

std::expected<UtcTime, std::string> ParseTime(std::string_view text) {
  const auto time = Parser(text).ReadAll();
  if (!time) return std::unexpected(Quoted(text) + " " + std::string(time.error()));
  return *time;
}

void AppendTime(UtcTime time, std::string& out) {
  COUPOND_CHECK(IsWritable(time));
  const std::chrono::sys_seconds seconds{std::chrono::seconds(time.seconds)};
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
  AppendFraction(time.nanoseconds, out);
  out.push_back('Z');
}

std::string FormatTime(UtcTime time) {
  std::string text;
  AppendTime(time, text);
  return text;
}

}  // namespace coupond
