#ifndef COUPOND_TEST_API_COPIES_COUNTING_MEMCPY_H_
#define COUPOND_TEST_API_COPIES_COUNTING_MEMCPY_H_

#include <cstdint>
#include <string_view>

namespace coupond::test {

/// Counts the copies of bytes that contain `text`, in all threads, from now on. The program's calls
/// of memcpy and memmove count, and those of its shared libraries: each string, vector and message
/// is copied with them. Not seen are the kernel's copies, and loops that copy byte by byte.
///
/// The text must be longer than what a compiler copies without a call, and outlive the counting.
/// Call both from one thread.
void CountCopiesOf(std::string_view text);
/// Ends the counting, and returns how many copies there were.
[[nodiscard]] std::uint64_t StopCountingCopies();

}  // namespace coupond::test

#endif  // COUPOND_TEST_API_COPIES_COUNTING_MEMCPY_H_
