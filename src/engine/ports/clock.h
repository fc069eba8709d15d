#ifndef COUPOND_ENGINE_PORTS_CLOCK_H_
#define COUPOND_ENGINE_PORTS_CLOCK_H_

#include "engine/rules/timestamp.h"

namespace coupond {

/// The wall clock. It may stand still or jump; the sequencer ensures that log time does not go
/// back. Any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp Now() const = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_PORTS_CLOCK_H_
