#include "engine/engine_start.h"

#include <utility>

namespace coupond {

Result<std::unique_ptr<Engine>> StartEngine(const Engine::Ports& ports, const EngineStart& start) {
  bool left = false;
  const auto progress = [&](std::uint64_t done, std::uint64_t groups) {
    start.show(done, groups);
    left = start.told_to_stop();
    return !left;
  };
  auto engine = Engine::Start(ports, progress);
  if (!engine && engine.error().code == ErrorCode::kViewsDamaged) {
    start.views_discarded(engine.error());
    if (const Status cleared = ports.views.Clear(); !cleared) {
      return std::unexpected(cleared.error());
    }
    engine = Engine::Start(ports, progress);
  }
  // Reading ends with kUnavailable when it is left; any other error was there first.
  if (!engine && left && engine.error().code == ErrorCode::kUnavailable) return nullptr;
  return engine;
}

}  // namespace coupond
