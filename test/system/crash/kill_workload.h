#ifndef COUPOND_TEST_SYSTEM_CRASH_KILL_WORKLOAD_H_
#define COUPOND_TEST_SYSTEM_CRASH_KILL_WORKLOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "engine/rules/command.h"
#include "engine/rules/timestamp.h"

namespace coupond::test {

/// The number of commands in flight; groups have one command or several.
inline constexpr std::size_t kCommandsAtOnce = 3;

/// Returns the commands of a process that will be killed, the same in the process and in the test.
/// A command's index is its ticket. Each round has campaigns of its own, and also issues coupons of
/// the previous round's. Commands are granted and refused in every way, and campaigns change.
[[nodiscard]] std::vector<Command> KillWorkload(std::uint8_t round);
/// Returns the user whom a process erases that is to do so, in place of a workload.
[[nodiscard]] std::string ErasedUser();
/// Returns the time during the whole round.
[[nodiscard]] Timestamp KillTime(std::uint8_t round);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_KILL_WORKLOAD_H_
