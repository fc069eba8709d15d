#ifndef COUPOND_TEST_SYSTEM_CRASH_KILL_WORKLOAD_H_
#define COUPOND_TEST_SYSTEM_CRASH_KILL_WORKLOAD_H_

#include <cstdint>
#include <vector>

#include "engine/rules/command.h"
#include "engine/rules/timestamp.h"

namespace coupond::test {

/// How many commands are on their way at once: groups of one command and of several come about.
inline constexpr std::size_t kCommandsAtOnce = 3;

/// The commands of a process that will be killed, the same in the process and in the test: the
/// place in the list is the command's ticket. Each round has its own campaigns, and asks for
/// coupons of the round before's too. With everything that can be granted and refused.
[[nodiscard]] std::vector<Command> KillWorkload(std::uint8_t round);
/// What the clock says all through the round.
[[nodiscard]] Timestamp KillTime(std::uint8_t round);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_KILL_WORKLOAD_H_
