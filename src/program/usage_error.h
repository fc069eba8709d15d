#ifndef COUPOND_PROGRAM_USAGE_ERROR_H_
#define COUPOND_PROGRAM_USAGE_ERROR_H_

#include <CLI/CLI.hpp>
#include <string>

namespace coupond {

/// Returns the text for a usage error: what is wrong, what would be right where that is known, and
/// whose --help to read. Ends with a line break. For CLI::App::failure_message.
std::string UsageErrorText(const CLI::App* app, const CLI::Error& error);

}  // namespace coupond

#endif  // COUPOND_PROGRAM_USAGE_ERROR_H_
