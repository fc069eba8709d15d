#ifndef COUPOND_RPC_CLIENT_RESPONSE_READER_H_
#define COUPOND_RPC_CLIENT_RESPONSE_READER_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace coupond::ctl {

/// An answer, as far as a Connect client needs it. Where a header field stands twice, the first one
/// counts.
struct HttpAnswer {
  int status = 0;
  bool keep_alive = false;
  std::string content_type;
  std::string body;
  std::string content_encoding = {};
  std::string location = {};
  std::string server = {};
};

/// Reads one HTTP/1.1 answer after another out of the bytes of a connection, without allocating
/// anew for each. Interim answers (1xx, RFC 9110, section 15.2) are skipped. One thread at a time.
class ResponseReader {
 public:
  /// Larger bodies are kBroken.
  explicit ResponseReader(std::size_t body_bytes_max);
  ~ResponseReader();
  ResponseReader(const ResponseReader&) = delete;
  ResponseReader& operator=(const ResponseReader&) = delete;

  enum class Progress { kMore, kDone, kBroken };

  /// Forgets everything, also bytes not yet looked at, and expects a new answer.
  void Begin();
  /// Where the next bytes of the connection are to be put; never empty. Not after kBroken.
  [[nodiscard]] std::span<char> Space();
  /// Takes in the first `count` bytes of Space(). Bytes after the end of the answer make it
  /// kBroken, since nothing more was asked for.
  [[nodiscard]] Progress Received(std::size_t count);
  /// Says that the other side closed the connection; kBroken if the answer was not complete.
  [[nodiscard]] Progress Ended();
  /// Forgets the body as far as it has come, because it was read, and counts it anew: for answers
  /// without an end.
  void DropBody();

  /// Complete after kDone; before, the body as far as it has come.
  [[nodiscard]] const HttpAnswer& answer() const;
  /// After kBroken: what was wrong, such as "its chunks are malformed", of the answer.
  [[nodiscard]] std::string_view fault() const;

 private:
  class Parser;
  struct State;
  Progress Break(std::string_view fault);
  [[nodiscard]] bool SkipInterim();

  std::unique_ptr<State> state_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_RPC_CLIENT_RESPONSE_READER_H_
