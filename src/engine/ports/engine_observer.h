#ifndef COUPOND_ENGINE_PORTS_ENGINE_OBSERVER_H_
#define COUPOND_ENGINE_PORTS_ENGINE_OBSERVER_H_

#include <chrono>
#include <cstddef>

namespace coupond {

/// The measures of one commit group.
struct GroupMeasures {
  std::size_t commands = 0;
  std::size_t events = 0;                   ///< 0: refusals alone
  std::chrono::nanoseconds longest_wait{};  ///< of its first command, in the queue
  std::chrono::nanoseconds append_time{};   ///< of appending or, without events, of confirming
};

/// Measures the engine at work.
///
/// Threads: each function is called on the thread that its comment names, which others wait for: it
/// must not wait, lock, allocate or throw, and should only add to atomic counters. The engine
/// itself takes no lock and no memory for it, and reads no clock without an observer.
class EngineObserver {
 public:
  virtual ~EngineObserver() = default;
  /// Called on the sequencer's thread for each group that was made durable, before its replies go.
  virtual void OnGroup(const GroupMeasures& measures) = 0;
  /// Called on the projector's thread after each write of the views, with the number of durable
  /// events that are not in them yet.
  virtual void OnProjected(std::size_t events_behind) = 0;
  /// Called on the thread of short queries after each, with the time since it was asked.
  virtual void OnQuery(std::chrono::nanoseconds /*time*/) {}
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_PORTS_ENGINE_OBSERVER_H_
