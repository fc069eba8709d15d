#ifndef COUPOND_TEST_SYSTEM_CRASH_KILLED_PROCESS_H_
#define COUPOND_TEST_SYSTEM_CRASH_KILLED_PROCESS_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "engine/sequencer/reply.h"
#include "system/crash/kill_point.h"

namespace coupond::test {

/// What a process that was to kill itself leaves behind, besides its files.
struct KilledProcess {
  int status = 0;                       ///< exit status, or minus the signal that ended it
  std::string output;                   ///< all of its output, for failure messages
  std::map<std::uint64_t, Reply> said;  ///< replies by ticket
  /// The step at which it killed itself, from its output; nullopt if it ended normally.
  std::optional<std::string> killed_at;
  std::uint64_t killed_detail = 0;  ///< such as the group's number
};

/// Runs coupond_kill_points_child on the directory until it ends.
[[nodiscard]] KilledProcess RunAndKill(const std::filesystem::path& directory, KillPoint point,
                                       std::uint64_t at, std::uint8_t round);
/// Does the same with a process that erases a user.
[[nodiscard]] KilledProcess EraseAndKill(const std::filesystem::path& directory, KillPoint point,
                                         std::uint64_t at);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_KILLED_PROCESS_H_
