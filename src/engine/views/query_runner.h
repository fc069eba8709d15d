#ifndef COUPOND_ENGINE_VIEWS_QUERY_RUNNER_H_
#define COUPOND_ENGINE_VIEWS_QUERY_RUNNER_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

#include "base/error.h"
#include "engine/ports/engine_observer.h"
#include "engine/rules/ids.h"
#include "engine/rules/limits.h"
#include "engine/views/projector.h"

namespace coupond {

/// Runs queries on a thread of their own, so that no worker waits for the views or the disk. Each
/// runs once the views contain all that was durable when it was asked: everyone reads their own
/// writes.
///
/// Threads: TryRun and Stop from any; Run on the query thread.
class QueryRunner {
 public:
  /// Called on the query thread, with an error if the views cannot serve it.
  using Query = std::move_only_function<void(const Status& views_ready)>;

  /// `on_failure` is called on the query thread if a query throws, which none should; the others
  /// are still run. `observer` may be null.
  QueryRunner(Projector& projector, std::function<void(const Error&)> on_failure,
              std::size_t capacity = limits::kQueryQueueMax, EngineObserver* observer = nullptr);

  /// Queues a query. Returns false, and drops it, if too many wait or the runner has stopped.
  [[nodiscard]] bool TryRun(Sequence durable, Query query);

  /// Runs queries until Stop. Those that wait then are called with kUnavailable.
  void Run();
  /// Runs the next query, without waiting for one. Returns false if there was none.
  bool RunWaiting();
  void Stop();
  /// Returns the number of queries that wait. It may be out of date at once. Any thread.
  [[nodiscard]] std::size_t size() const;

 private:
  struct Waiting {
    Sequence durable;
    Query query;
    std::chrono::steady_clock::time_point asked_at = {};  ///< only with an observer
  };

  void RunOne(Waiting& next, bool stopping);

  Projector& projector_;
  const std::function<void(const Error&)> on_failure_;
  const std::size_t capacity_;
  EngineObserver* const observer_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;  // guarded by mutex_
  bool stopping_ = false;        // guarded by mutex_
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_VIEWS_QUERY_RUNNER_H_
