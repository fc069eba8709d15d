#ifndef COUPOND_RPC_CONNECT_CALL_H_
#define COUPOND_RPC_CONNECT_CALL_H_

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "rpc/connect/answer.h"
#include "rpc/connect/codec.h"
#include "rpc/connect/error.h"
#include "rpc/connect/interceptor.h"
#include "rpc/connect/parts.h"
#include "rpc/http/handler.h"

/// The calls that handlers answer: one response, or a stream of them.
namespace coupond::connect {

/// The state of a call when the router hands it to the method's handler.
struct CallStart {
  std::shared_ptr<http::Exchange> exchange;
  http::Executor& executor;
  CallContext context;
  AnswerFormat format;
  std::optional<std::chrono::milliseconds> timeout = {};
  bool is_get = false;
  std::string known_entity_tags = {};  ///< If-None-Match, of a GET
};

/// The common part of unary calls and streams. Worker's thread only.
///
/// If the client's timeout passes before the call is answered, the call answers `deadline_exceeded`
/// by itself. A later response of its handler is dropped; what the handler has begun may still
/// happen.
class Call {
 public:
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// Returns how long the client will wait, counted from the arrival of the call, or nullopt if it
  /// did not say.
  [[nodiscard]] std::optional<std::chrono::milliseconds> timeout() const { return timeout_; }
  /// Returns what is known about the call: its method, its client, and what interceptors added.
  [[nodiscard]] const CallContext& context() const { return context_; }
  /// Reports whether the call came as a GET, whose response may be cached.
  [[nodiscard]] bool is_get() const { return is_get_; }

  /// Sent before the response. Fill them before the call is answered.
  [[nodiscard]] Metadata& headers() { return metadata_.headers; }
  /// Sent after the response. Fill them before the call is answered.
  [[nodiscard]] Metadata& trailers() { return metadata_.trailers; }

  void Fail(Error error);

 protected:
  explicit Call(CallStart&& start);
  /// A call that is destroyed unanswered answers `internal`.
  ~Call();

  [[nodiscard]] const AnswerFormat& format() const { return format_; }
  /// If-None-Match, of a GET.
  [[nodiscard]] const std::string& known_entity_tags() const { return known_entity_tags_; }
  /// Returns the metadata, which moves to the response.
  [[nodiscard]] AnswerMetadata TakeMetadata() { return std::move(metadata_); }
  /// Runs the task when the client's timeout has passed, counted from the arrival of the call.
  /// Returns null if there is no timeout.
  [[nodiscard]] std::unique_ptr<http::Timer> StartDeadline(std::move_only_function<void()> task);
  /// Returns the exchange; from then on the call counts as answered. Returns null if its time was
  /// up.
  [[nodiscard]] std::shared_ptr<http::Exchange> TakeExchange();
  /// Aborts if the response is not of the method's type.
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

/// Returns the error of a call whose timeout has passed.
[[nodiscard]] Error DeadlineExceeded(std::chrono::milliseconds timeout);

/// A call with one response. The handler answers it exactly once, on the worker's thread, during
/// its own call or at any time after it. A call that is destroyed unanswered, also on the worker's
/// thread, answers `internal`.
class UnaryCall final : public Call {
 public:
  explicit UnaryCall(CallStart&& start) : Call(std::move(start)) {}

  /// The response must be of the method's response type.
  void Finish(const google::protobuf::Message& response);

  // For a handler that keeps encoded responses, or encodes them itself:

  /// Returns how the client reads and writes messages.
  [[nodiscard]] Codec codec() const { return format().dialect.codec; }
  /// Returns the bytes of a response of the method's response type. The error is internal.
  [[nodiscard]] std::expected<std::string, Error> Encode(
      const google::protobuf::Message& response) const;
  /// Answers with a response of the method's response type that is encoded by the call's codec.
  void FinishEncoded(std::string response);

