#ifndef COUPOND_TEST_FUZZ_INVARIANT_H_
#define COUPOND_TEST_FUZZ_INVARIANT_H_

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace coupond::fuzz {

/// Prints what does not hold, and ends the program, which the fuzzer takes for a crash.
[[noreturn]] inline void Fail(std::string_view invariant, std::string_view detail = {}) {
  std::string text = "does not hold: ";
  text.append(invariant).append("\n").append(detail);
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fputc('\n', stderr);
  std::abort();
}

inline void Require(bool holds, std::string_view invariant, std::string_view detail = {}) {
  if (!holds) Fail(invariant, detail);
}

}  // namespace coupond::fuzz

#endif  // COUPOND_TEST_FUZZ_INVARIANT_H_
