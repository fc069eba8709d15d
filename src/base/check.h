#ifndef COUPOND_BASE_CHECK_H_
#define COUPOND_BASE_CHECK_H_

#include <cstdio>
#include <cstdlib>

/// Aborts, in every build, if the program itself is wrong. Never use it for what a client sent or a
/// disk returned: those are refusals and operating errors.
#define COUPOND_CHECK(condition)                                                         \
  do {                                                                                   \
    if (!(condition)) [[unlikely]] {                                                     \
      std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)

#endif  // COUPOND_BASE_CHECK_H_
