#ifndef COUPOND_TEST_SUPPORT_AT_SOME_PACE_H_
#define COUPOND_TEST_SUPPORT_AT_SOME_PACE_H_

#include <algorithm>
#include <array>

namespace coupond::test {

/// Makes an attempt with all its times as they are, and if the machine was too slow for them, once
/// more with times ten and a hundred times as long. Returns whether it was fast enough once.
///
/// The attempt gets the factor, and reports whether the machine kept up. It is for claims that hold
/// at every pace, such as the order of what happens: what breaks one breaks it at each of them.
template <typename Attempt>
[[nodiscard]] bool AtSomePace(Attempt attempt) {
  constexpr std::array kFactors = {1, 10, 100};
  return std::ranges::any_of(kFactors, attempt);
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_AT_SOME_PACE_H_
