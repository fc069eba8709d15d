#ifndef COUPOND_RPC_CLIENT_STREAM_READER_H_
#define COUPOND_RPC_CLIENT_STREAM_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rpc/client/connect_protocol.h"
#include "rpc/client/response_reader.h"

namespace coupond::rpc_client {

/// Splits the body of a stream into its envelopes (rpc/connect/envelope.h), however its bytes
/// arrive. One thread at a time.
class EnvelopeReader {
 public:
  struct Envelope {
    std::uint8_t flags = 0;
    std::string_view message;
  };

  /// A longer message makes the rest unreadable. It is not waited for.
  explicit EnvelopeReader(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  void Append(std::string_view bytes);
  /// Returns the next complete envelope, or nullopt if there is none yet. Its message is valid
  /// until Append.
  [[nodiscard]] std::optional<Envelope> Next();
  /// Reports whether a message was announced that is longer than the limit. Nothing follows it.
  [[nodiscard]] bool too_large() const { return too_large_; }

 private:
  const std::size_t message_bytes_max_;
  std::string bytes_;
  std::size_t read_ = 0;  // the bytes that Next has returned
  bool too_large_ = false;
};

/// Reads the answer of a call with a stream of messages out of the bytes of its connection, each
/// message as soon as it has arrived. One thread at a time.
class StreamReader {
 public:
  /// A larger message ends the stream with an error.
  explicit StreamReader(std::size_t message_bytes_max);

  /// Returns the space for the next bytes of the connection, which is never empty.
  [[nodiscard]] std::span<char> Space() { return http_.Space(); }
  /// Takes in the first `count` bytes of Space(). Must not be called after the end.
  void Received(std::size_t count) { Take(http_.Received(count)); }
  /// Tells the reader that the other side closed the connection.
  void Closed();

  /// Returns the next complete message, which is valid until Received. Returns nullopt if there is
  /// none yet, or if the stream has ended.
  [[nodiscard]] std::optional<std::string_view> Next();
  /// Returns how the stream ended, or nullopt while it continues or Next() has more. It ends
  /// without an error only if the server said so. An error without a code says what is wrong with
  /// the bytes.
  [[nodiscard]] const std::optional<StreamEnd>& end() const { return end_; }

 private:
  void Take(ResponseReader::Progress progress);
  void EndWith(const EnvelopeReader::Envelope& last);
  void Break(Failure failure, std::string_view why);

  ResponseReader http_;
  ResponseReader::Progress progress_ = ResponseReader::Progress::kMore;
  bool closed_ = false;
  EnvelopeReader envelopes_;
  std::optional<StreamEnd> end_;
};

}  // namespace coupond::rpc_client

#endif  // COUPOND_RPC_CLIENT_STREAM_READER_H_
