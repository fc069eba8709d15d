#include "engine/engine.h"

#include <chrono>
#include <utility>

#include "base/thread.h"

namespace coupond {
namespace {

/// Added to the nice value of the query thread, so that who lists a million coupons in a loop takes
/// little from those who want one. It still gets a quarter of a processor that another thread
/// wants.
constexpr int kQueryNice = 5;
/// The same for long queries, which arrive back to back: an export of a million coupons keeps their
/// thread busy for seconds.
constexpr int kLongQueryNice = 10;
/// The same of the eraser's thread, which reads the whole log.
constexpr int kEraserNice = 10;

template <typename Runner>
std::thread StartThread(const char* name, Runner& runner, int added_nice = 0) {
  return std::thread([name, &runner, added_nice] {
    NameThisThread(name);
    if (added_nice > 0) LowerThisThreadsPriority(added_nice);
    runner.Run();
  });
}

}  // namespace

/// Passes recovery's groups to the projector and the eraser, and calls a function after each, which
/// may step the engine.
class Engine::Tail final : public CommitListener {
 public:
  Tail(Engine& engine, const std::function<void(Engine& engine)>& then)
      : engine_(engine), then_(then) {}

  void OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) override {
    engine_.projector_.OnCommit(group, tip);
    engine_.eraser_.OnCommit(group, tip);
    if (then_) then_(engine_);
  }

 private:
  Engine& engine_;
  const std::function<void(Engine& engine)>& then_;
};

ClockReading Engine::QueryClock::Read() const {
  ClockReading reading = engine_.ports_.clock.Read();
  const Timestamp decided = engine_.sequencer_->decision_time();
  if (decided <= reading.now) return reading;
  if (!reading.disputed && decided.Since(reading.now) > engine_.ports_.clock_slack) {
    reading.disputed = reading.now;
  }
  reading.now = decided;
  return reading;
}

bool Engine::clock_has_caught_up() const {
  const std::optional<Timestamp> machine = ports_.clock.Read().disputed;
  // Within the slack it would have to be put back, which is an operator's to wish.
  return log_is_ahead() && machine && *machine >= sequencer_->decision_time();
}

void Engine::AcceptClockThatCaughtUp() const {
  const std::optional<Timestamp> machine = ports_.clock.Read().disputed;
  if (clock_has_caught_up() && machine) ports_.clock.Accept(*machine);
}

Engine::Engine(const Ports& ports, const Capacities& capacities, Projection projection)
    : ports_(ports),
      queue_(capacities.queue, /*measures=*/ports.observer != nullptr, ports.busy_wait),
      view_head_(projection.checkpoint().tip.sequence),
      projector_(
          ports_.views, std::move(projection),
          [&fence = ports_.fence](const Error& error) { fence.Raise(error); }, &view_listeners_,
          limits::kUnprojectedEventsMax, capacities.events_per_view_flush, ports.observer),
      query_runner_(
          projector_, [&fence = ports_.fence](const Error& error) { fence.Raise(error); },
          limits::kQueryQueueMax, ports.observer),
      long_query_runner_(projector_,
                         [&fence = ports_.fence](const Error& error) { fence.Raise(error); }),
      eraser_({.queue = queue_,
               .log = ports_.stored_log,
               .views = ports_.views,
               .texts = ports_.texts,
               .views_have = [this](Sequence sequence) { return ViewsHave(sequence); },
               .on_failure = [&fence = ports_.fence](const Error& error) { fence.Raise(error); },
               .found_max = capacities.found_texts}) {}

Engine::~Engine() {
  if (!stepped_) Stop();
}

Result<std::unique_ptr<Engine>> Engine::Start(const Ports& ports,
                                              const RecoveryProgress& progress) {
  Projection projection = TRY(Projection::Load(ports.views));
  // The constructor is private, so make_unique cannot be used.
  std::unique_ptr<Engine> engine(new Engine(ports, Capacities{}, std::move(projection)));
  engine->projector_thread_ = StartThread("projector", engine->projector_);
  const std::function<void(Engine & engine)> nothing;
  Tail tail(*engine, nothing);
  TRY(engine->Recover(tail, progress));
  engine->query_thread_ = StartThread("queries", engine->query_runner_, kQueryNice);
  engine->long_query_thread_ =
      StartThread("long-queries", engine->long_query_runner_, kLongQueryNice);
  engine->sequencer_thread_ = StartThread("sequencer", *engine->sequencer_);
  if (engine->eraser_.can_erase()) {
    engine->eraser_thread_ = StartThread("eraser", engine->eraser_, kEraserNice);
  }
  return engine;
}

Result<std::unique_ptr<Engine>> Engine::StartStepped(
    const Ports& ports, const Capacities& capacities,
    const std::function<void(Engine& engine)>& recovering) {
  Projection projection = TRY(Projection::Load(ports.views));
  std::unique_ptr<Engine> engine(new Engine(ports, capacities, std::move(projection)));
  engine->stepped_ = true;
  Tail tail(*engine, recovering);
  TRY(engine->Recover(tail, {}));
  return engine;
}

Status Engine::Recover(CommitListener& tail, const RecoveryProgress& progress) {
  const auto begin = std::chrono::steady_clock::now();
  const Sequence checkpoint = view_head_.sequence();
  TRY(eraser_.Resume());
  Ledger ledger = TRY(coupond::Recover(ports_.stored_log, ports_.views, tail, progress));
  Sequencer::Parts parts{.log = ports_.log,
                         .queue = queue_,
                         .clock = ports_.clock,
                         .fence = ports_.fence,
                         .listeners = {&projector_},
                         .observer = ports_.observer,
                         .clock_slack = ports_.clock_slack};
  if (ports_.commit_listener != nullptr) parts.listeners.push_back(ports_.commit_listener);
  sequencer_.emplace(std::move(parts), std::move(ledger));
  recovery_ = {.time = std::chrono::steady_clock::now() - begin,
               .events = sequencer_->durable_sequence().value() - checkpoint.value()};
  return {};
}

Result<bool> Engine::ViewsHave(Sequence sequence) {
  if (stepped_) return view_head_.sequence() >= sequence;
  TRY(projector_.AwaitSequence(sequence));
  return true;
}

void Engine::Stop() {
  // It waits for all others.
  eraser_.Stop();
  if (eraser_thread_.joinable()) eraser_thread_.join();
  if (stepped_) eraser_.Run();
  // A query waits for the projector, and that for the sequencer's groups: so in this order.
  query_runner_.Stop();
  long_query_runner_.Stop();
  if (query_thread_.joinable()) query_thread_.join();
  if (long_query_thread_.joinable()) long_query_thread_.join();
  if (stepped_) {
    query_runner_.Run();
    long_query_runner_.Run();
  }
  queue_.Close();
  if (sequencer_thread_.joinable()) sequencer_thread_.join();
  if (stepped_) sequencer_->Run();
  projector_.Stop(fenced() ? Projector::Leave::kAsTheyAre : Projector::Leave::kFlushed);
  if (projector_thread_.joinable()) projector_thread_.join();
  if (stepped_) projector_.Run();
}

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
    TRY(ports.views.Clear());
    engine = Engine::Start(ports, progress);
  }
  // An abandoned start ends with kUnavailable; any other error came first.
  if (!engine && left && engine.error().code == ErrorCode::kUnavailable) return nullptr;
  return engine;
}

}  // namespace coupond
