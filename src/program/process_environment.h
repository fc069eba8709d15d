#ifndef COUPOND_PROGRAM_PROCESS_ENVIRONMENT_H_
#define COUPOND_PROGRAM_PROCESS_ENVIRONMENT_H_

#include <exception>
#include <string>

namespace coupond {

/// Repairs what a careless parent process may have passed on. Call it first in main(), before
/// anything opens a file or starts a thread:
///
/// - Descriptors 0 to 2 that are closed are opened on /dev/null, so that no file of the program's
///   own becomes its standard output or error. A standard output that was closed still cannot be
///   written, so that the program reports that its output failed.
/// - SIGPIPE and SIGXFSZ are ignored: a write that fails is an error like any other. No signal is
///   blocked.
/// - Only their owner can read and write the files that the process creates.
///
/// Returns false if /dev/null cannot be opened, after a line on standard error if that is open; the
/// program must then end.
[[nodiscard]] bool PrepareProcess();

/// Returns the message of an exception that ends the program. If the system ran out of threads or
/// memory, the message says which limits to raise.
[[nodiscard]] std::string DescribeEnd(const std::exception& error);

}  // namespace coupond

#endif  // COUPOND_PROGRAM_PROCESS_ENVIRONMENT_H_
