#ifndef COUPOND_TEST_API_ALLOCATIONS_COUNTING_NEW_H_
#define COUPOND_TEST_API_ALLOCATIONS_COUNTING_NEW_H_

#include <cstdint>

namespace coupond::test {

/// Returns how often operator new was called so far by threads of that name (base/thread.h).
/// Any thread. Only "http-worker" and "sequencer" are counted.
[[nodiscard]] std::uint64_t AllocationsOf(const char* thread_name);

}  // namespace coupond::test

#endif  // COUPOND_TEST_API_ALLOCATIONS_COUNTING_NEW_H_
