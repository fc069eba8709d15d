#ifndef COUPOND_TEST_SYSTEM_PROGRAM_HTTP_CLIENT_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_HTTP_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace coupond::test {

struct HttpReply {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< the names in lower case
  std::string body;

  /// Empty if there is none. The name in lower case.
  [[nodiscard]] std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

/// A POST request as it goes over the wire.
[[nodiscard]] std::string PostRequest(std::string_view path, std::string_view content_type,
                                      std::string_view body);

/// A blocking connection to 127.0.0.1 that sends what it is told and reads HTTP/1.1 replies. A
/// server that is silent for 30 s counts as gone, so that no test hangs. One thread.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port);
  /// With a small receive buffer, so that a server feels it soon when nobody reads.
  HttpClient(std::uint16_t port, std::size_t receive_buffer_bytes);
  ~HttpClient();
  HttpClient(HttpClient&& other) noexcept;
  HttpClient& operator=(HttpClient&& other) noexcept;

  /// Whether somebody listened there.
  [[nodiscard]] bool connected() const { return socket_ >= 0; }

  /// Whether the kernel took all of it.
  bool Send(std::string_view bytes);
  /// Waits until all that was sent has reached the server's kernel; false if it does not.
  [[nodiscard]] bool WaitUntilArrived() const;
  /// Waits until there is something to read, or the connection's end, without reading it.
  [[nodiscard]] bool WaitUntilReadable() const;
  /// No more comes from here.
  void HalfClose() const;
  /// The next reply; nothing if the connection ended before it was whole.
  [[nodiscard]] std::optional<HttpReply> Receive();
  /// The same, calling `after_read` whenever something more has been read from the socket.
  [[nodiscard]] std::optional<HttpReply> Receive(const std::function<void()>& after_read);
  [[nodiscard]] std::optional<HttpReply> Ask(std::string_view request);
  /// Waits for the server's close, throwing away what comes before it; false if it does not come.
  [[nodiscard]] bool WaitForClose();

 private:
  enum class Fill { kSome, kEnd, kFailed };
  [[nodiscard]] Fill ReadMore();

  int socket_ = -1;
  std::string unread_;
  std::size_t consumed_ = 0;  // of unread_
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_HTTP_CLIENT_H_
