#ifndef COUPOND_TEST_SIMULATION_VIOLATION_H_
#define COUPOND_TEST_SIMULATION_VIOLATION_H_

#include <string>

namespace coupond::simulation {

/// A broken promise, and the observation that shows it. Thrown wherever it is noticed, also from
/// inside the engine's calls; it is no std::exception, so that the engine does not take it for a
/// failure of its own.
struct Violation {
  std::string promise;  ///< the same words for the same kind of fault
  std::string seen;
};

/// Throws a Violation unless the promise holds. `seen()` describes the observation; it is called
/// only then.
template <typename Seen>
void Demand(bool holds, const char* promise, Seen seen) {
  if (!holds) [[unlikely]] {
    throw Violation{promise, seen()};
  }
}

/// Returns a text such as "sequence 17", for messages.
template <typename Number>
std::string Numbered(const char* what, Number number) {
  return std::string(what) + " " + std::to_string(number.value());
}

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_VIOLATION_H_
