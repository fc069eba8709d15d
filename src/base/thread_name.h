#ifndef COUPOND_BASE_THREAD_NAME_H_
#define COUPOND_BASE_THREAD_NAME_H_

#include <pthread.h>

namespace coupond {

/// Names the calling thread for top, perf and debuggers. Linux takes up to 15 characters, and
/// ignores a longer name.
inline void NameThisThread(const char* name) { ::pthread_setname_np(::pthread_self(), name); }

}  // namespace coupond

#endif  // COUPOND_BASE_THREAD_NAME_H_
