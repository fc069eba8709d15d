#include "rpc/connect/stream.h"

#include <google/protobuf/message.h>

#include <optional>
#include <string>

#include "base/bug.h"

namespace coupond::connect {

/// A stream's way to its client: turns what is said in a turn into a piece of the body.
class StreamChannel {
 public:
  using Deliver = http::BodySource::Deliver;
  using Progress = http::BodySource::Progress;

  StreamChannel(AnswerFormat format, Metadata trailers)
      : format_(std::move(format)), trailers_(std::move(trailers)) {}

  /// The client is ready for more. False: the stream's end was there already, and went out.
  [[nodiscard]] bool Ask(Deliver deliver) {
    deliver_ = std::move(deliver);
    if (!end_) return true;
    DeliverNow(Progress::kEnd, std::exchange(*end_, {}));
    return false;
  }

  void Send(const google::protobuf::Message& message) {
    BugUnless(message.GetDescriptor() == format_.json->root().type,
              "a response is of the method's response type");
    if (end_) return;
    std::string piece;
    if (auto appended = AppendMessage(format_, message, piece); !appended) {
      return End(&appended.error());
    }
    DeliverNow(Progress::kMore, std::move(piece));
  }

  /// Now if the client is ready, else as soon as it is. What comes after the end is left out.
  void End(const Error* error) {
    if (end_) return;
    AppendEnd(format_, error, trailers_, end_.emplace());
    if (deliver_) DeliverNow(Progress::kEnd, std::exchange(*end_, {}));
  }

 private:
  void DeliverNow(Progress progress, std::string piece) {
    // Delivering may bring the next question at once.
    if (Deliver deliver = std::exchange(deliver_, nullptr)) deliver(progress, std::move(piece));
  }

  const AnswerFormat format_;
  const Metadata trailers_;
  Deliver deliver_;
  std::optional<std::string> end_;
};

StreamTurn& StreamTurn::operator=(StreamTurn&& other) noexcept {
  std::swap(channel_, other.channel_);  // what this had is dropped with the other
  return *this;
}

StreamTurn::~StreamTurn() {
  if (channel_) {
    Fail({.code = Code::kInternal, .message = "the stream was dropped before its end"});
  }
}

void StreamTurn::Send(const google::protobuf::Message& message) {
  BugUnless(channel_ != nullptr, "a turn is used once");
  std::exchange(channel_, nullptr)->Send(message);
}

void StreamTurn::Finish() {
  BugUnless(channel_ != nullptr, "a turn is used once");
  std::exchange(channel_, nullptr)->End(nullptr);
}

void StreamTurn::Fail(const Error& error) {
  BugUnless(channel_ != nullptr, "a turn is used once");
  std::exchange(channel_, nullptr)->End(&error);
}

namespace {

class StreamBody final : public http::BodySource {
 public:
  StreamBody(std::shared_ptr<StreamChannel> channel, std::unique_ptr<MessageSource> source,
             std::unique_ptr<http::Timer> deadline)
      : channel_(std::move(channel)), source_(std::move(source)), deadline_(std::move(deadline)) {}

  void Next(Deliver deliver) override {
    if (channel_->Ask(std::move(deliver))) source_->Next(StreamTurn(channel_));
  }

  [[nodiscard]] bool waits_for_events() const override { return true; }

  void OnServerStopping() override {
    const Error error{.code = Code::kUnavailable,
                      .message = "the server is stopping; ask again when it is back"};
    channel_->End(&error);
  }

 private:
  const std::shared_ptr<StreamChannel> channel_;
  const std::unique_ptr<MessageSource> source_;
  const std::unique_ptr<http::Timer> deadline_;
};

}  // namespace

void StreamCall::Respond(std::unique_ptr<MessageSource> source) {
  const auto exchange = TakeExchange();
  if (!exchange) return;
  AnswerMetadata metadata = TakeMetadata();
  // Each message is to reach the client when it is sent, as it is: proxies must not gather them,
  // wait for the end to compress them, or keep them.
  metadata.headers.emplace_back("Cache-Control", "no-store, no-transform");
  metadata.headers.emplace_back("X-Accel-Buffering", "no");
  auto channel = std::make_shared<StreamChannel>(format(), std::exchange(metadata.trailers, {}));
  auto deadline = StartDeadline([channel, timeout = timeout()] {
    const Error error = DeadlineExceeded(timeout.value_or(std::chrono::milliseconds(0)));
    channel->End(&error);
  });
  exchange->RespondInPieces(
      AnswerHead(format(), false, std::move(metadata)),
      std::make_unique<StreamBody>(std::move(channel), std::move(source), std::move(deadline)));
}

}  // namespace coupond::connect
