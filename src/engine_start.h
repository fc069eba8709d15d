#ifndef COUPOND_ENGINE_START_H_
#define COUPOND_ENGINE_START_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "engine/engine.h"
#include "engine/ports/error.h"

namespace coupond {

/// How a server starts its engine: views that turn out to be damaged are made anew, because the log
/// has all that was in them; and whoever runs the server may lose patience.
struct EngineStart {
  /// Shows how far reading the log has come.
  std::function<void(std::uint64_t groups_done, std::uint64_t groups)> show;
  /// Asked now and then whether to leave it.
  std::function<bool()> told_to_stop;
  /// Told why the views are made anew.
  std::function<void(const Error&)> views_discarded;
};

/// The engine; null if it was left because somebody told to stop. An error is what really went
/// wrong, also when somebody told to stop meanwhile.
[[nodiscard]] Result<std::unique_ptr<Engine>> StartEngine(const Engine::Ports& ports,
                                                          const EngineStart& start);

}  // namespace coupond

#endif  // COUPOND_ENGINE_START_H_
