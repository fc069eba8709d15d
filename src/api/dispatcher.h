#ifndef COUPOND_API_DISPATCHER_H_
#define COUPOND_API_DISPATCHER_H_

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "api/metrics/worker_figures.h"
#include "base/error.h"
#include "engine/engine.h"
#include "engine/rules/command.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "engine/sequencer/reply.h"
#include "rpc/http/handler.h"

namespace coupond::api {

/// The calls of a worker that wait for another thread, found by their tickets. An answer carries
/// only the ticket, so what waits never leaves the worker's thread. A ticket is reused after Take.
template <typename Waiting>
class TicketTable {
 public:
  [[nodiscard]] std::uint64_t Add(Waiting waiting) {
    if (free_.empty()) {
      waiting_.push_back(std::move(waiting));
      return waiting_.size() - 1;
    }
    const std::uint64_t ticket = free_.back();
    free_.pop_back();
    waiting_[ticket] = std::move(waiting);
    return ticket;
  }

  /// Returns what waits with the ticket, or an empty one after Clear.
  [[nodiscard]] Waiting Take(std::uint64_t ticket) {
    if (ticket >= waiting_.size()) return Waiting();
    Waiting taken = std::exchange(waiting_[ticket], Waiting());
    free_.push_back(ticket);
    return taken;
  }

  /// Returns the number of calls that wait.
  [[nodiscard]] std::size_t size() const { return waiting_.size() - free_.size(); }

  /// Drops everything that waits. Add nothing afterwards.
  void Clear() {
    free_.clear();
    waiting_.clear();
  }

 private:
  std::vector<Waiting> waiting_;
  std::vector<std::uint64_t> free_;
};

/// Returns the reply, or the error if its outcome is Unavailable or a refusal because of the clock:
/// kFenced, kOutcomeUnknown or kClockAhead.
[[nodiscard]] Result<Reply> AsResult(const Reply& reply);

/// Connects one worker with the engine: submits commands and queries, and runs their continuations
/// on the worker's thread when the answers arrive.
///
/// Threads: the worker's, except for Deliver. Must outlive the engine's last reply and the
/// executor's last task; continuations end with Abandon.
class Dispatcher final : public ReplyChannel {
 public:
  /// Receives the reply, whose outcome is never Unavailable, nor a refusal because of the clock; or
  /// the error: kUnavailable, kOverloaded, kFenced, kOutcomeUnknown or kClockAhead.
  using CommandDone = std::move_only_function<void(Result<Reply>)>;

  /// `figures` are the worker's, and must outlive this; null: nothing is counted.
  Dispatcher(Engine& engine, http::Executor& executor, WorkerFigures* figures = nullptr);

  /// Returns what the worker counts, or null.
  [[nodiscard]] WorkerFigures* figures() const { return figures_; }

  /// Calls `done` exactly once, later; or during this call or another, if commands cannot be
  /// accepted. The commands that arrive in one turn of the worker go to the engine together.
  /// The log has each of the command's events with the key that it was allowed with.
  void Submit(Command command, CommandDone done, KeyId key = kNoKey);

  /// Asks to go by the machine's clock, which showed `shown` when an operator looked at it. Calls
  /// `done` as Submit does; its reply is Done.
  void AcceptClock(Timestamp shown, CommandDone done, KeyId key = kNoKey);

  /// Runs `query` on the thread for its kind once the views contain everything that is durable now,
  /// then calls `done` with its result, exactly once. The error is kOverloaded if too many queries
  /// are waiting or the engine is stopping, and kUnavailable if it stops before the query's turn.
  /// `Answer` is a Result, or another expected whose error can be made of an Error.
  template <typename Answer>
  void Ask(std::move_only_function<Answer(const ViewStore&)> query,
           std::move_only_function<void(Answer)> done,
           Engine::QueryKind kind = Engine::QueryKind::kShort);

  /// Drops all continuations without calling them, because the worker is ending.
  void Abandon();

  void Deliver(std::span<const TicketedReply> replies) override;

 private:
  using QueryDone = std::move_only_function<void()>;

  void SubmitGathered();
  void RunDelivered();
  void Continue(std::uint64_t ticket, Result<Reply> reply, std::exception_ptr& thrown);
  void RunQueryDone(std::uint64_t ticket);

  Engine& engine_;
  http::Executor& executor_;
  WorkerFigures* const figures_;
  bool abandoned_ = false;
  TicketTable<CommandDone> commands_;
  TicketTable<QueryDone> queries_;
  std::vector<QueuedCommand> gathered_;  // not yet submitted
  std::vector<QueuedCommand> spare_;     // empty; kept for its capacity
  std::vector<TicketedReply> running_;

  std::mutex mutex_;
  std::vector<TicketedReply> delivered_;  // guarded by mutex_
};

/// Returns the query's result. An exception becomes an error, because the query thread must go on.
template <typename Query>
auto Guarded(Query& query, const ViewStore& views) -> decltype(query(views)) {
  try {
    return query(views);
  } catch (const std::exception& error) {
    return MakeError(ErrorCode::kIo, std::string("the query failed: ") + error.what());
  }
}

template <typename Answer>
void Dispatcher::Ask(std::move_only_function<Answer(const ViewStore&)> query,
                     std::move_only_function<void(Answer)> done, Engine::QueryKind kind) {
  if (abandoned_) return;
  const auto answer = std::make_shared<std::optional<Answer>>();
  const std::uint64_t ticket =
      queries_.Add([answer, done = std::move(done)]() mutable { done(std::move(**answer)); });
  const bool taken = engine_.Query(
      [this, answer, ticket, query = std::move(query)](const Status& views_ready) mutable {
        if (views_ready) {
          answer->emplace(Guarded(query, engine_.views()));
        } else {
          answer->emplace(std::unexpected(views_ready.error()));
        }
        executor_.Post([this, ticket] { RunQueryDone(ticket); });
      },
      kind);
  if (taken) return;
  answer->emplace(MakeError(ErrorCode::kOverloaded,
                            "too many queries are waiting, or the server is stopping; retry"));
  RunQueryDone(ticket);
}

}  // namespace coupond::api

#endif  // COUPOND_API_DISPATCHER_H_
