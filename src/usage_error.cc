#include "usage_error.h"

#include <string_view>
#include <vector>

namespace coupond {
namespace {

/// The library's words, of which the rest is the name that a configuration file must not have.
constexpr std::string_view kNotAnOption = "INI was not able to parse ";

/// A program with commands was given none of them.
bool LacksCommand(const CLI::App& app) {
  return app.get_require_subcommand_min() > 0 && app.get_subcommands().empty();
}

std::string CommandsOf(const CLI::App& app) {
  std::string names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.append(names.empty() ? "" : ", ").append(command->get_name());
  }
  return names;
}

std::string NoCommand(const CLI::App& app) {
  const std::vector<std::string> words = app.remaining();
  if (!words.empty() && words.front().starts_with('-')) {
    return "there is no option " + words.front();
  }
  const std::string wrong =
      words.empty() ? "no command is given" : "there is no command \"" + words.front() + "\"";
  return wrong + "; give one of: " + CommandsOf(app);
}

std::string WhatIsWrong(const CLI::App& app, const CLI::Error& error) {
  std::string text = error.what();
  if (error.get_name() == "RequiredError" && LacksCommand(app)) return NoCommand(app);
  if (text.starts_with(kNotAnOption)) {
    return "--config: the file has \"" + text.substr(kNotAnOption.size()) +
           "\", which is no option";
  }
  if (error.get_name() == "FileError") return "--config: " + text;
  return text;
}

}  // namespace

std::string UsageErrorText(const CLI::App* app, const CLI::Error& error) {
  std::string command = app->get_name();
  for (const CLI::App* given : app->get_subcommands()) command += " " + given->get_name();
  return app->get_name() + ": " + WhatIsWrong(*app, error) + "\nMore: " + command + " --help\n";
}

}  // namespace coupond
