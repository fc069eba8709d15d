#ifndef COUPOND_BASE_THREAD_H_
#define COUPOND_BASE_THREAD_H_

#include <pthread.h>
#include <sys/resource.h>

namespace coupond {

/// Names the calling thread for top, perf and debuggers. Linux takes up to 15 characters, and
/// ignores a longer name.
inline void NameThisThread(const char* name) { ::pthread_setname_np(::pthread_self(), name); }

/// Adds to the nice value of the calling thread (see nice(1)), so that other threads go first when
/// there are not enough processors. Linux gives each thread a value of its own. If this fails, the
/// thread goes on as it was.
inline void LowerThisThreadsPriority(int added_nice) {
  const int nice = ::getpriority(PRIO_PROCESS, 0);
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, nice + added_nice));
}

}  // namespace coupond

#endif  // COUPOND_BASE_THREAD_H_
