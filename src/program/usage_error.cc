#include "program/usage_error.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "base/display_text.h"
#include "base/nearest_name.h"

namespace coupond {
namespace {

/// Phrases of CLI11 around the name that is wrong.
constexpr std::string_view kNotAnOption = "INI was not able to parse ";
constexpr std::string_view kNotInAFile = ": This option is not allowed in a configuration file";
constexpr std::string_view kOneOf = "Exactly 1 option from [";
constexpr std::string_view kNotIn = " not in {";
constexpr std::string_view kGivenTwice = ": At Most 1 required but received ";
constexpr std::string_view kExcludes = " excludes ";

constexpr auto kAll = [](const CLI::App*) { return true; };

/// Returns the program, the command that was given, the command of that command, and so on.
std::vector<const CLI::App*> GivenApps(const CLI::App& app) {
  std::vector<const CLI::App*> given{&app};
  // An option group is a command without a name.
  const auto is_command = [](const CLI::App* part) { return !part->get_name().empty(); };
  while (true) {
    const std::vector<CLI::App*> parts = given.back()->get_subcommands();
    const auto command = std::ranges::find_if(parts, is_command);
    if (command == parts.end()) return given;
    given.push_back(*command);
  }
}

/// Reports whether a program or command with commands was given none of them.
bool LacksCommand(const CLI::App& app) {
  return app.get_require_subcommand_min() > 0 && app.get_subcommands().empty();
}

std::vector<std::string> CommandsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(kAll)) {
    if (!command->get_name().empty()) names.push_back(command->get_name());
  }
  return names;
}

/// Adds the long options of `app` and its option groups, with their dashes.
void AddOptionsOf(const CLI::App& app, std::vector<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (const CLI::App* group : app.get_subcommands(kAll)) {
    if (group->get_name().empty()) AddOptionsOf(*group, names);
  }
}

/// Returns the options of the program and of the given commands.
std::vector<std::string> OptionsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* given : GivenApps(app)) AddOptionsOf(*given, names);
  return names;
}

std::string DidYouMean(std::string_view wrong, const std::vector<std::string>& names) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::optional<std::string_view> nearest = NearestName(wrong, views);
  return nearest ? "; did you mean " + std::string(*nearest) + "?" : "";
}

std::string Joined(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined.append(joined.empty() ? "" : ", ").append(name);
  return joined;
}

/// Returns the commands that have such an option.
std::string CommandsWith(const CLI::App& app, const std::string& option) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(kAll)) {
    std::vector<std::string> options;
    AddOptionsOf(*command, options);
    if (std::ranges::find(options, option) != options.end()) names.push_back(command->get_name());
  }
  return Joined(names);
}

std::string NotExpected(const CLI::App& app, const std::string& word) {
  if (word.size() < 2 || word.front() != '-') {
    return "unexpected argument " + Quoted(word) +
           DidYouMean(word, CommandsOf(*GivenApps(app).back()));
  }
  const std::string name = word.substr(0, word.find('='));
  if (const std::string commands = CommandsWith(app, name); !commands.empty()) {
    return name + " is an option of: " + commands + "; write it after the command";
  }
  return "unknown option " + name + DidYouMean(name, OptionsOf(app));
}

/// Returns a message for `app`, the program or a command, which lacks a command.
std::string NoCommand(const CLI::App& app, const std::vector<std::string>& words) {
  const std::vector<std::string> commands = CommandsOf(app);
  if (words.empty()) return "no command given; give one of: " + Joined(commands);
  const std::string hint = DidYouMean(words.front(), commands);
  return "unknown command " + Quoted(words.front()) +
         (hint.empty() ? "; give one of: " + Joined(commands) : hint);
}

/// Returns a message for an option with too many or too few values.
std::string WrongCount(const std::string& text) {
  if (const auto at = text.find(kGivenTwice); at != std::string::npos) {
    return text.substr(0, at) + " is given " + text.substr(at + kGivenTwice.size()) +
           " times; give it once";
  }
  const std::size_t colon = text.find(": ");
  if (colon != std::string::npos && text.ends_with(" missing")) {
    return text.substr(0, colon) + " needs a value";
  }
  return text;
}

