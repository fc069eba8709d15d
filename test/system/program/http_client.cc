#include "system/program/http_client.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cctype>
#include <chrono>
#include <thread>
#include <utility>

#include "rpc/http/http1/parse_step.h"

namespace coupond::test {
namespace {

namespace beast_http = boost::beast::http;

constexpr timeval kPatience{.tv_sec = 60, .tv_usec = 0};
constexpr std::uint32_t kHeaderBytesMax = 64 * 1024;

std::string LowerCase(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

void SetPatience(int socket) {
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
}

HttpReply AsReply(beast_http::response<beast_http::string_body>&& message) {
  HttpReply reply;
  reply.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    reply.headers.emplace(LowerCase(std::string(field.name_string())), std::string(field.value()));
  }
  reply.body = std::move(message.body());
  return reply;
}

}  // namespace

std::string PostRequest(std::string_view path, std::string_view content_type,
                        std::string_view body) {
  std::string request = "POST ";
  request.append(path).append(" HTTP/1.1\r\nHost: localhost\r\nContent-Type: ");
  request.append(content_type).append("\r\nContent-Length: ").append(std::to_string(body.size()));
  return request.append("\r\n\r\n").append(body);
}

HttpClient::HttpClient(std::uint16_t port) : HttpClient(port, 0) {}

HttpClient::HttpClient(std::uint16_t port, std::size_t receive_buffer_bytes)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  SetPatience(socket_);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (receive_buffer_bytes > 0) {
    const int bytes = static_cast<int>(receive_buffer_bytes);
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(std::exchange(socket_, -1));
  }
}

HttpClient::HttpClient(const std::filesystem::path& socket_file)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  SetPatience(socket_);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_file.string().copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(std::exchange(socket_, -1));
  }
}

HttpClient::~HttpClient() {
  if (socket_ >= 0) ::close(socket_);
}

HttpClient::HttpClient(HttpClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      unread_(std::move(other.unread_)),
      consumed_(other.consumed_) {}

HttpClient& HttpClient::operator=(HttpClient&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(unread_, other.unread_);
  std::swap(consumed_, other.consumed_);
  return *this;
}

bool HttpClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpClient::WaitUntilArrived() const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(kPatience.tv_sec);
  int unacknowledged = 1;
  while (unacknowledged > 0 && std::chrono::steady_clock::now() < deadline) {
    if (::ioctl(socket_, SIOCOUTQ, &unacknowledged) != 0) return false;
    std::this_thread::yield();
  }
  return unacknowledged == 0;
}

bool HttpClient::WaitUntilReadable() const {
  pollfd wanted{.fd = socket_, .events = POLLIN, .revents = 0};
  return ::poll(&wanted, 1, static_cast<int>(kPatience.tv_sec) * 1'000) > 0;
}

void HttpClient::HalfClose() const { ::shutdown(socket_, SHUT_WR); }

HttpClient::Fill HttpClient::ReadMore() {
  unread_.erase(0, std::exchange(consumed_, 0));
  std::array<char, 64 * 1024> piece;
  const ssize_t count = ::recv(socket_, piece.data(), piece.size(), 0);
  if (count > 0) unread_.append(piece.data(), static_cast<std::size_t>(count));
  if (count < 0) return Fill::kFailed;
  return count == 0 ? Fill::kEnd : Fill::kSome;
}

std::optional<HttpReply> HttpClient::Receive() {
  return Receive([] {});
}

std::optional<HttpReply> HttpClient::Receive(const std::function<void()>& after_read) {
  beast_http::response_parser<beast_http::string_body> parser;
  parser.body_limit(boost::none);
  parser.header_limit(kHeaderBytesMax);
  while (true) {
    boost::beast::error_code error;
    while (!error && !parser.is_done()) {
      consumed_ += http::ParseStep(parser, std::string_view(unread_).substr(consumed_), error);
    }
    if (error && error != beast_http::error::need_more) return std::nullopt;
    if (parser.is_done()) return AsReply(parser.release());
    switch (ReadMore()) {
      case Fill::kSome:
        after_read();
        break;
      case Fill::kFailed:
        return std::nullopt;
      case Fill::kEnd: {
        // The end of the connection may be the end of a body, but not of a head.
        error = {};
        if (parser.is_header_done()) parser.put_eof(error);
        if (error || !parser.is_done()) return std::nullopt;
        return AsReply(parser.release());
      }
    }
  }
}

std::optional<HttpReply> HttpClient::Ask(std::string_view request) {
  // A server may answer and close before it has read everything; its answer counts.
  Send(request);
  return Receive();
}

bool HttpClient::WaitForClose() {
  Fill fill = Fill::kSome;
  while ((fill = ReadMore()) == Fill::kSome) consumed_ = unread_.size();
  return fill == Fill::kEnd;
}

}  // namespace coupond::test
