#include "system/crash/killed_process.h"

#include <chrono>
#include <sstream>
#include <stdexcept>

#include "system/crash/reply_text.h"
#include "system/program/process.h"

namespace coupond::test {
namespace {

/// Generous, because the machine may be busy.
constexpr std::chrono::seconds kPatience{60};

KilledProcess RunChild(const std::filesystem::path& directory, KillPoint point, std::uint64_t at,
                       const std::string& work) {
  Process process({COUPOND_KILL_POINTS_CHILD_PATH, directory.string(), std::string(NameOf(point)),
                   std::to_string(at), work});
  const auto status = process.WaitForExit(kPatience);
  KilledProcess killed{.status = status.value_or(0),
                       .output = process.output(),
                       .said = {},
                       .killed_at = {},
                       .killed_detail = 0};
  if (!status) throw std::runtime_error("the process did not end: " + killed.output);
  std::istringstream lines(killed.output);
  for (std::string line; std::getline(lines, line);) {
    if (const auto reply = ParseReply(line)) killed.said.emplace(reply->ticket, reply->reply);
    std::istringstream words(line);
    std::string word;
    std::string step;
    std::uint64_t detail = 0;
    if (!(words >> word >> step >> detail) || word != "killed") continue;
    killed.killed_at = step;
    killed.killed_detail = detail;
  }
  return killed;
}

}  // namespace

KilledProcess RunAndKill(const std::filesystem::path& directory, KillPoint point, std::uint64_t at,
                         std::uint8_t round) {
  return RunChild(directory, point, at, std::to_string(round));
}

KilledProcess EraseAndKill(const std::filesystem::path& directory, KillPoint point,
                           std::uint64_t at) {
  return RunChild(directory, point, at, "erase");
}

}  // namespace coupond::test
