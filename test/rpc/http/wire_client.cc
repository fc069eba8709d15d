#include "rpc/http/wire_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <utility>

namespace coupond::http {
namespace {

std::size_t ContentLength(const std::string& head) {
  constexpr std::string_view kName = "Content-Length: ";
  const std::size_t at = head.find(kName);
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + kName.size()));
}

}  // namespace

WireClient::WireClient(std::uint16_t port, const char* address) {
  Open(std::strchr(address, ':') == nullptr ? AF_INET : AF_INET6);
  Connect(port, address);
}

WireClient::~WireClient() {
  if (socket_ >= 0) close(socket_);
}

WireClient::WireClient(WireClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      unread_(std::move(other.unread_)),
      end_(other.end_) {}

void WireClient::OpenIpv4() { Open(AF_INET); }

void WireClient::Open(int family) {
  socket_ = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_GE(socket_, 0) << std::strerror(errno);
  const timeval patience{.tv_sec = 60, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void WireClient::Connect(std::uint16_t port, const char* address) {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  const bool is_v6 = inet_pton(AF_INET6, address, &v6.sin6_addr) == 1;
  if (!is_v6) {
    ASSERT_EQ(inet_pton(AF_INET, address, &v4.sin_addr), 1);
  }
  const auto* name = is_v6 ? reinterpret_cast<sockaddr*>(&v6) : reinterpret_cast<sockaddr*>(&v4);
  const socklen_t size = is_v6 ? sizeof v6 : sizeof v4;
  ASSERT_EQ(::connect(socket_, name, size), 0) << std::strerror(errno);
}

bool WireClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void WireClient::HalfClose() { shutdown(socket_, SHUT_WR); }

void WireClient::Abort() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(std::exchange(socket_, -1));
}

bool WireClient::Fill() {
  std::array<char, 64 * 1024> piece;
  const ssize_t received = recv(socket_, piece.data(), piece.size(), 0);
  if (received > 0) {
    unread_.append(piece.data(), static_cast<std::size_t>(received));
    return true;
  }
  end_ = received == 0 ? End::kOrderly : End::kReset;
  return false;
}

bool WireClient::FillTo(std::size_t bytes) {
  while (unread_.size() < bytes) {
    if (!Fill()) return false;
  }
  return true;
}

WireReply WireClient::Receive(bool to_head) {
  WireReply reply;
  std::size_t end = 0;
  while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return reply;
  }
  reply.head = unread_.substr(0, end + 4);
  unread_.erase(0, end + 4);
  reply.status = std::stoi(reply.head.substr(reply.head.find(' ')));
  if (to_head || reply.status == 100 || reply.status == 204) {
    reply.whole = true;
  } else if (reply.Has("Transfer-Encoding: chunked")) {
    reply.whole = ReceiveChunks(reply);
  } else if (reply.Has("Content-Length: ")) {
    const std::size_t length = ContentLength(reply.head);
    reply.whole = FillTo(length);
    reply.body = unread_.substr(0, length);
    unread_.erase(0, length);
  } else {
    while (Fill()) {
    }
    reply.body = std::exchange(unread_, {});
    reply.whole = end_ == End::kOrderly;
  }
  return reply;
}

bool WireClient::ReceiveChunks(WireReply& reply) {
  for (;;) {
    std::size_t line_end = 0;
    while ((line_end = unread_.find("\r\n")) == std::string::npos) {
      if (!Fill()) return false;
    }
    const std::size_t size = std::stoul(unread_.substr(0, line_end), nullptr, 16);
    if (size == 0) {
      unread_.erase(0, line_end + 2);
      return ReceiveTrailers(reply.trailers);
    }
    if (!FillTo(line_end + 2 + size + 2)) return false;
    reply.body.append(unread_, line_end + 2, size);
    EXPECT_EQ(unread_.substr(line_end + 2 + size, 2), "\r\n");
    unread_.erase(0, line_end + 2 + size + 2);
  }
}

bool WireClient::ReceiveTrailers(std::string& trailers) {
  for (;;) {
    std::size_t line_end = 0;
    while ((line_end = unread_.find("\r\n")) == std::string::npos) {
      if (!Fill()) return false;
    }
    trailers.append(unread_, 0, line_end == 0 ? 0 : line_end + 2);
    unread_.erase(0, line_end + 2);
    if (line_end == 0) return true;
  }
}

WireReply WireClient::Ask(std::string_view request) {
  Send(request);
  return Receive();
}

bool WireClient::IsReadableWithin(std::chrono::milliseconds patience) {
  pollfd wanted{.fd = socket_, .events = POLLIN, .revents = 0};
  return poll(&wanted, 1, static_cast<int>(patience.count())) > 0;
}

WireClient::End WireClient::AwaitEnd() {
  while (Fill()) unread_.clear();
  return end_;
}

}  // namespace coupond::http
