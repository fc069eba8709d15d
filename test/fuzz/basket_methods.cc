#include "fuzz/basket_methods.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "fuzz/invariant.h"

namespace coupond::fuzz {
namespace {

using connect::StreamCall;
using connect::StreamTurn;
using connect::UnaryCall;
using connecttest::Basket;

enum class Ending { kWell, kError, kDropped, kHeld, kParts, kUnwritable };
constexpr std::uint32_t kEndings = 6;
constexpr std::uint32_t kCodes = 16;
/// The longest timeout in Connect's form; longer ones of gRPC are capped at it.
constexpr std::chrono::milliseconds kTimeoutMax{9'999'999'999};

Ending EndingOf(const Basket& basket) {
  return static_cast<Ending>(static_cast<std::uint32_t>(basket.total()) % kEndings);
}

bool EndsBeforeItBegins(const Basket& basket) {
  return static_cast<std::uint32_t>(basket.total()) / kEndings % 2 == 1;
}

connect::Error ErrorOf(const Basket& basket) {
  const auto place = static_cast<std::uint32_t>(basket.items_size()) % kCodes;
  connect::Error error{.code = static_cast<connect::Code>(place + 1),
                       .message = basket.owner(),
                       .headers = {{"Retry-After", "1"}}};
  if (!basket.items().empty()) error.AddDetail(basket.items(0));
  return error;
}

/// Returns a message that JSON cannot express: its time is past the year 9999.
Basket Unwritable(Basket basket) {
  basket.add_items()->mutable_issued_at()->set_seconds(std::numeric_limits<std::int64_t>::max());
  return basket;
}

/// Returns the characters of the text that are allowed in a header field.
std::string Printable(std::string_view text) {
  std::string printable;
  std::ranges::copy_if(text, std::back_inserter(printable),
                       [](char c) { return c >= ' ' && c <= '~'; });
  return printable;
}

void CheckTimeout(const connect::Call& call) {
  if (const auto timeout = call.timeout()) {
    Require(timeout->count() >= 0 && *timeout <= kTimeoutMax, "a timeout is within its range");
  }
}

void AddMetadata(const Basket& basket, connect::Call& call) {
  call.headers().emplace_back("Basket-Owner", Printable(basket.owner()));
  call.trailers().emplace_back("Basket-Note", Printable(basket.owner()));
  call.trailers().emplace_back("basket-note", "another");
}

/// Delivers one part for each item, and a last one without items.
class ItemParts final : public connect::PartSource {
 public:
  explicit ItemParts(Basket basket) : basket_(std::move(basket)) {}

  void Next(const connect::EncodePart& encode, Deliver deliver) override {
    Basket part;
    const bool is_last = next_ == basket_.items_size();
    if (!is_last) *part.add_items() = basket_.items(next_++);
    const Progress progress = is_last ? Progress::kEnd : Progress::kMore;
    deliver(progress, encode(progress, part));
  }

 private:
  const Basket basket_;
  int next_ = 0;
};

}  // namespace

/// Sends one message for each item, then ends as the basket says.
class BasketMethods::Items final : public connect::MessageSource {
 public:
  Items(BasketMethods& methods, Basket basket) : methods_(methods), basket_(std::move(basket)) {}

  void Next(StreamTurn turn) override {
    if (next_ < basket_.items_size()) {
      Basket message;
      *message.add_items() = basket_.items(next_++);
      return turn.Send(methods_.Record(std::move(message)));
    }
    switch (EndingOf(basket_)) {
      case Ending::kWell:
      case Ending::kParts:
        return turn.Finish();
      case Ending::kError:
        return turn.Fail(ErrorOf(basket_));
      case Ending::kDropped:
        return;
      case Ending::kHeld:
        methods_.held_turn_ = std::move(turn);
        return;
      case Ending::kUnwritable:
        if (std::exchange(tried_unwritable_, true)) return turn.Finish();
        return turn.Send(methods_.Record(Unwritable({})));
    }
  }

 private:
  BasketMethods& methods_;
  const Basket basket_;
  int next_ = 0;
  bool tried_unwritable_ = false;
};

void BasketMethods::AddTo(connect::Router& router) {
  const auto unary = [this](const Basket& basket, std::unique_ptr<UnaryCall> call) {
    AnswerUnary(basket, std::move(call));
  };
  router.AddUnary<Basket, Basket>(std::string(kFillPath), unary);
  router.AddUnary<Basket, Basket>(std::string(kLookPath), unary);
  router.AddPlainJson<Basket, Basket>(std::string(kPlainFillPath), unary);
  router.AddServerStream<Basket, Basket>(
      std::string(kWatchPath), [this](const Basket& basket, std::unique_ptr<StreamCall> call) {
        AnswerStream(basket, std::move(call));
      });
}

const Basket& BasketMethods::Record(Basket basket) { return sent_.emplace_back(std::move(basket)); }

void BasketMethods::AnswerUnary(const Basket& basket, std::unique_ptr<UnaryCall> call) {
  CheckTimeout(*call);
  AddMetadata(basket, *call);
  switch (EndingOf(basket)) {
    case Ending::kWell:
      return call->Finish(Record(basket));
    case Ending::kError:
      return call->Fail(ErrorOf(basket));
    case Ending::kDropped:
      return;
    case Ending::kHeld:
      Record(basket);
      held_unary_ = std::move(call);
      return;
    case Ending::kParts: {
      Basket first = Record(basket);
      first.clear_items();
      constexpr int kItems = Basket::kItemsFieldNumber;
      return call->FinishInParts(first, kItems, std::make_unique<ItemParts>(basket));
    }
    case Ending::kUnwritable:
      return call->Finish(Record(Unwritable(basket)));
  }
}

void BasketMethods::AnswerStream(const Basket& basket, std::unique_ptr<StreamCall> call) {
  CheckTimeout(*call);
  AddMetadata(basket, *call);
  if (EndsBeforeItBegins(basket)) {
    if (EndingOf(basket) == Ending::kDropped) return;
    if (EndingOf(basket) != Ending::kHeld) return call->Fail(ErrorOf(basket));
    held_stream_ = std::move(call);
    return;
  }
  call->Respond(std::make_unique<Items>(*this, basket));
}

void BasketMethods::Resume() {
  if (const auto call = std::exchange(held_unary_, nullptr)) call->Finish(sent_.back());
  if (const auto call = std::exchange(held_stream_, nullptr)) call->Fail(ErrorOf({}));
  if (auto turn = std::exchange(held_turn_, std::nullopt)) turn->Finish();
}

}  // namespace coupond::fuzz
