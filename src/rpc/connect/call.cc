#include "rpc/connect/call.h"

#include <google/protobuf/message.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/error.h"
#include "base/retry_delay.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/get_request.h"
#include "rpc/connect/parts.h"

namespace coupond::connect {

using google::protobuf::Message;

Call::Call(CallStart&& start)
    : exchange_(std::move(start.exchange)),
      executor_(start.executor),
      context_(std::move(start.context)),
      format_(std::move(start.format)),
      timeout_(start.timeout),
      is_get_(start.is_get),
      known_entity_tags_(std::move(start.known_entity_tags)) {
  metadata_.headers = context_.answer_headers;
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
  COUPOND_CHECK(exchange_ != nullptr);
  deadline_.reset();
  return std::move(exchange_);
}

void Call::CheckType(const Message& response) const {
  COUPOND_CHECK(response.GetDescriptor() == format_.json->root().type);
}

Error DeadlineExceeded(std::chrono::milliseconds timeout) {
  return {.code = Code::kDeadlineExceeded,
          .message = "there was no answer within the request's timeout of " +
                     std::to_string(timeout.count()) + " ms; what it asked for may still happen",
          .facts = {{"timeout_ms", std::to_string(timeout.count())}}};
}

std::expected<std::string, Error> UnaryCall::Encode(const Message& response) const {
  CheckType(response);
  return connect::Encode(codec(), *format().json, response);
}

void UnaryCall::Finish(const Message& response) {
  auto encoded = Encode(response);
  if (!encoded) return Fail(std::move(encoded.error()));
  FinishEncoded(*std::move(encoded));
}

void UnaryCall::FinishEncoded(std::string response) {
  const auto exchange = TakeExchange();
  if (!exchange) return;
  http::Response answer = EncodedAnswer(format(), std::move(response), TakeMetadata());
  if (is_get()) {
    AddCacheHeaders(answer);
    AddEntityTag(known_entity_tags(), answer);
  }
  exchange->Respond(std::move(answer));
}

void UnaryCall::FinishInParts(const Message& first, int repeated_field_number,
                              std::unique_ptr<PartSource> parts, std::size_t gathered_bytes_max) {
  CheckType(first);
  auto exchange = TakeExchange();
  if (!exchange) return;
  AnswerMetadata metadata = TakeMetadata();
  auto encoder = std::make_shared<PartEncoder>(format(), repeated_field_number);
  auto body = encoder->EncodeFirst(first);
  if (!body) {
    return exchange->Respond(FailureAnswer(format(), std::move(body.error()), std::move(metadata)));
  }
  if (format().has_envelopes()) {
    const auto gathered =
        std::make_shared<GatheredParts>(GatheredParts::Answer{.exchange = std::move(exchange),
                                                              .format = format(),
                                                              .metadata = std::move(metadata),
                                                              .encoder = std::move(encoder)},
                                        *std::move(body), std::move(parts), gathered_bytes_max);
    gathered->SetDeadline(
        StartDeadline([weak = std::weak_ptr(gathered),
                       timeout = timeout().value_or(std::chrono::milliseconds())] {
          if (const auto alive = weak.lock()) alive->Fail(DeadlineExceeded(timeout));
        }));
    return gathered->Gather();
  }
  http::Response head = AnswerHead(format(), encoder->compresses(), std::move(metadata));
  if (is_get()) AddCacheHeaders(head);
  head.body = *std::move(body);
  exchange->RespondInPieces(std::move(head), MakePartsBody(std::move(encoder), std::move(parts)));
}

/// Connects a stream's turns with its body: turns each message into a piece.
class StreamChannel {
 public:
  using Deliver = http::BodySource::Deliver;
  using Progress = http::BodySource::Progress;

  StreamChannel(AnswerFormat format, Metadata trailers)
      : format_(std::move(format)), trailers_(std::move(trailers)) {}

  /// Notes that the client is ready for more. Returns false if the stream had ended already; its
  /// end has then been delivered.
  [[nodiscard]] bool Ask(Deliver deliver) {
    deliver_ = std::move(deliver);
    if (!end_) return true;
    DeliverNow(Progress::kEnd, std::exchange(*end_, {}));
    return false;
  }

  void Send(const Message& message) {
    if (end_) return;
    auto encoded = EncodeMessageIn(format_, message);
    if (!encoded) return End(&encoded.error());
    SendEncoded(*std::move(encoded));
  }

  void SendEncoded(std::string message) {
    if (!end_) DeliverNow(Progress::kMore, std::move(message));
  }

  void SendParts(std::span<const std::string_view> parts) {
    if (!end_) DeliverNow(Progress::kMore, EnvelopeOf(parts));
  }

