#ifndef COUPOND_TEST_SIMULATION_FIRST_GROUP_H_
#define COUPOND_TEST_SIMULATION_FIRST_GROUP_H_

#include <cstdint>

#include "engine/ports/event_log.h"
#include "support/model.h"

namespace coupond::simulation {

/// The first group of a simulated store, and the model of it.
struct FirstGroup {
  CommitGroup group;
  test::Model model;
};

/// `serials_left` is the number of serials that earlier campaigns have left unused; 0: none has
/// been used.
[[nodiscard]] FirstGroup MakeFirstGroup(std::uint64_t serials_left, Timestamp time);

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_FIRST_GROUP_H_
