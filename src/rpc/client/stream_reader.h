#ifndef COUPOND_RPC_CLIENT_STREAM_READER_H_
#define COUPOND_RPC_CLIENT_STREAM_READER_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "rpc/client/connect_protocol.h"
#include "rpc/client/envelope_reader.h"
#include "rpc/client/response_reader.h"

namespace coupond::ctl {

/// Reads the answer of a call with a stream of messages out of the bytes of its connection, each
/// message as soon as it has come. One thread at a time.
class StreamReader {
 public:
  /// Larger messages end the stream with an error.
  explicit StreamReader(std::size_t message_bytes_max);

  /// Where the next bytes of the connection are to be put; never empty.
  [[nodiscard]] std::span<char> Space() { return http_.Space(); }
  /// Takes in the first `count` bytes of Space(). Not after the end.
  void Received(std::size_t count) { Take(http_.Received(count)); }
  /// Says that the other side closed the connection.
  void Closed();

  /// The next message that has come whole, valid until Received; nothing if there is none yet, or
  /// if end() has come.
  [[nodiscard]] std::optional<std::string_view> Next();
  /// How the stream ended; nothing as long as it goes on or Next() has more. It ends well only with
  /// the server's word that this was all. An error without a code says what is wrong with what
  /// came.
  [[nodiscard]] const std::optional<StreamEnd>& end() const { return end_; }

 private:
  void Take(ResponseReader::Progress progress);
  void EndWith(const EnvelopeReader::Envelope& last);
  void Break(std::string_view why);

  ResponseReader http_;
  ResponseReader::Progress progress_ = ResponseReader::Progress::kMore;
  bool closed_ = false;
  EnvelopeReader envelopes_;
  std::optional<StreamEnd> end_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_RPC_CLIENT_STREAM_READER_H_
