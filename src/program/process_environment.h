#ifndef COUPOND_PROGRAM_PROCESS_ENVIRONMENT_H_
#define COUPOND_PROGRAM_PROCESS_ENVIRONMENT_H_

#include <exception>
#include <string>

namespace coupond {

/// Replaces what a careless parent may have left to this process. Call it first in main(), before
/// anything opens a file or starts a thread:
///
/// - Descriptors 0 to 2 that are closed are opened on /dev/null, so that no file of the program's
///   own becomes its standard output or error. A closed standard output stays one that cannot be
///   written, so that whoever asked for output is told that there is none.
/// - SIGPIPE and SIGXFSZ are ignored: what cannot be written is an error like any other. No signal
///   is blocked.
/// - Files that are created can be read and written by their owner only.
///
/// Returns false, after a line on standard error if there is one, if /dev/null cannot be opened;
/// the program must then end.
[[nodiscard]] bool PrepareProcess();

/// Returns the message of an exception that ends the program. If the system had no thread or no
/// memory to spare, that says so, and which limits to raise.
[[nodiscard]] std::string DescribeEnd(const std::exception& error);

}  // namespace coupond

#endif  // COUPOND_PROGRAM_PROCESS_ENVIRONMENT_H_
