#ifndef COUPOND_PROGRAM_COMMAND_LINE_H_
#define COUPOND_PROGRAM_COMMAND_LINE_H_

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

/// How all three programs read their command lines. What holds for every option is enforced here
/// once, by visiting every option of the program, so that no option has to remember it:
///
/// - An option that is given empty, or with nothing but blanks, is a usage error that names it: an
///   unset shell variable must not switch a protection off. The same goes for an environment
///   variable that stands for an option, and for a configuration file.
/// - Every value is UTF-8, paths as well, because what is said of them in logs and JSON must be.
/// - A flag is given without a value, or with true or false.
/// - An option whose value is missing does not take the next option for its value.
/// - There is --version.
///
/// Numbers and durations have their own functions in options.h.
namespace coupond {

/// A usage error; part of the programs' interface.
inline constexpr int kExitUsage = 2;

/// Reads the command line into what the options of `app` were declared with. Call it after all
/// options and commands are declared. Returns nullopt if the program is to go on, otherwise the
/// status to exit with, everything having been said: 0 after --help or --version, kExitUsage, or
/// `output_failed` if help could not be written. What a command's callback throws passes through.
[[nodiscard]] std::optional<int> ParseCommandLine(CLI::App& app, int argc, const char* const* argv,
                                                  int output_failed);

/// Says on standard error what is wrong with a command line that could be read. Returns kExitUsage.
int ReportUsageError(const CLI::App& app, const std::string& what_is_wrong);

/// Makes the rules above hold for every option that `app` and its commands have now.
/// ParseCommandLine does it; for tests that call CLI::App::parse themselves.
void ApplyOptionRules(CLI::App& app);

}  // namespace coupond

#endif  // COUPOND_PROGRAM_COMMAND_LINE_H_
