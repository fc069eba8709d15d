#ifndef COUPOND_PROGRAM_OPTIONS_H_
#define COUPOND_PROGRAM_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

/// Options whose values are numbers. Use these rather than CLI11's own, which take 0100 for 64 and
/// 0x10 for 16 and know no range. The range becomes part of the help.
namespace coupond {

/// What help calls the value of AddInteger, unless it is called something else.
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

/// The same, into `value`, which must outlive `app`. Its present value is the default.
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

/// The shortest wait that an option can ask for where waiting not at all would make no sense.
inline constexpr std::chrono::nanoseconds kDurationMin = std::chrono::milliseconds(1);
/// The longest duration that can be written.
inline constexpr std::chrono::nanoseconds kDurationMax = std::chrono::days(36'500);

}  // namespace coupond

#endif  // COUPOND_PROGRAM_OPTIONS_H_
