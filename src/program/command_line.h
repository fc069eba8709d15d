#ifndef COUPOND_PROGRAM_COMMAND_LINE_H_
#define COUPOND_PROGRAM_COMMAND_LINE_H_

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

/// Command lines, read the same way by all three programs. The rules that hold for every option are
/// enforced here, by visiting every option of the program, so that no option can miss them:
///
/// - An empty or blank value is a usage error that names the option: an unset shell variable must
///   not switch a protection off. The same holds for an environment variable that stands for an
///   option, and for a configuration file.
/// - Every value is UTF-8, paths included, because values appear in logs and JSON.
/// - A flag is given without a value, or with true or false.
/// - An option without a value does not take the next option as its value.
/// - Every program has --version.
///
/// Options whose values are numbers or durations are added with AddInteger and AddDuration.
namespace coupond {

/// The exit status after a usage error; part of the programs' interface.
inline constexpr int kExitUsage = 2;

/// Reads the command line into the variables that the options of `app` were declared with. Call it
/// after all options and commands are declared. Returns nullopt if the program is to go on.
/// Otherwise everything has been printed, and the result is the exit status: 0 after --help or
/// --version, kExitUsage, or `output_failed` if the help could not be written. Exceptions of a
/// command's callback pass through.
[[nodiscard]] std::optional<int> ParseCommandLine(CLI::App& app, int argc, const char* const* argv,
                                                  int output_failed);

/// Reports on standard error a usage error of `program` that was found after parsing. `command` is
/// the command that was given; empty if the program has none. Returns kExitUsage.
int ReportUsageError(const std::string& program, const std::string& command,
                     const std::string& what_is_wrong);

/// Applies the rules above to every option that `app` and its commands have now. ParseCommandLine
/// calls it; a caller of CLI::App::parse must call it itself.
void ApplyOptionRules(CLI::App& app);

/// The default name of an integer's value in the help.
inline constexpr const char* kNumberType = "N";

/// The minimum and the maximum, both inclusive.
template <typename T>
struct OptionRange {
  T min;
  T max;
};

/// Adds an option that takes a whole number in decimal digits (ParseDecimal in base/ascii.h) and
/// passes it to `set`. Use ->default_str() if there is a default. Use this rather than CLI11's own
/// options, which read 0100 as 64 and 0x10 as 16 and check no range. The range becomes part of the
/// help.
CLI::Option* AddInteger(CLI::App& app, const std::string& name, OptionRange<std::uint64_t> range,
                        const std::string& description,
                        const std::function<void(std::uint64_t)>& set);

/// Adds an option that stores a whole number in `value`, which must outlive `app`. Its current
/// value is the default.
template <std::integral T>
CLI::Option* AddInteger(CLI::App& app, const std::string& name, T& value, OptionRange<T> range,
                        const std::string& description) {
  const OptionRange<std::uint64_t> unsigned_range{static_cast<std::uint64_t>(range.min),
                                                  static_cast<std::uint64_t>(range.max)};
  return AddInteger(app, name, unsigned_range, description,
                    [&value](std::uint64_t number) { value = static_cast<T>(number); });
}

/// Adds an option that takes a duration (see base/duration_text.h) and passes it to `set`. Use
/// ->default_str() if there is a default. The range becomes part of the help.
CLI::Option* AddDuration(CLI::App& app, const std::string& name,
                         OptionRange<std::chrono::nanoseconds> range,
                         const std::string& description,
                         const std::function<void(std::chrono::nanoseconds)>& set);

/// The shortest duration for options where 0 would make no sense.
inline constexpr std::chrono::nanoseconds kDurationMin = std::chrono::milliseconds(1);
/// The longest duration for options without a limit of their own.
inline constexpr std::chrono::nanoseconds kDurationMax = std::chrono::days(36'500);

}  // namespace coupond

#endif  // COUPOND_PROGRAM_COMMAND_LINE_H_
