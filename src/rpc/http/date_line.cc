#include "rpc/http/date_line.h"

#include <array>
#include <cstdio>

namespace coupond::http {

std::string_view DateText::At(std::time_t time) {
  if (time == written_for_) return text_;
  // Not strftime: the names must be English in every locale.
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&time, &utc);
  std::array<char, 80> text{};
  const int length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                                   kMonths[static_cast<std::size_t>(utc.tm_mon)],
                                   utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  text_.assign(text.data(), static_cast<std::size_t>(length));
  written_for_ = time;
  return text_;
}

}  // namespace coupond::http
