#include "program/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <span>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "base/display_text.h"
#include "base/duration_text.h"
#include "program/standard_streams.h"
#include "program/usage_error.h"

namespace coupond {
namespace {

constexpr auto kAll = [](const CLI::App*) { return true; };

template <typename Visit>
void ForEachOption(CLI::App& app, const Visit& visit) {
  for (CLI::Option* option : app.get_options()) visit(*option);
  for (CLI::App* command : app.get_subcommands(kAll)) ForEachOption(*command, visit);
}

bool IsFlag(const CLI::Option& option) { return option.get_items_expected_max() == 0; }

/// Returns every way to write the option, with its dashes.
std::vector<std::string> NamesOf(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  return names;
}

/// Returns what is wrong with a value whatever the option is for; empty if nothing is.
std::string WhatIsWrongWithText(const CLI::Option& option, const std::string& value) {
  const std::string advice =
      option.get_required() ? "; give one" : "; give a value, or leave it out";
  if (value.empty()) return "is empty" + advice;
  if (!IsUtf8(value)) return "is not UTF-8";
  if (IsBlank(value)) return "has only blanks" + advice;
  return {};
}

std::string CheckFlag(const std::string& value) {
  if (value == "true" || value == "false") return {};
  return Quoted(value) + " is neither true nor false; a flag needs no value";
}

/// Returns what is wrong with the value, of an option or a flag; empty if nothing is.
std::string CheckValue(const CLI::Option& option, const std::string& value) {
  if (IsFlag(option)) return CheckFlag(value);
  const std::string wrong = WhatIsWrongWithText(option, value);
  return wrong.empty() ? wrong : "the value " + wrong;
}

/// The option that an argument names, and the value after "=".
struct Named {
  const CLI::Option* option = nullptr;  ///< null if it names none
  bool with_value = false;              ///< --name=VALUE
  std::string_view value;
};

Named NamedBy(CLI::App& app, std::string_view argument) {
  Named named;
  const std::size_t equals = argument.find('=');
  const std::string_view name = argument.substr(0, equals);
  ForEachOption(app, [&](const CLI::Option& option) {
    for (const std::string& known : NamesOf(option)) {
      if (known == name) named.option = &option;
    }
  });
  if (equals != std::string_view::npos) {
    named.with_value = true;
    named.value = argument.substr(equals + 1);
  }
  return named;
}

/// Checks what CLI11 cannot tell after it has parsed the arguments.
void CheckArguments(CLI::App& app, std::span<const char* const> arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--") return;
    const Named named = NamedBy(app, argument);
    if (named.option == nullptr) continue;
    const std::string name(argument.substr(0, argument.find('=')));
    if (named.with_value) {
      if (named.value.empty()) throw CLI::ValidationError(name, CheckValue(*named.option, ""));
      continue;
    }
    if (IsFlag(*named.option) || i + 1 == arguments.size()) continue;
    const std::string next = arguments[i + 1];
    if (next == "--" || NamedBy(app, next).option != nullptr) {
      std::string reason = "the value is missing, ";
      reason.append(next).append(" follows; write ").append(name);
      reason.append("=").append(next).append(" if that is the value");
      throw CLI::ValidationError(name, reason);
    }
    ++i;  // the next argument is the value, whatever it looks like
  }
}

/// Checks the environment variables that stand for options not given as arguments. CLI11 treats an
/// empty variable as unset.
void CheckEnvironment(CLI::App& app, std::span<const char* const> arguments) {
  ForEachOption(app, [&](const CLI::Option& option) {
    const std::string variable = option.get_envname();
    const char* const value = variable.empty() ? nullptr : std::getenv(variable.c_str());
    if (value == nullptr) return;
    for (const char* const argument : arguments) {
      if (NamedBy(app, argument).option == &option) return;
    }
    const std::string wrong = WhatIsWrongWithText(option, value);
    if (wrong.empty()) return;
    throw CLI::ValidationError("the environment variable " + variable + " " + wrong);
  });
}

/// Prints help, the version, or what is wrong. Returns the exit status.
int Tell(const CLI::App& app, const CLI::ParseError& error, int output_failed) {
  try {
    StandardOutput out;
    if (app.exit(error, out, std::cerr) != 0) return kExitUsage;
    out.flush();
    return 0;
  } catch (const OutputError& unwritten) {
    std::cerr << app.get_name() << ": " << unwritten.what() << '\n';
    return output_failed;
  }
}

}  // namespace

void ApplyOptionRules(CLI::App& app) {
  ForEachOption(app, [](CLI::Option& option) {
    // transform() puts the rule before the option's own checks.
    CLI::Validator rule([&option](std::string& value) { return CheckValue(option, value); }, "");
    option.transform(rule.non_modifying());
  });
}

std::optional<int> ParseCommandLine(CLI::App& app, int argc, const char* const* argv,
                                    int output_failed) {
  app.failure_message(UsageErrorText);
  app.set_version_flag("--version", app.get_name() + " " + COUPOND_VERSION,
                       "Show the version and exit");
  ApplyOptionRules(app);
  const std::span<const char* const> arguments(argv + 1, static_cast<std::size_t>(argc) - 1);
  try {
    CheckArguments(app, arguments);
    CheckEnvironment(app, arguments);
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    return Tell(app, error, output_failed);
  }
}

int ReportUsageError(const std::string& program, const std::string& command,
                     const std::string& what_is_wrong) {
  std::cerr << UsageText(program, command, what_is_wrong) << std::flush;
  return kExitUsage;
}

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

CLI::Option* AddDuration(CLI::App& app, const std::string& name,
                         OptionRange<std::chrono::nanoseconds> range,
                         const std::string& description,
                         const std::function<void(std::chrono::nanoseconds)>& set) {
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
        return Quoted(text) + " is too " + (*duration < range.min ? "short" : "long") + "; give " +
               limits;
      });
}

}  // namespace coupond
