#include "api/dispatcher.h"

#include <exception>
#include <string>
#include <variant>

namespace coupond::api {
namespace {

std::unexpected<Error> Unavailable(const char* message) {
  return MakeError(ErrorCode::kUnavailable, message);
}

Result<Reply> AsResult(const Reply& reply) {
  const auto* unavailable = std::get_if<coupond::Unavailable>(&reply.outcome);
  if (unavailable == nullptr) return reply;
  if (unavailable->outcome_unknown) {
    return Unavailable(
        "the outcome is unknown: a write to disk failed and the server is stopping; retry when it "
        "is back (IssueCoupon: with the same request_id or user_id)");
  }
  return Unavailable("not done: the server is stopping after a failed write; retry");
}

}  // namespace

Dispatcher::Dispatcher(Engine& engine, http::Executor& executor)
    : engine_(engine), executor_(executor) {}

void Dispatcher::Submit(Command command, CommandDone done) {
  if (abandoned_) return;
  const std::uint64_t ticket = commands_.Add(std::move(done));
  switch (engine_.Submit(QueuedCommand{std::move(command), this, ticket})) {
    case CommandQueue::Push::kAccepted:
      return;
    case CommandQueue::Push::kFull:
      return commands_.Take(ticket)(Unavailable("not done: too many commands are waiting; retry"));
    case CommandQueue::Push::kClosed:
      return commands_.Take(ticket)(Unavailable("not done: the server is stopping; retry"));
  }
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
  // A continuation that throws must not lose the replies of others. Its call is destroyed, which
  // answers it; the executor reports the exception.
  std::exception_ptr thrown;
  for (const TicketedReply& ticketed : running_) {
    try {
      if (CommandDone done = commands_.Take(ticketed.ticket)) done(AsResult(ticketed.reply));
    } catch (...) {
      thrown = std::current_exception();
    }
  }
  if (thrown) std::rethrow_exception(thrown);
}

void Dispatcher::RunQueryDone(std::uint64_t ticket) {
  if (QueryDone done = queries_.Take(ticket)) done();
}

void Dispatcher::Abandon() {
  abandoned_ = true;
  commands_.Clear();
  queries_.Clear();
}

}  // namespace coupond::api
