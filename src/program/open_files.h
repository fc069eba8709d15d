#ifndef COUPOND_PROGRAM_OPEN_FILES_H_
#define COUPOND_PROGRAM_OPEN_FILES_H_

#include <cstddef>

namespace coupond {

/// The number of files that the store may need at one time: up to 256 each for the log and for the
/// views, 32 for a backup (max_open_files in storage/rocksdb_options), and 128 that are held open
/// in case they are deleted (storage/file_guard). Connections must leave these free, and a few for
/// everything else: a write that fails for want of a file descriptor ends the server.
inline constexpr std::size_t kFilesReserved = 256 + 256 + 32 + 128 + 196;

/// Raises this process's limit on open files as far as possible (RLIMIT_NOFILE, getrlimit(2)), and
/// returns it.
[[nodiscard]] std::size_t RaiseOpenFileLimit();

}  // namespace coupond

#endif  // COUPOND_PROGRAM_OPEN_FILES_H_
