#ifndef COUPOND_TEST_RPC_HTTP_WIRE_CLIENT_H_
#define COUPOND_TEST_RPC_HTTP_WIRE_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace coupond::http {

struct WireReply {
  int status = 0;  ///< 0: no whole head came before the connection ended
  std::string head;
  std::string body;
  std::string trailers;  ///< lines behind the last chunk
  bool whole = false;    ///< the body came to its announced end

  [[nodiscard]] bool Has(std::string_view text) const {
    return head.find(text) != std::string::npos;
  }
};

/// A blocking client that sends exactly the bytes it is given, for tests of malformed, slow and
/// truncated requests, and reads replies without a parser that might correct them. Every wait for
/// the server ends after 60 s, as if the server had reset the connection, so no test hangs.
class WireClient {
 public:
  enum class End { kOrderly, kReset };

  explicit WireClient(std::uint16_t port, const char* address = "127.0.0.1");
  /// A socket that Connect connects later.
  WireClient() = default;
  ~WireClient();
  WireClient(WireClient&& other) noexcept;
  WireClient& operator=(WireClient&&) = delete;

  /// Makes the socket; needs a file descriptor, which Connect then does not.
  void OpenIpv4();
  void Connect(std::uint16_t port, const char* address = "127.0.0.1");

  /// Whether the kernel took all of it.
  bool Send(std::string_view bytes);
  void HalfClose();
  /// Closes at once, with a reset.
  void Abort();

  /// The next reply; of a reply to HEAD only the head is waited for.
  WireReply Receive(bool to_head = false);
  WireReply Ask(std::string_view request);
  /// Waits so long for bytes, or for the end.
  bool IsReadableWithin(std::chrono::milliseconds patience);
  /// Waits for the connection's end, throwing away what comes before it.
  End AwaitEnd();

 private:
  void Open(int family);
  bool Fill();
  bool FillTo(std::size_t bytes);
  bool ReceiveChunks(WireReply& reply);
  bool ReceiveTrailers(std::string& trailers);

  int socket_ = -1;
  std::string unread_;
  End end_ = End::kOrderly;
};

}  // namespace coupond::http

#endif  // COUPOND_TEST_RPC_HTTP_WIRE_CLIENT_H_
