#ifndef COUPOND_BASE_THREAD_PRIORITY_H_
#define COUPOND_BASE_THREAD_PRIORITY_H_

#include <sys/resource.h>

namespace coupond {

/// Adds to the nice value of the calling thread (see nice(1)), so that other threads go first when
/// there are not enough processors. Linux gives each thread a value of its own. If this fails, the
/// thread goes on as it was.
inline void LowerThisThreadsPriority(int added_nice) {
  const int nice = ::getpriority(PRIO_PROCESS, 0);
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, nice + added_nice));
}

}  // namespace coupond

#endif  // COUPOND_BASE_THREAD_PRIORITY_H_
