#ifndef COUPOND_BASE_BUG_H_
#define COUPOND_BASE_BUG_H_

#include <cstdio>
#include <cstdlib>

namespace coupond::connect {

/// Aborts when the program that uses this library breaks one of the library's rules. Never for what
/// a client sent.
inline void BugUnless(bool condition, const char* rule) {
  if (condition) [[likely]]
    return;
  std::fprintf(stderr, "connect: rule broken: %s\n", rule);
  std::abort();
}

}  // namespace coupond::connect

#endif  // COUPOND_BASE_BUG_H_
