#ifndef COUPOND_PROGRAM_COMMAND_LINE_H_
#define COUPOND_PROGRAM_COMMAND_LINE_H_

#include <optional>
#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

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
/// Numbers and durations have their own functions in options.h.
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

}  // namespace coupond

#endif  // COUPOND_PROGRAM_COMMAND_LINE_H_
