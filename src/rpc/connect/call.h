#ifndef COUPOND_RPC_CONNECT_CALL_H_
#define COUPOND_RPC_CONNECT_CALL_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "rpc/connect/answer.h"
#include "rpc/connect/error.h"
#include "rpc/connect/interceptor.h"
#include "rpc/connect/metadata.h"
#include "rpc/connect/parts.h"
#include "rpc/http/handler.h"

/// The calls that handlers answer: one response, or a stream of them.
namespace coupond::connect {

/// What the router knows of a call when it hands it to the method's handler.
struct CallStart {
  std::shared_ptr<http::Exchange> exchange;
  http::Executor& executor;
  CallContext context;
  AnswerFormat format;
  std::optional<std::chrono::milliseconds> timeout = {};
  bool is_get = false;
  std::string known_entity_tags = {};  ///< If-None-Match, of a GET
};

/// What unary calls and streams have in common. Worker's thread only.
///
/// When the client's timeout has passed and nothing has been answered, the call answers
/// `deadline_exceeded` by itself. What its handler then says goes nowhere; what it has begun may
/// still happen.
class Call {
 public:
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// How long the client will wait, from when the call came; nothing if it did not say.
  [[nodiscard]] std::optional<std::chrono::milliseconds> timeout() const { return timeout_; }
  /// What is known about the call: its method, its client, what interceptors have found out.
  [[nodiscard]] const CallContext& context() const { return context_; }
  /// Whether it came as a GET, whose answer may be cached.
  [[nodiscard]] bool is_get() const { return is_get_; }

  /// Sent before the answer. To be filled before the call is answered.
  [[nodiscard]] Metadata& headers() { return metadata_.headers; }
  /// Sent behind it.
  [[nodiscard]] Metadata& trailers() { return metadata_.trailers; }

  void Fail(Error error);

 protected:
  explicit Call(CallStart&& start);
  /// A call that is destroyed unanswered answers `internal`.
  ~Call();

  [[nodiscard]] const AnswerFormat& format() const { return format_; }
  /// If-None-Match, of a GET.
  [[nodiscard]] const std::string& known_entity_tags() const { return known_entity_tags_; }
  /// The metadata, given away with the answer.
  [[nodiscard]] AnswerMetadata TakeMetadata() { return std::move(metadata_); }
  /// Runs the task when the client's time is up, counted from when the call came; null if it named
  /// none.
  [[nodiscard]] std::unique_ptr<http::Timer> StartDeadline(std::move_only_function<void()> task);
  /// Gives the exchange away: the call is answered from then on. Null if its time was up.
  [[nodiscard]] std::shared_ptr<http::Exchange> TakeExchange();
  /// The response must be of the method's type.
  void CheckType(const google::protobuf::Message& response) const;

 private:
  void OnDeadline();

  std::shared_ptr<http::Exchange> exchange_;  ///< null once the call is answered
  http::Executor& executor_;
  const CallContext context_;
  const AnswerFormat format_;
  const std::optional<std::chrono::milliseconds> timeout_;
  const bool is_get_;
  const std::string known_entity_tags_;
  AnswerMetadata metadata_;
  std::unique_ptr<http::Timer> deadline_;  ///< if there is a timeout, until the call is answered
  bool time_is_up_ = false;
};

/// What is said when the time is up.
[[nodiscard]] Error DeadlineExceeded(std::chrono::milliseconds timeout);

/// Answered exactly once, on the worker's thread, during the handler's call or at any time after
/// it. A call that is destroyed unanswered, also on the worker's thread, answers `internal`.
class UnaryCall final : public Call {
 public:
  explicit UnaryCall(CallStart&& start) : Call(std::move(start)) {}

  /// The response must be of the method's response type.
  void Finish(const google::protobuf::Message& response);
  /// Answers with a response that nobody holds whole: `first` has all fields and perhaps some
  /// elements of the repeated field; `parts` brings the others. In protobuf the parts follow one
  /// another, which by the wire format is one message; in JSON the field is written last.
  ///
  /// gRPC-Web says a message's length before the message, so there the parts are gathered, and an
  /// answer of more than kGatheredBytesMax (parts.h) fails with `resource_exhausted`.
  void FinishInParts(const google::protobuf::Message& first, int repeated_field_number,
                     std::unique_ptr<PartSource> parts);
};

class StreamChannel;

/// A source's turn to say something: exactly one of the three, once, now or later, on the worker's
/// thread. Dropped unused, it fails the stream with `internal`. When the stream has ended meanwhile
/// (the client has left, its time is up, the server stops), what is said goes nowhere.
class StreamTurn {
 public:
  explicit StreamTurn(std::shared_ptr<StreamChannel> channel) : channel_(std::move(channel)) {}
  StreamTurn(StreamTurn&&) noexcept = default;
  StreamTurn& operator=(StreamTurn&&) noexcept;
  ~StreamTurn();

  /// The message must be of the method's response type. It is encoded here, not kept. When it has
  /// been written to the client's connection, the source has its next turn.
  void Send(const google::protobuf::Message& message);
  /// All has been said: the stream ends well.
  void Finish();
  void Fail(const Error& error);

 private:
  std::shared_ptr<StreamChannel> channel_;  ///< null once the turn is used
};

/// Makes the responses of a stream, one for each turn; a client that reads slowly is given turns
/// slowly, so nothing piles up. Worker's thread. Destroyed when the stream has ended, for whatever
/// reason; a turn that it still has is then worth nothing.
class MessageSource {
 public:
  virtual ~MessageSource() = default;
  virtual void Next(StreamTurn turn) = 0;
};

/// Answered exactly once, on the worker's thread, during the handler's call or at any time after
/// it: with Fail, or with a source of messages. The headers are sent at once, before any message.
///
/// The client's timeout holds until the stream's end, which it brings with `deadline_exceeded`.
/// When the server stops, streams end with `unavailable`.
class StreamCall final : public Call {
 public:
  explicit StreamCall(CallStart&& start) : Call(std::move(start)) {}

  void Respond(std::unique_ptr<MessageSource> source);
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_CALL_H_
