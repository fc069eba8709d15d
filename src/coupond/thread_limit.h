#ifndef COUPOND_COUPOND_THREAD_LIMIT_H_
#define COUPOND_COUPOND_THREAD_LIMIT_H_

#include <cstddef>

namespace coupond {

/// The number of threads in addition to the HTTP workers: sequencer, projector, query, watermark,
/// file guard and backup; RocksDB's flush, compaction and timer; and one spare.
inline constexpr std::size_t kThreadsReserved = 6 + 3 + 1;

/// Starts up to `wanted` idle threads, ends them, and returns how many could run at once. No system
/// call reports the limit: besides RLIMIT_NPROC there are the limits of control groups and of
/// memory. It must be known beforehand, because RocksDB aborts the process if it cannot start a
/// thread.
[[nodiscard]] std::size_t CountThreadsAllowed(std::size_t wanted);

}  // namespace coupond

#endif  // COUPOND_COUPOND_THREAD_LIMIT_H_
