// The rules that hold for every option of every program, tried on every option that there is.
#include "program/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "coupon_audit/command_line.h"
#include "couponctl/command_line.h"
#include "coupond/options.h"

namespace coupond::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

/// A program's options, and the variables that they set.
struct Program {
  std::unique_ptr<CLI::App> app;
  std::shared_ptr<void> values;
};

struct ServerValues {
  ServerOptions options;
  ServerOptionTexts texts;
};

Program Coupond() {
  const auto values = std::make_shared<ServerValues>();
  Program program{std::make_unique<CLI::App>("", "coupond"), values};
  AddServerOptions(*program.app, values->options, values->texts);
  return program;
}

Program Couponctl() {
  const auto values = std::make_shared<ctl::Options>();
  Program program{std::make_unique<CLI::App>("", "couponctl"), values};
  ctl::AddOptions(*program.app, *values);
  return program;
}

Program CouponAudit() {
  const auto values = std::make_shared<audit::Options>();
  Program program{std::make_unique<CLI::App>("", "coupon-audit"), values};
  audit::AddOptions(*program.app, *values);
  return program;
}

using MakeProgram = Program (*)();

struct Told {
  std::optional<int> status;
  std::string text;  ///< on standard error
};

Told Parse(MakeProgram make, const std::vector<std::string>& arguments) {
  const Program program = make();
  std::vector<const char*> argv{"program"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  testing::internal::CaptureStderr();
  Told told;
  told.status = ParseCommandLine(*program.app, static_cast<int>(argv.size()), argv.data(), 3);
  told.text = testing::internal::GetCapturedStderr();
  return told;
}

/// One option that takes a value, of the program or of one of its commands.
struct Known {
  std::vector<std::string> command;  ///< empty for the program's own options
  std::string name;
  bool positional = false;
  int positionals_before = 0;

  /// Returns the command line that gives the option this value.
  [[nodiscard]] std::vector<std::string> With(const std::string& value) const {
    std::vector<std::string> arguments = command;
    if (!positional) arguments.push_back(name);
    if (positional) arguments.insert(arguments.end(), positionals_before, "x");
    arguments.push_back(value);
    return arguments;
  }
  [[nodiscard]] std::string Text() const {
    return (command.empty() ? "" : command.back()) + " " + name;
  }
};

void AddKnown(const CLI::App& app, const std::vector<std::string>& command,
              std::vector<Known>& known) {
  int positionals = 0;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() == 0) continue;  // a flag
    known.push_back({command, option->get_name(), option->get_positional(), positionals});
    if (option->get_positional()) ++positionals;
  }
  for (const CLI::App* part : app.get_subcommands([](const CLI::App*) { return true; })) {
    std::vector<std::string> part_of = command;
    if (!part->get_name().empty()) part_of.push_back(part->get_name());
    AddKnown(*part, part_of, known);
  }
}

std::vector<Known> OptionsOf(MakeProgram make) {
  std::vector<Known> known;
  AddKnown(*make().app, {}, known);
  return known;
}

class CommandLine : public testing::TestWithParam<MakeProgram> {};

TEST_P(CommandLine, RefusesAnEmptyValueForEveryOption) {
  const std::vector<Known> options = OptionsOf(GetParam());
  ASSERT_GE(options.size(), 7U);
  for (const Known& option : options) {
    for (const char* const value : {"", " ", " \t ", "\u3000"}) {
      const Told told = Parse(GetParam(), option.With(value));
      EXPECT_EQ(told.status, kExitUsage) << option.Text();
      EXPECT_THAT(told.text, HasSubstr(" " + option.name + ": the value "));
      EXPECT_THAT(told.text, AnyOf(HasSubstr("is empty"), HasSubstr("only blanks")));
    }
    if (option.positional) continue;
    std::vector<std::string> glued = option.With("");
    glued.pop_back();
    glued.back() += "=";
    const Told told = Parse(GetParam(), glued);
    EXPECT_EQ(told.status, kExitUsage) << option.Text();
    EXPECT_THAT(told.text, HasSubstr(" " + option.name + ": the value is empty"));
  }
}

TEST(CommandLineEmptyValues, RequiredOptionsCannotBeOmitted) {
  EXPECT_THAT(Parse(&Couponctl, {"issue", ""}).text, HasSubstr("is empty; give one\n"));
  EXPECT_THAT(Parse(&Couponctl, {"create", "--name= "}).text, HasSubstr("blanks; give one\n"));
  EXPECT_THAT(Parse(&Couponctl, {"issue", "x", "--user-id", ""}).text,
              HasSubstr("is empty; give a value, or leave it out\n"));
}

TEST_P(CommandLine, RefusesValuesThatAreNotUtf8) {
  for (const Known& option : OptionsOf(GetParam())) {
    const Told told = Parse(GetParam(), option.With("\xba\xbd"));
    EXPECT_EQ(told.status, kExitUsage) << option.Text();
    EXPECT_THAT(told.text, HasSubstr(" " + option.name + ": the value is not UTF-8"));
  }
}

