#ifndef COUPOND_BASE_THREAD_H_
#define COUPOND_BASE_THREAD_H_

#include <pthread.h>
#include <sys/resource.h>

#include <chrono>

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

/// Tells the processor that the calling thread waits in a loop, so that it saves power and leaves
/// more to the other thread of its core.
inline void PauseProcessor() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Waits awake until `is_over()`, at most so long: for what comes sooner than a sleeping thread
/// would be woken. Takes a processor meanwhile.
template <typename IsOver>
void BusyWait(std::chrono::nanoseconds at_most, IsOver is_over) {
  if (at_most.count() <= 0) return;
  const auto end = std::chrono::steady_clock::now() + at_most;
  while (!is_over() && std::chrono::steady_clock::now() < end) PauseProcessor();
}

}  // namespace coupond

#endif  // COUPOND_BASE_THREAD_H_
