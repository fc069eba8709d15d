#ifndef COUPOND_THREAD_LIMIT_H_
#define COUPOND_THREAD_LIMIT_H_

#include <cstddef>

namespace coupond {

/// Threads besides the HTTP workers: the sequencer's, the projector's, the query thread, the
/// watermark's, the file guard's and a backup's; RocksDB's flush, compaction and timer; and one to
/// spare.
inline constexpr std::size_t kThreadsReserved = 6 + 3 + 1;

/// Starts `wanted` threads that do nothing, ends them, and returns how many could run at once. The
/// system's limits cannot simply be asked for: besides RLIMIT_NPROC there are those of control
/// groups and of memory. Finding out beforehand matters because RocksDB aborts the process when it
/// gets no thread.
[[nodiscard]] std::size_t CountThreadsAllowed(std::size_t wanted);

}  // namespace coupond

#endif  // COUPOND_THREAD_LIMIT_H_