  [[nodiscard]] EncodeMessage encoder() const {
    AnswerFormat format = format_;
    format.watched = nullptr;  // its end belongs to this thread
    return [format = std::move(format)](const Message& message) {
      return EncodeMessageIn(format, message);
    };
  }

  /// Ends the stream: now if the client is ready, else as soon as it is. Only the first end counts.
  void End(const Error* error) {
    if (end_) return;
    AppendEnd(format_, error, trailers_, end_.emplace());
    if (deliver_) DeliverNow(Progress::kEnd, std::exchange(*end_, {}));
  }

 private:
  static EncodedPart EncodeMessageIn(const AnswerFormat& format, const Message& message) {
    COUPOND_CHECK(message.GetDescriptor() == format.json->root().type);
    std::string piece;
    TRY(AppendMessage(format, message, piece));
    return piece;
  }

  void DeliverNow(Progress progress, std::string piece) {
    // Delivering may call Ask again at once.
    if (Deliver deliver = std::exchange(deliver_, nullptr)) deliver(progress, std::move(piece));
  }

  const AnswerFormat format_;
  const Metadata trailers_;
  Deliver deliver_;
  std::optional<std::string> end_;
};

StreamTurn& StreamTurn::operator=(StreamTurn&& other) noexcept {
  std::swap(channel_, other.channel_);  // this one's channel is dropped with the other
  return *this;
}

StreamTurn::~StreamTurn() {
  if (channel_) {
    Fail({.code = Code::kInternal, .message = "the stream was dropped before its end"});
  }
}

void StreamTurn::Send(const Message& message) {
  COUPOND_CHECK(channel_ != nullptr);
  std::exchange(channel_, nullptr)->Send(message);
}

EncodeMessage StreamTurn::encoder() const {
  COUPOND_CHECK(channel_ != nullptr);
  return channel_->encoder();
}

void StreamTurn::SendEncoded(std::string message) {
  COUPOND_CHECK(channel_ != nullptr);
  std::exchange(channel_, nullptr)->SendEncoded(std::move(message));
}

void StreamTurn::SendParts(std::span<const std::string_view> parts) {
  COUPOND_CHECK(channel_ != nullptr);
  std::exchange(channel_, nullptr)->SendParts(parts);
}

void StreamTurn::Finish() {
  COUPOND_CHECK(channel_ != nullptr);
  std::exchange(channel_, nullptr)->End(nullptr);
}

void StreamTurn::Fail(const Error& error) {
  COUPOND_CHECK(channel_ != nullptr);
  std::exchange(channel_, nullptr)->End(&error);
}

namespace {

class StreamBody final : public http::BodySource {
 public:
  StreamBody(std::shared_ptr<StreamChannel> channel, std::unique_ptr<MessageSource> source,
             std::unique_ptr<http::Timer> deadline, std::unique_ptr<StreamGuard> guard)
      : channel_(std::move(channel)),
        source_(std::move(source)),
        deadline_(std::move(deadline)),
        guard_(std::move(guard)) {}

  void Next(Deliver deliver) override {
    if (channel_->Ask(std::move(deliver))) source_->Next(StreamTurn(channel_));
  }

  [[nodiscard]] bool waits_for_events() const override { return true; }

  void OnServerStopping() override {
    const Error error{.code = Code::kUnavailable,
                      .message = "the server is stopping; try again later",
                      .reason = "SHUTTING_DOWN",
                      .retry_delay = RetryDelay()};
    channel_->End(&error);
  }

 private:
  const std::shared_ptr<StreamChannel> channel_;
  const std::unique_ptr<MessageSource> source_;
  const std::unique_ptr<http::Timer> deadline_;
  const std::unique_ptr<StreamGuard> guard_;
};

}  // namespace

void StreamCall::Respond(std::unique_ptr<MessageSource> source) {
  const auto exchange = TakeExchange();
  if (!exchange) return;
  AnswerMetadata metadata = TakeMetadata();
  // Each message must reach the client when it is sent, unchanged: proxies must not gather
  // messages, compress them together, or cache them.
  metadata.headers.emplace_back("Cache-Control", "no-store, no-transform");
  metadata.headers.emplace_back("X-Accel-Buffering", "no");
  auto channel = std::make_shared<StreamChannel>(format(), std::exchange(metadata.trailers, {}));
  auto deadline = StartDeadline([channel, timeout = timeout()] {
    const Error error = DeadlineExceeded(timeout.value_or(std::chrono::milliseconds(0)));
    channel->End(&error);
  });
  if (guard_) guard_->Begin([channel](const Error& error) { channel->End(&error); });
  exchange->RespondInPieces(AnswerHead(format(), false, std::move(metadata)),
                            std::make_unique<StreamBody>(std::move(channel), std::move(source),
                                                         std::move(deadline), std::move(guard_)));
}

}  // namespace coupond::connect
