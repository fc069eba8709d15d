#include "system/crash/kill_point.h"

#include <unistd.h>

#include <csignal>
#include <string>

#include "base/check.h"

namespace coupond::test {

std::string_view NameOf(KillPoint point) {
  for (const KillPointName& known : kKillPointNames) {
    if (known.point == point) return known.name;
  }
  COUPOND_CHECK(false);
}

std::optional<KillPoint> KillPointNamed(std::string_view name) {
  for (const KillPointName& known : kKillPointNames) {
    if (known.name == name) return known.point;
  }
  return std::nullopt;
}

bool KillSwitch::Reaches(KillPoint point) { return point == point_ && ++count_ == at_; }

void KillSwitch::Kill(std::uint64_t detail) const {
  Tell("killed " + std::string(NameOf(point_)) + " " + std::to_string(detail));
  ::kill(::getpid(), SIGKILL);
  while (true) ::pause();
}

void Tell(std::string_view line) {
  const std::string text = std::string(line) + "\n";
  // Shorter than a pipe's buffer, so it is written in one piece.
  const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
  COUPOND_CHECK(written == static_cast<ssize_t>(text.size()));
}

}  // namespace coupond::test
