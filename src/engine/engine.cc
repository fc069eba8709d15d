#include "engine/engine.h"

#include <utility>

namespace coupond {

Engine::Engine(const Ports& ports, Projection projection)
    : ports_(ports),
      projector_(
          ports_.views, std::move(projection),
          [&fence = ports_.fence](const Error& error) { fence.Raise(error); }, &watches_),
      query_runner_(projector_,
                    [&fence = ports_.fence](const Error& error) { fence.Raise(error); }) {}

Engine::~Engine() { Stop(); }

Result<std::unique_ptr<Engine>> Engine::Start(const Ports& ports,
                                              const RecoveryProgress& progress) {
  auto projection = Projection::Load(ports.views);
  if (!projection) return std::unexpected(projection.error());
  // The constructor is private, so make_unique cannot be used.
  std::unique_ptr<Engine> engine(new Engine(ports, std::move(*projection)));
  engine->projector_thread_ = std::thread([&projector = engine->projector_] { projector.Run(); });

  auto ledger = Recover(ports.log, ports.views, engine->projector_, progress);
  if (!ledger) return std::unexpected(ledger.error());

  Sequencer::Parts parts{.log = ports.log,
                         .queue = engine->queue_,
                         .clock = ports.clock,
                         .fence = ports.fence,
                         .listeners = {&engine->projector_}};
  if (ports.commit_listener != nullptr) parts.listeners.push_back(ports.commit_listener);
  Sequencer& sequencer = engine->sequencer_.emplace(std::move(parts), std::move(*ledger));
  engine->query_thread_ = std::thread([&runner = engine->query_runner_] { runner.Run(); });
  engine->sequencer_thread_ = std::thread([&sequencer] { sequencer.Run(); });
  return engine;
}

void Engine::Stop() {
  // A query waits for the projector, and that for the sequencer's groups: so in this order.
  query_runner_.Stop();
  if (query_thread_.joinable()) query_thread_.join();
  queue_.Close();
  if (sequencer_thread_.joinable()) sequencer_thread_.join();
  projector_.Stop(fenced() ? Projector::Leave::kAsTheyAre : Projector::Leave::kFlushed);
  if (projector_thread_.joinable()) projector_thread_.join();
}

}  // namespace coupond
