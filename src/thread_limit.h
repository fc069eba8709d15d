#ifndef COUPOND_THREAD_LIMIT_H_
#define COUPOND_THREAD_LIMIT_H_

#include <cstddef>

namespace coupond {

/// The number of threads besides the HTTP workers: sequencer, projector, query, watermark, file
/// guard and backup; RocksDB's flush, compaction and timer; and one to spare.
inline constexpr std::size_t kThreadsReserved = 6 + 3 + 1;

/// Starts `wanted` threads that do nothing, ends them, and returns how many could run at once. No
/// system call reports the limit: besides RLIMIT_NPROC there are those of control groups and of
/// memory. It matters to know beforehand, because RocksDB aborts the process if it cannot start a
/// thread.
[[nodiscard]] std::size_t CountThreadsAllowed(std::size_t wanted);

}  // namespace coupond

#endif  // COUPOND_THREAD_LIMIT_H_
