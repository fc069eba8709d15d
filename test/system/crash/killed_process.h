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

/// What a process that was to kill itself has left behind, besides its files.
struct KilledProcess {
  int status = 0;                       ///< of its exit, or minus the signal that ended it
  std::string output;                   ///< all of it, for when something is wrong
  std::map<std::uint64_t, Reply> said;  ///< by ticket, what its clients were told
  /// The step that it was killed at, as it says itself; nothing: it came to its end.
  std::optional<std::string> killed_at;
  std::uint64_t killed_detail = 0;  ///< such as the group
};

/// Runs coupond_kill_points_child on the directory to its end, whatever that is.
[[nodiscard]] KilledProcess RunAndKill(const std::filesystem::path& directory, KillPoint point,
                                       std::uint64_t at, std::uint8_t round);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_KILLED_PROCESS_H_
