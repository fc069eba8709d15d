#ifndef COUPOND_COUPOND_PROCESS_LIMITS_H_
#define COUPOND_COUPOND_PROCESS_LIMITS_H_

#include <cstddef>

#include "base/error.h"

namespace coupond {

/// Raises the limit on open files, and checks that the store can open its files and that all
/// threads can be started, before a store is opened: RocksDB aborts the process if it cannot start
/// a thread. Returns the maximum number of connections, and logs it if the limit on open files
/// lowers it. The error is kSystemLimit.
[[nodiscard]] Result<std::size_t> CheckProcessLimits(unsigned http_threads);

}  // namespace coupond

#endif  // COUPOND_COUPOND_PROCESS_LIMITS_H_
