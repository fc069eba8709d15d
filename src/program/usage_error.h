#ifndef COUPOND_PROGRAM_USAGE_ERROR_H_
#define COUPOND_PROGRAM_USAGE_ERROR_H_

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
class Error;
}  // namespace CLI

namespace coupond {

/// Returns the text for a usage error: what is wrong, what would be right where that is known, and
/// whose --help to read. Ends with a line break. For CLI::App::failure_message.
std::string UsageErrorText(const CLI::App* app, const CLI::Error& error);

/// Returns such a text for this command of a program; `command` may be empty.
std::string UsageText(const std::string& program, const std::string& command,
                      const std::string& what_is_wrong);

}  // namespace coupond

#endif  // COUPOND_PROGRAM_USAGE_ERROR_H_
