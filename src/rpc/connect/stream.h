#ifndef COUPOND_RPC_CONNECT_STREAM_H_
#define COUPOND_RPC_CONNECT_STREAM_H_

#include <memory>
#include <utility>

#include "rpc/connect/call.h"

/// Calls with one request and any number of responses.
namespace coupond::connect {

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

#endif  // COUPOND_RPC_CONNECT_STREAM_H_