/// Returns a message that lists the values of an option, if they can be listed.
std::string WrongValue(const std::string& text) {
  const std::size_t colon = text.find(": ");
  const std::size_t at = text.rfind(kNotIn);
  if (colon == std::string::npos || at == std::string::npos || !text.ends_with('}')) return text;
  std::string values;
  for (const char character : text.substr(at + kNotIn.size())) {
    if (character == '}') break;
    values += character;
    if (character == ',') values += ' ';
  }
  const std::size_t value = colon + 2;
  return text.substr(0, value) + Quoted(text.substr(value, at - value)) +
         " is not one of its values; give one of: " + values;
}

/// Returns a message that names the options of which one must be given.
std::string WrongChoice(const std::string& text) {
  const std::size_t end = text.find(']');
  if (!text.starts_with(kOneOf) || end == std::string::npos) return text;
  std::string names;
  for (const char character : text.substr(kOneOf.size(), end - kOneOf.size())) {
    names += character;
    if (character == ',') names += ' ';
  }
  const bool several = text.ends_with(" were given");
  return std::string(several ? "give only one of: " : "give one of: ") + names;
}

/// Returns a message that names two options of which at most one may be given.
std::string WrongPair(const std::string& text) {
  const std::size_t at = text.find(kExcludes);
  if (at == std::string::npos) return text;
  return "give only one of: " + text.substr(0, at) + ", " + text.substr(at + kExcludes.size());
}

std::string WhatIsWrong(const CLI::App& app, const CLI::Error& error) {
  std::string text = error.what();
  // Compares numbers, because CLI11 names some errors after the command.
  const auto kind = static_cast<CLI::ExitCodes>(error.get_exit_code());
  if (kind == CLI::ExitCodes::RequiredError) {
    const std::vector<std::string> words = app.remaining(true);
    // What is required may be missing because its name was misspelled.
    if (!words.empty() && words.front().starts_with('-')) return NotExpected(app, words.front());
    const CLI::App& given = *GivenApps(app).back();
    return LacksCommand(given) ? NoCommand(given, words) : WrongChoice(text);
  }
  if (kind == CLI::ExitCodes::ExcludesError) return WrongPair(text);
  if (kind == CLI::ExitCodes::ExtrasError) {
    const std::vector<std::string> words = app.remaining(true);
    if (!words.empty()) return NotExpected(app, words.front());
  }
  if (kind == CLI::ExitCodes::ArgumentMismatch) return WrongCount(text);
  if (kind == CLI::ExitCodes::ValidationError) return WrongValue(text);
  if (text.starts_with(kNotAnOption)) {
    const std::string name = text.substr(kNotAnOption.size());
    std::vector<std::string> names = OptionsOf(app);
    for (std::string& known : names) known.erase(0, 2);  // a file has no dashes
    return "--config: the file has " + Quoted(name) + ", which is not an option" +
           DidYouMean(name, names);
  }
  if (text.ends_with(kNotInAFile)) {
    text.resize(text.size() - kNotInAFile.size());
    return "--config: the file has " + Quoted(text) +
           ", which can only be given on the command line";
  }
  if (kind == CLI::ExitCodes::FileError || kind == CLI::ExitCodes::ConfigError)
    return "--config: " + text;
  return text;
}

}  // namespace

std::string UsageErrorText(const CLI::App* app, const CLI::Error& error) {
  std::string commands;
  for (const CLI::App* given : GivenApps(*app)) {
    if (given != app) commands += (commands.empty() ? "" : " ") + given->get_name();
  }
  return UsageText(app->get_name(), commands, WhatIsWrong(*app, error));
}

std::string UsageText(const std::string& program, const std::string& command,
                      const std::string& what_is_wrong) {
  // The message repeats what was typed, which may contain anything.
  return program + ": " + Printable(what_is_wrong) + "\nMore: " + program +
         (command.empty() ? "" : " ") + command + " --help\n";
}

}  // namespace coupond
