#ifndef COUPOND_TEST_SIMULATION_CRASH_POINTS_H_
#define COUPOND_TEST_SIMULATION_CRASH_POINTS_H_

#include <cstdint>

#include "simulation/coverage.h"
#include "simulation/trace.h"

namespace coupond::simulation {

/// Thrown where the process dies. It is no std::exception, so that the engine does not take it for
/// a failure of its own, and rethrows it. Whatever the engine still does on the way out has no
/// effect, because the process is dead.
struct Crash {
  Counter where;
};

/// The places in the ports where the process may die. The engine calls the ports all the time, so
/// these lie between any two of its effects on the outside.
class CrashPoints {
 public:
  CrashPoints(Coverage& coverage, Trace& trace) : coverage_(coverage), trace_(trace) {}

  /// Makes the process die at the `passes`-th such place from now.
  void Arm(std::uint64_t passes) { left_ = passes; }
  void Disarm() {
    left_ = 0;
    dead_ = false;
  }
  /// Reports whether the process has died and the next one has not begun.
  [[nodiscard]] bool dead() const { return dead_; }

  /// Marks one of those places. `where` is one of the counters of crashes.
  void Pass(Counter where) {
    if (left_ == 0) return;  // not armed
    --left_;
    if (left_ == 0) End(where);
  }
  /// Makes the process die here.
  [[noreturn]] void End(Counter where) {
    left_ = 0;
    dead_ = true;
    coverage_.Count(Counter::kCrashes);
    coverage_.Count(where);
    trace_.Add("crash (kind {})", static_cast<std::uint64_t>(where));
    throw Crash{where};
  }

 private:
  Coverage& coverage_;
  Trace& trace_;
  std::uint64_t left_ = 0;
  bool dead_ = false;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_CRASH_POINTS_H_
