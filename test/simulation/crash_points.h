#ifndef COUPOND_TEST_SIMULATION_CRASH_POINTS_H_
#define COUPOND_TEST_SIMULATION_CRASH_POINTS_H_

#include <cstdint>

#include "simulation/coverage.h"
#include "simulation/trace.h"

namespace coupond::simulation {

/// Thrown where the process ends without another word. No std::exception, so that nothing in the
/// engine takes it for a failure that it must handle: a process that has been killed handles
/// nothing.
struct Crash {
  Counter where;
};

/// The places in the ports where the process may end. The engine calls the ports all the time, so
/// these lie between any two things that it does to the world.
class CrashPoints {
 public:
  CrashPoints(Coverage& coverage, Trace& trace) : coverage_(coverage), trace_(trace) {}

  /// The process ends at the `passes`-th place from now that it comes to.
  void Arm(std::uint64_t passes) { left_ = passes; }
  void Disarm() { left_ = 0; }

  /// `where` is one of the counters of crashes.
  void Pass(Counter where) {
    if (left_ == 0) return;  // not armed
    --left_;
    if (left_ == 0) End(where);
  }
  /// The process ends here.
  [[noreturn]] void End(Counter where) {
    left_ = 0;
    coverage_.Count(Counter::kCrashes);
    coverage_.Count(where);
    trace_.Add("crash (kind {})", static_cast<std::uint64_t>(where));
    throw Crash{where};
  }

 private:
  Coverage& coverage_;
  Trace& trace_;
  std::uint64_t left_ = 0;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_CRASH_POINTS_H_
