#include "api/dispatcher.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <variant>

#include "api/refusal_mapping.h"

namespace coupond::api {
namespace {

/// Commands go to the engine without waiting for the end of the worker's turn once they are a third
/// of all that the worker's clients wait for, within these bounds. So while one part is on its way
/// to the disk, the worker prepares the next: with few clients in small groups, with many in large
/// ones, which cost less.
constexpr std::size_t kGatheredPart = 3;
constexpr std::size_t kGatheredMin = 16;
constexpr std::size_t kGatheredMax = 128;

std::unexpected<Error> NotTaken(CommandQueue::Push why) {
  if (why == CommandQueue::Push::kFull) {
    return MakeError(ErrorCode::kOverloaded, "not done: too many commands are waiting; retry");
  }
  return MakeError(ErrorCode::kUnavailable, "not done: the server is stopping; retry");
}

}  // namespace

Result<Reply> AsResult(const Reply& reply) {
  if (const auto* refusal = std::get_if<Refusal>(&reply.outcome)) {
    if (auto error = ClockError(*refusal)) return std::unexpected(*std::move(error));
    return reply;
  }
  const auto* unavailable = std::get_if<coupond::Unavailable>(&reply.outcome);
  if (unavailable == nullptr) return reply;
  if (unavailable->outcome_unknown) {
    return MakeError(
        ErrorCode::kOutcomeUnknown,
        "the outcome is unknown: a write to disk failed and the server is stopping; retry when it "
        "is back, with the same request_id (or, for IssueCoupon, the same user_id)");
  }
  return MakeError(ErrorCode::kFenced,
                   "not done: the server is stopping after a failed write; retry");
}

Dispatcher::Dispatcher(Engine& engine, http::Executor& executor, WorkerFigures* figures)
    : engine_(engine), executor_(executor), figures_(figures) {}

void Dispatcher::Submit(Command command, CommandDone done, KeyId key) {
  if (abandoned_) return;
  gathered_.push_back(QueuedCommand{.command = std::move(command),
                                    .channel = this,
                                    .ticket = commands_.Add(std::move(done)),
                                    .key = key});
  if (gathered_.size() == 1) executor_.Post([this] { SubmitGathered(); });
  if (gathered_.size() >=
      std::clamp(commands_.size() / kGatheredPart, kGatheredMin, kGatheredMax)) {
    SubmitGathered();
  }
}

void Dispatcher::AcceptClock(Timestamp shown, CommandDone done, KeyId key) {
  if (abandoned_) return;
  gathered_.push_back(QueuedCommand{.command = {},
                                    .channel = this,
                                    .ticket = commands_.Add(std::move(done)),
                                    .key = key,
                                    .accepts_clock = shown});
  SubmitGathered();
}

void Dispatcher::SubmitGathered() {
  // Refused commands are answered here, and a continuation may submit again.
  std::vector<QueuedCommand> commands = std::exchange(gathered_, std::move(spare_));
  const CommandQueue::PushedAll pushed = engine_.SubmitAll(commands);
  std::exception_ptr thrown;
  for (const QueuedCommand& refused : std::span(commands).subspan(pushed.accepted)) {
    Continue(refused.ticket, NotTaken(pushed.last), thrown);
  }
  commands.clear();
  spare_ = std::move(commands);
  if (thrown) std::rethrow_exception(thrown);
}

void Dispatcher::Deliver(std::span<const TicketedReply> replies) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = delivered_.empty();
    delivered_.insert(delivered_.end(), replies.begin(), replies.end());
  }
  // One wake-up covers all replies that the worker has not seen yet.
  if (first) executor_.Post([this] { RunDelivered(); });
}

void Dispatcher::RunDelivered() {
  running_.clear();
  {
    const std::lock_guard lock(mutex_);
    running_.swap(delivered_);
  }
  std::exception_ptr thrown;
  for (const TicketedReply& ticketed : running_) {
    Continue(ticketed.ticket, AsResult(ticketed.reply), thrown);
  }
  if (thrown) std::rethrow_exception(thrown);
}

/// Runs a continuation. One that throws must not lose the replies of others: its call is destroyed,
/// which answers it, and the executor reports the exception when it is thrown again.
void Dispatcher::Continue(std::uint64_t ticket, Result<Reply> reply, std::exception_ptr& thrown) {
  if (!reply && figures_ != nullptr) figures_->CountRejection(reply.error().code);
  try {
    if (CommandDone done = commands_.Take(ticket)) done(std::move(reply));
  } catch (...) {
    thrown = std::current_exception();
  }
}

void Dispatcher::RunQueryDone(std::uint64_t ticket) {
  if (QueryDone done = queries_.Take(ticket)) done();
}

void Dispatcher::Abandon() {
  abandoned_ = true;
  gathered_.clear();
  commands_.Clear();
  queries_.Clear();
}

}  // namespace coupond::api
