#include "usage_error.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <string>

#include "support/temporary_directory.h"

namespace coupond::test {
namespace {

/// What a program with two commands says of such a command line.
std::string Told(const std::string& command_line) {
  CLI::App app("A program.", "kiosk");
  app.require_subcommand(1);
  int count = 0;
  app.add_subcommand("sell", "Sells")->add_option("--count", count, "How many")->required();
  app.add_subcommand("close", "Closes");
  try {
    app.parse(command_line, false);
  } catch (const CLI::ParseError& error) {
    return UsageErrorText(&app, error);
  }
  return "nothing";
}

TEST(UsageErrorText, NamesTheProgramAndWhatIsWrongAndWhoseHelpTellsMore) {
  EXPECT_EQ(Told("close --now"),
            "kiosk: The following argument was not expected: --now\nMore: kiosk close --help\n");
  EXPECT_EQ(Told("sell"), "kiosk: --count is required\nMore: kiosk sell --help\n");
}

TEST(UsageErrorText, ListsTheCommandsWhereOneIsMissingOrWrong) {
  EXPECT_EQ(Told(""), "kiosk: no command is given; give one of: sell, close\nMore: kiosk --help\n");
  EXPECT_EQ(Told("sel --count 2"),
            "kiosk: there is no command \"sel\"; give one of: sell, close\nMore: kiosk --help\n");
  EXPECT_EQ(Told("--sell"), "kiosk: there is no option --sell\nMore: kiosk --help\n");
}

TEST(UsageErrorText, SaysThatTheFileIsWrong) {
  const TemporaryDirectory directory;
  const std::string file = directory.path() / "kiosk.toml";
  std::ofstream(file) << "cuont = 2\n";
  CLI::App app("A program.", "kiosk");
  app.set_config("--config");
  app.allow_config_extras(CLI::config_extras_mode::error);
  const auto told = [&app](const std::string& command_line) -> std::string {
    try {
      app.parse(command_line, false);
    } catch (const CLI::ParseError& error) {
      return UsageErrorText(&app, error);
    }
    return "nothing";
  };
  EXPECT_EQ(told("--config " + file),
            "kiosk: --config: the file has \"cuont\", which is no option\nMore: kiosk --help\n");
  const std::string missing = directory.path() / "none.toml";
  EXPECT_EQ(told("--config " + missing),
            "kiosk: --config: " + missing + " was not readable (missing?)\nMore: kiosk --help\n");
}

}  // namespace
}  // namespace coupond::test
