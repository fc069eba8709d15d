#ifndef COUPOND_TEST_SIMULATION_FIRST_GROUP_H_
#define COUPOND_TEST_SIMULATION_FIRST_GROUP_H_

#include <cstdint>

#include "engine/ports/commit_group.h"
#include "support/model.h"

namespace coupond::simulation {

/// What a simulated store begins with, and the model of it.
struct FirstGroup {
  CommitGroup group;
  test::Model model;
};

/// `serials_left` is how many serials campaigns of long ago have left; 0: nobody has used any.
[[nodiscard]] FirstGroup MakeFirstGroup(std::uint64_t serials_left, Timestamp time);

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_FIRST_GROUP_H_
