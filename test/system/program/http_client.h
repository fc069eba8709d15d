#ifndef COUPOND_TEST_SYSTEM_PROGRAM_HTTP_CLIENT_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_HTTP_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
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

  /// Returns the value of the header with this name in lower case; empty if there is none.
  [[nodiscard]] std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

/// Returns the bytes of a POST request.
[[nodiscard]] std::string PostRequest(std::string_view path, std::string_view content_type,
                                      std::string_view body);

/// A blocking connection to 127.0.0.1, or to a socket of the Unix domain, that sends any bytes and
/// reads HTTP/1.1 replies. It is not rpc/client on purpose: tests send malformed requests, read
/// slowly, and see every header of a reply. A server that is silent for 60 s counts as gone, so no
/// test hangs. One thread.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port);
  /// Uses a small receive buffer, so the server soon notices a client that does not read.
  HttpClient(std::uint16_t port, std::size_t receive_buffer_bytes);
  explicit HttpClient(const std::filesystem::path& socket_file);
  ~HttpClient();
  HttpClient(HttpClient&& other) noexcept;
  HttpClient& operator=(HttpClient&& other) noexcept;

  /// Reports whether a server listened there.
  [[nodiscard]] bool connected() const { return socket_ >= 0; }

  /// Sends the bytes. Returns whether the kernel took all of them.
  bool Send(std::string_view bytes);
  /// Waits until everything that was sent has reached the server's kernel. Returns false if it does
  /// not.
  [[nodiscard]] bool WaitUntilArrived() const;
  /// Waits until there is something to read, or the connection has ended, without reading.
  [[nodiscard]] bool WaitUntilReadable() const;
  /// Ends the sending direction.
  void HalfClose() const;
  /// Returns the next reply, or nullopt if the connection ended before it was complete.
  [[nodiscard]] std::optional<HttpReply> Receive();
  /// The same, but calls `after_read` after each read from the socket.
  [[nodiscard]] std::optional<HttpReply> Receive(const std::function<void()>& after_read);
  [[nodiscard]] std::optional<HttpReply> Ask(std::string_view request);
  /// Waits until the server closes the connection, and discards what arrives before. Returns false
  /// if it does not close it.
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
