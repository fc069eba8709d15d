#include "program/usage_error.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <string>

#include "support/temporary_directory.h"

namespace coupond::test {
namespace {

/// Returns what a program with two commands prints for a command line.
std::string Told(const std::string& command_line) {
  CLI::App app("A program.", "kiosk");
  app.require_subcommand(1);
  int count = 0;
  std::string paid;
  CLI::App* sell = app.add_subcommand("sell", "Sells");
  sell->add_option("--count", count, "How many")->required();
  CLI::App* payment = sell->add_option_group("payment");
  payment->add_option("--cash", paid);
  payment->add_option("--card", paid);
  payment->require_option(1);
  CLI::App* close = app.add_subcommand("close", "Closes");
  CLI::App* till = app.add_subcommand("till", "The till");
  till->require_subcommand(1);
  CLI::App* open = till->add_subcommand("open", "Opens it");
  open->add_option("--key", paid)->required();
  till->add_subcommand("empty", "Empties it");
  CLI::Option* early = close->add_flag("--early");
  close->add_flag("--late")->excludes(early);
  try {
    app.parse(command_line, false);
  } catch (const CLI::ParseError& error) {
    return UsageErrorText(&app, error);
  }
  return "nothing";
}

TEST(UsageErrorText, NamesTheProgramTheMistakeAndTheHelp) {
  EXPECT_EQ(Told("close --now"), "kiosk: unknown option --now\nMore: kiosk close --help\n");
  EXPECT_EQ(Told("sell --cash 1"), "kiosk: --count is required\nMore: kiosk sell --help\n");
  EXPECT_EQ(Told("close now"), "kiosk: unexpected argument \"now\"\nMore: kiosk close --help\n");
  EXPECT_EQ(Told("sell --count"), "kiosk: --count needs a value\nMore: kiosk sell --help\n");
  EXPECT_EQ(Told("sell --count 1 --count 2"),
            "kiosk: --count is given 2 times; give it once\nMore: kiosk sell --help\n");
}

TEST(UsageErrorText, SuggestsWhatWasProbablyMeant) {
  EXPECT_EQ(Told("sell --count 1 --cash 1 --cuont 2"),
            "kiosk: unknown option --cuont; did you mean --count?\nMore: kiosk sell --help\n");
  EXPECT_EQ(Told("sell --cuont 1 --cash 1"),
            "kiosk: unknown option --cuont; did you mean --count?\nMore: kiosk sell --help\n");
  EXPECT_EQ(Told("sel --count 2"),
            "kiosk: unknown command \"sel\"; did you mean sell?\nMore: kiosk --help\n");
  EXPECT_EQ(Told("--count 2 close"),
            "kiosk: --count is an option of: sell; write it after the command\nMore: kiosk close "
            "--help\n");
}

TEST(UsageErrorText, ListsAlternativeOptions) {
  EXPECT_EQ(Told("sell --count 1"),
            "kiosk: give one of: --cash, --card\nMore: kiosk sell --help\n");
  EXPECT_EQ(Told("sell --count 1 --cash 1 --card 2"),
            "kiosk: give only one of: --cash, --card\nMore: kiosk sell --help\n");
  EXPECT_EQ(Told("close --early --late"),
            "kiosk: give only one of: --early, --late\nMore: kiosk close --help\n");
}

TEST(UsageErrorText, ListsTheCommandsIfOneIsMissingOrUnknown) {
  EXPECT_EQ(Told(""),
            "kiosk: no command given; give one of: sell, close, till\nMore: kiosk --help\n");
  EXPECT_EQ(
      Told("dance"),
      "kiosk: unknown command \"dance\"; give one of: sell, close, till\nMore: kiosk --help\n");
  EXPECT_EQ(Told("--sell"), "kiosk: unknown option --sell\nMore: kiosk --help\n");
}

TEST(UsageErrorText, KnowsTheCommandsOfACommand) {
  EXPECT_EQ(Told("till"),
            "kiosk: no command given; give one of: open, empty\nMore: kiosk till --help\n");
  EXPECT_EQ(Told("till opn"),
            "kiosk: unknown command \"opn\"; did you mean open?\nMore: kiosk till --help\n");
  EXPECT_EQ(Told("till open"), "kiosk: --key is required\nMore: kiosk till open --help\n");
  EXPECT_EQ(Told("till open --kay 1"),
            "kiosk: unknown option --kay; did you mean --key?\nMore: kiosk till open --help\n");
}

TEST(UsageErrorText, RepeatsNoControlCharacters) {
  EXPECT_EQ(Told("close \x1b[2J\xff"),
            "kiosk: unexpected argument \"?[2J?\"\nMore: kiosk close --help\n");
}

TEST(UsageErrorText, NamesTheFileOption) {
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
  EXPECT_EQ(
      told("--config " + file),
      "kiosk: --config: the file has \"cuont\", which is not an option\nMore: kiosk --help\n");
  std::ofstream(file) << "config = \"other.toml\"\n";
  EXPECT_EQ(told("--config " + file),
            "kiosk: --config: the file has \"config\", which can only be given on the command "
            "line\nMore: kiosk --help\n");
  const std::string missing = directory.path() / "none.toml";
  EXPECT_EQ(told("--config " + missing),
            "kiosk: --config: " + missing + " was not readable (missing?)\nMore: kiosk --help\n");
}

}  // namespace
}  // namespace coupond::test