  /// Answers with a response that is never held as a whole: `first` has all fields and perhaps some
  /// elements of the repeated field; `parts` makes the other elements. In protobuf the parts are
  /// concatenated, which by the wire format is one message; in JSON the field is written last.
  ///
  /// gRPC-Web sends a message's length before the message, so there the parts are gathered, and a
  /// response of more than `gathered_bytes_max` fails with `resource_exhausted`.
  void FinishInParts(const google::protobuf::Message& first, int repeated_field_number,
                     std::unique_ptr<PartSource> parts,
                     std::size_t gathered_bytes_max = kGatheredBytesMax);
};

class StreamChannel;

/// Encodes a message of one stream, of the method's response type, as it is sent. May be copied,
/// kept, and called on any thread.
using EncodeMessage = std::function<EncodedPart(const google::protobuf::Message& message)>;

/// A source's turn: exactly one of Send, SendEncoded, Finish and Fail is called, once, now or
/// later, on the worker's thread. Dropped unused, it fails the stream with `internal`. If the
/// stream has ended (the client has left, its timeout has passed, the server stops), the call has
/// no effect.
class StreamTurn {
 public:
  explicit StreamTurn(std::shared_ptr<StreamChannel> channel) : channel_(std::move(channel)) {}
  StreamTurn(StreamTurn&&) noexcept = default;
  StreamTurn& operator=(StreamTurn&&) noexcept;
  ~StreamTurn();

  /// Sends a message of the method's response type. It is encoded here, not kept. The source gets
  /// its next turn when it has been written to the client's connection.
  void Send(const google::protobuf::Message& message);

  // For a source whose messages are made elsewhere, and are too large to encode here:

  [[nodiscard]] EncodeMessage encoder() const;
  /// Sends a message that an encoder of this stream has returned.
  void SendEncoded(std::string message);
  /// Sends a message of the method's response type that is encoded by the stream's codec, in parts
  /// that many streams may share. It is not compressed: that would have to be done for each.
  void SendParts(std::span<const std::string_view> parts);

  /// Ends the stream with success.
  void Finish();
  void Fail(const Error& error);

 private:
  std::shared_ptr<StreamChannel> channel_;  ///< null once the turn is used
};

/// Makes the messages of a stream, one for each turn. Turns come no faster than the client reads,
/// so nothing piles up. Worker's thread only. Destroyed when the stream has ended, for whatever
/// reason; a turn that it still holds then has no effect.
class MessageSource {
 public:
  virtual ~MessageSource() = default;
  virtual void Next(StreamTurn turn) = 0;
};

/// Lasts as long as a stream, and may end it from outside. Worker's thread only.
class StreamGuard {
 public:
  using End = std::move_only_function<void(const Error& error)>;

  virtual ~StreamGuard() = default;
  /// Called once, when the stream begins; not if it was refused. While this lives, `end` may be
  /// called once: it fails the stream as soon as the client has read what was sent, also during a
  /// turn of its source, and may destroy this. It has no effect on a stream that has ended.
  virtual void Begin(End end) = 0;
};

/// A call with a stream of responses. The handler answers it exactly once, on the worker's thread,
/// during its own call or at any time after it: with Fail, or with a source of messages. The
/// headers are sent at once, before any message.
///
/// The client's timeout covers the whole stream: when it passes, the stream ends with
/// `deadline_exceeded`. When the server stops, streams end with `unavailable`.
class StreamCall final : public Call {
 public:
  explicit StreamCall(CallStart&& start) : Call(std::move(start)) {}

  /// Returns how the client reads and writes messages.
  [[nodiscard]] Codec codec() const { return format().dialect.codec; }

  /// Keeps the guard for as long as the stream. Call it before Respond.
  void GuardBy(std::unique_ptr<StreamGuard> guard) { guard_ = std::move(guard); }

  void Respond(std::unique_ptr<MessageSource> source);

 private:
  std::unique_ptr<StreamGuard> guard_;  ///< null if nothing guards it
};

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_CALL_H_
