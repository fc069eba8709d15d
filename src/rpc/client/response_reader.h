#ifndef COUPOND_RPC_CLIENT_RESPONSE_READER_H_
#define COUPOND_RPC_CLIENT_RESPONSE_READER_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace coupond::rpc_client {

/// The parts of an HTTP answer that a Connect client needs. If a header field occurs twice, the
/// first one counts.
struct HttpAnswer {
  int status = 0;
  bool keep_alive = false;
  std::string content_type;
  std::string body;
  std::string content_encoding = {};
  std::string location = {};
  std::string server = {};
};

/// Reads one HTTP/1.1 answer after another out of the bytes of a connection, and reuses its memory
/// from one to the next. Interim answers (1xx, RFC 9110, section 15.2) are skipped. One thread at a
/// time.
class ResponseReader {
 public:
  /// An answer with a larger body is kBroken.
  explicit ResponseReader(std::size_t body_bytes_max);
  ~ResponseReader();
  ResponseReader(const ResponseReader&) = delete;
  ResponseReader& operator=(const ResponseReader&) = delete;

  enum class Progress { kMore, kDone, kBroken };

  /// Discards everything, including bytes not yet examined, and expects a new answer.
  void Begin();
  /// Returns the space for the next bytes of the connection, which is never empty. Must not be
  /// called after kBroken.
  [[nodiscard]] std::span<char> Space();
  /// Takes in the first `count` bytes of Space(). Bytes after the end of the answer make it
  /// kBroken, because nothing more was requested.
  [[nodiscard]] Progress Received(std::size_t count);
  /// Tells the reader that the other side closed the connection. Returns kBroken if the answer was
  /// not complete.
  [[nodiscard]] Progress Ended();
  /// Discards the part of the body that has arrived, and no longer counts it towards the limit. For
  /// streams, which may be of any length.
  void DropBody();

  /// The answer, which is complete after kDone. Before, its body is what has arrived so far.
  [[nodiscard]] const HttpAnswer& answer() const;
  /// What was wrong with the answer, such as "its chunks are malformed". Valid after kBroken.
  [[nodiscard]] std::string_view fault() const;

 private:
  class Parser;
  struct State;
  Progress Break(std::string_view fault);
  [[nodiscard]] bool SkipInterim();

  std::unique_ptr<State> state_;
};

}  // namespace coupond::rpc_client

#endif  // COUPOND_RPC_CLIENT_RESPONSE_READER_H_
