#include "program/options.h"

#include <CLI/CLI.hpp>

#include "base/decimal_text.h"
#include "base/duration_text.h"

namespace coupond {

using std::chrono::nanoseconds;

CLI::Option* AddInteger(CLI::App& app, const std::string& name, OptionRange<std::uint64_t> range,
                        const std::string& description,
                        const std::function<void(std::uint64_t)>& set) {
  const auto parse = [range](const std::string& text) {
    return ParseDecimal(text, range.min, range.max);
  };
  return app
      .add_option_function<std::string>(
          name, [parse, set](const std::string& text) { set(parse(text).value()); },
          description + " (" + std::to_string(range.min) + " to " + std::to_string(range.max) + ")")
      ->type_name(kNumberType)
      ->check([parse](const std::string& text) {
        const auto number = parse(text);
        return number ? std::string() : number.error();
      });
}

CLI::Option* AddDuration(CLI::App& app, const std::string& name, OptionRange<nanoseconds> range,
                         const std::string& description,
                         const std::function<void(nanoseconds)>& set) {
  const std::string limits = FormatDuration(range.min) + " to " + FormatDuration(range.max);
  return app
      .add_option_function<std::string>(
          name, [set](const std::string& text) { set(ParseDuration(text).value()); },
          description + " (" + limits + ")")
      ->type_name("DURATION")
      ->check([range, limits](const std::string& text) -> std::string {
        const auto duration = ParseDuration(text);
        if (!duration) return duration.error();
        if (*duration >= range.min && *duration <= range.max) return {};
        return "\"" + text + "\" is too " + (*duration < range.min ? "short" : "long") + "; from " +
               limits;
      });
}

}  // namespace coupond
