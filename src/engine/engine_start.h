#ifndef COUPOND_ENGINE_ENGINE_START_H_
#define COUPOND_ENGINE_ENGINE_START_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "base/error.h"
#include "engine/engine.h"

namespace coupond {

/// The hooks with which a server starts its engine. Views that turn out to be damaged are rebuilt
/// from the log, and the start can be abandoned.
struct EngineStart {
  /// Shows how far reading the log has come.
  std::function<void(std::uint64_t groups_done, std::uint64_t groups)> show;
  /// Called now and then; the start is abandoned if it returns true.
  std::function<bool()> told_to_stop;
  /// Called with the reason why the views are rebuilt.
  std::function<void(const Error&)> views_discarded;
};

/// Starts the engine. Returns null if the start was abandoned. An error that came before that is
/// returned all the same.
[[nodiscard]] Result<std::unique_ptr<Engine>> StartEngine(const Engine::Ports& ports,
                                                          const EngineStart& start);

}  // namespace coupond

#endif  // COUPOND_ENGINE_ENGINE_START_H_
