#ifndef COUPOND_PROGRAM_OPTIONS_H_
#define COUPOND_PROGRAM_OPTIONS_H_

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
class Option;
}  // namespace CLI

/// Options whose values are numbers. Use these rather than CLI11's own, which read 0100 as 64 and
/// 0x10 as 16 and check no range. The range becomes part of the help.
namespace coupond {

/// The default name of an integer's value in the help.
inline constexpr const char* kNumberType = "N";

/// The least and the greatest value, both allowed.
template <typename T>
struct OptionRange {
  T min;
  T max;
};

/// Adds an option that takes a whole number in decimal digits (see base/decimal_text.h) and hands
/// it to `set`. Use ->default_str() if there is a default.
CLI::Option* AddInteger(CLI::App& app, const std::string& name, OptionRange<std::uint64_t> range,
                        const std::string& description,
                        const std::function<void(std::uint64_t)>& set);

/// Adds an option that stores a whole number in `value`, which must outlive `app`. Its present
/// value is the default.
template <std::integral T>
CLI::Option* AddInteger(CLI::App& app, const std::string& name, T& value, OptionRange<T> range,
                        const std::string& description) {
  const OptionRange<std::uint64_t> unsigned_range{static_cast<std::uint64_t>(range.min),
                                                  static_cast<std::uint64_t>(range.max)};
  return AddInteger(app, name, unsigned_range, description,
                    [&value](std::uint64_t number) { value = static_cast<T>(number); });
}

/// Adds an option that takes a duration (see base/duration_text.h) and hands it to `set`. Use
/// ->default_str() if there is a default.
CLI::Option* AddDuration(CLI::App& app, const std::string& name,
                         OptionRange<std::chrono::nanoseconds> range,
                         const std::string& description,
                         const std::function<void(std::chrono::nanoseconds)>& set);

/// The shortest duration for options where 0 would make no sense.
inline constexpr std::chrono::nanoseconds kDurationMin = std::chrono::milliseconds(1);
/// The longest duration that an option accepts.
inline constexpr std::chrono::nanoseconds kDurationMax = std::chrono::days(36'500);

}  // namespace coupond

#endif  // COUPOND_PROGRAM_OPTIONS_H_