TEST_P(CommandLine, TakesNoOptionAsTheValueOfAnother) {
  for (const Known& option : OptionsOf(GetParam())) {
    if (option.positional) continue;
    const Told told = Parse(GetParam(), option.With("--help"));
    EXPECT_EQ(told.status, kExitUsage) << option.Text();
    EXPECT_THAT(told.text, HasSubstr(option.name + ": the value is missing, --help follows"));
  }
}

/// Reports whether the option itself is content with the value, whatever else is missing.
bool Takes(MakeProgram make, const Known& option, const std::string& value) {
  return Parse(make, option.With(value)).text.find(" " + option.name + ":") == std::string::npos;
}

TEST_P(CommandLine, ReadsEveryNumberInDecimalDigitsOnly) {
  for (const Known& option : OptionsOf(GetParam())) {
    // Numbers, and options that take a number or something else.
    const bool number = Takes(GetParam(), option, "7") && !Takes(GetParam(), option, "seven!");
    const bool duration = Takes(GetParam(), option, "7s") && !Takes(GetParam(), option, "seven!");
    if (!number && !duration) continue;
    const std::string unit = duration ? "s" : "";
    for (const char* const text : {"07", "007", "0x7", "0b1", "+7", "-7", " 7", "7e0", "1_0",
                                   "0100", "99999999999999999999999", "nan", "inf", "１"}) {
      EXPECT_FALSE(Takes(GetParam(), option, text + unit)) << option.Text() << " " << text;
    }
  }
}

TEST_P(CommandLine, HelpShowsTheRangeOfEveryNumber) {
  const Program program = GetParam()();
  for (const Known& option : OptionsOf(GetParam())) {
    const bool number = Takes(GetParam(), option, "7") && !Takes(GetParam(), option, "seven!");
    const bool or_else = Takes(GetParam(), option, "2026-12-01T10:00:00Z") ||
                         Takes(GetParam(), option, "9de448cd-ed23-4309-96a8-75b1e73f4e5c");
    if (option.positional || !number || or_else) continue;
    const CLI::App* app = program.app.get();
    for (const std::string& command : option.command) app = app->get_subcommand(command);
    const std::string help = app->help();
    const std::size_t at = help.find(option.name + " ");
    ASSERT_NE(at, std::string::npos) << option.Text();
    EXPECT_THAT(help.substr(at, help.find("\n  -", at) - at), HasSubstr(" to ")) << option.Text();
  }
}

TEST_P(CommandLine, HasAVersion) {
  testing::internal::CaptureStdout();
  const Told told = Parse(GetParam(), {"--version"});
  EXPECT_EQ(told.status, 0);
  EXPECT_THAT(testing::internal::GetCapturedStdout(),
              testing::MatchesRegex("coupon[^ ]+ [0-9.]+\n"));
}

std::string NameOf(const testing::TestParamInfo<MakeProgram>& info) {
  if (info.param == &Coupond) return "Coupond";
  return info.param == &Couponctl ? "Couponctl" : "CouponAudit";
}

INSTANTIATE_TEST_SUITE_P(Programs, CommandLine, testing::Values(&Coupond, &Couponctl, &CouponAudit),
                         NameOf);

TEST(CommandLineFlags, TakeOnlyTrueAndFalseAsValues) {
  EXPECT_EQ(Parse(&Couponctl, {"list", "--json=false"}).status, std::nullopt);
  for (const char* const flag : {"--json=", "--json=07", "--json=yes", "--json=2"}) {
    const Told told = Parse(&Couponctl, {"list", flag});
    EXPECT_EQ(told.status, kExitUsage) << flag;
    EXPECT_THAT(told.text, HasSubstr("--json: ")) << flag;
    EXPECT_THAT(told.text, HasSubstr("a flag needs no value")) << flag;
  }
}

TEST(CommandLineEnvironment, AnOptionExcusesAnEmptyVariable) {
  for (const char* const value : {"", " ", "\xff"}) {
    ASSERT_EQ(::setenv("COUPOND_SERVER", value, 1), 0);
    const Told told = Parse(&Couponctl, {"list"});
    EXPECT_EQ(told.status, kExitUsage);
    EXPECT_THAT(told.text, HasSubstr("the environment variable COUPOND_SERVER "));
    EXPECT_EQ(Parse(&Couponctl, {"list", "--server", "localhost"}).status, std::nullopt);
    EXPECT_EQ(Parse(&Couponctl, {"list", "--server=localhost"}).status, std::nullopt);
  }
  ASSERT_EQ(::unsetenv("COUPOND_SERVER"), 0);
  EXPECT_EQ(Parse(&Couponctl, {"list"}).status, std::nullopt);
}

}  // namespace
}  // namespace coupond::test
