#include "rpc/connect/call.h"

#include <google/protobuf/message.h>

#include <algorithm>

#include "base/bug.h"

namespace coupond::connect {

Call::Call(CallStart&& start)
    : exchange_(std::move(start.exchange)),
      executor_(start.executor),
      context_(std::move(start.context)),
      format_(std::move(start.format)),
      timeout_(start.timeout),
      is_get_(start.is_get),
      known_entity_tags_(std::move(start.known_entity_tags)) {
  if (timeout_) deadline_ = executor_.StartTimer(*timeout_, [this] { OnDeadline(); });
}

std::unique_ptr<http::Timer> Call::StartDeadline(std::move_only_function<void()> task) {
  using std::chrono::milliseconds;
  if (!context_.deadline) return nullptr;
  const auto left =
      std::chrono::ceil<milliseconds>(*context_.deadline - std::chrono::steady_clock::now());
  return executor_.StartTimer(std::max(left, milliseconds(0)), std::move(task));
}

Call::~Call() {
  if (exchange_) {
    Fail({.code = Code::kInternal, .message = "the call was dropped without an answer"});
  }
}

void Call::Fail(Error error) {
  if (const auto exchange = TakeExchange()) {
    exchange->Respond(FailureAnswer(format_, std::move(error), TakeMetadata()));
  }
}

void Call::OnDeadline() {
  const auto exchange = std::exchange(exchange_, nullptr);
  if (!exchange) return;
  time_is_up_ = true;
  exchange->Respond(FailureAnswer(format_, DeadlineExceeded(*timeout_)));
}

std::shared_ptr<http::Exchange> Call::TakeExchange() {
  if (time_is_up_) return nullptr;
  BugUnless(exchange_ != nullptr, "a call is answered once");
  deadline_.reset();
  return std::move(exchange_);
}

void Call::CheckType(const google::protobuf::Message& response) const {
  BugUnless(response.GetDescriptor() == format_.json->root().type,
            "a response is of the method's response type");
}

Error DeadlineExceeded(std::chrono::milliseconds timeout) {
  return {.code = Code::kDeadlineExceeded,
          .message = "there was no answer within the " + std::to_string(timeout.count()) +
                     " ms that the request gave; what it asked for may still happen"};
}

}  // namespace coupond::connect
