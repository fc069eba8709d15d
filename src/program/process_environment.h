#ifndef COUPOND_PROGRAM_PROCESS_ENVIRONMENT_H_
#define COUPOND_PROGRAM_PROCESS_ENVIRONMENT_H_

#include <cstddef>
#include <exception>
#include <string>

/// The surroundings of a process: standard descriptors, signals, limits.
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

/// The number of files that the store may need at one time: up to 256 each for the log and for the
/// views, 32 for a backup (max_open_files in storage/files/rocksdb_options), 128 that are held open
/// in case they are deleted (storage/files/file_guard), and a few for everything else. Connections
/// must leave these free: a write that fails because no descriptor is left ends the server.
inline constexpr std::size_t kFilesReserved = 256 + 256 + 32 + 128 + 196;

/// Raises this process's limit on open files as far as possible (RLIMIT_NOFILE, getrlimit(2)), and
/// returns it.
[[nodiscard]] std::size_t RaiseOpenFileLimit();

/// Has memory that is freed stay with the process, which uses it again, instead of going back to
/// the system. It goes back all at once when the last piece in the way is freed, however much it
/// is, and the thread that freed it waits: 8 ms for half a gigabyte. With another C library than
/// glibc, nothing happens.
void KeepFreedMemory();

/// Returns the message of an exception that ends the program. If the system ran out of threads or
/// memory, the message says which limits to raise.
[[nodiscard]] std::string DescribeEnd(const std::exception& error);

}  // namespace coupond

#endif  // COUPOND_PROGRAM_PROCESS_ENVIRONMENT_H_
