#ifndef COUPOND_COUPOND_START_ENGINE_H_
#define COUPOND_COUPOND_START_ENGINE_H_

#include <memory>

#include "base/error.h"
#include "engine/engine.h"
#include "program/stop_signals.h"

namespace coupond {

/// Starts the engine. Shows how far reading the log has come if it takes longer than a moment: a
/// bar on a terminal, a log line now and then elsewhere. Returns null if a signal ended the start.
[[nodiscard]] Result<std::unique_ptr<Engine>> StartEngineVisibly(const Engine::Ports& ports,
                                                                 const StopSignals& stop_signals);

}  // namespace coupond

#endif  // COUPOND_COUPOND_START_ENGINE_H_
