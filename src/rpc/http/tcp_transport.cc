#include "rpc/http/tcp_transport.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "rpc/http/limits.h"

namespace coupond::http {
namespace {

void Set(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

/// Reports whether the last call on a non-blocking socket failed because it would have to wait.
bool WouldWait() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

/// Reports whether there are bytes, or the end, or an error, without taking it.
bool CanRead(int socket) {
  char byte = 0;
  return ::recv(socket, &byte, 1, MSG_PEEK) >= 0 || !WouldWait();
}

ssize_t Send(int socket, std::string_view bytes) {
  return ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

}  // namespace

TcpTransport::TcpTransport(FileDescriptor socket, EventLoop& loop)
    : loop_(loop), socket_(std::move(socket)) {
  SetConnectionOptions(socket_.number());
  if (loop_.Watch(socket_.number(), *this)) return;
  readable_ = ends_ = true;  // so that the first read fails
  socket_.Close();
}

TcpTransport::~TcpTransport() { Close(); }

PeerAddress TcpTransport::Peer() const { return PeerOf(socket_.number()); }

PeerAddress PeerOf(int socket) {
  sockaddr_in6 address{};
  socklen_t size = sizeof address;
  auto* general = reinterpret_cast<sockaddr*>(&address);
  if (::getpeername(socket, general, &size) != 0) return {};
  if (general->sa_family == AF_UNIX) return {.is_unix = true};
  PeerAddress peer{.port = ntohs(address.sin6_port)};  // in the same place for both families
  if (general->sa_family == AF_INET) {
    peer.family = PeerAddress::Family::kIpV4;
    const auto& ip = reinterpret_cast<const sockaddr_in*>(general)->sin_addr;
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&ip), sizeof ip, peer.bytes.begin());
  } else if (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr)) {
    peer.family = PeerAddress::Family::kIpV4;
    std::copy_n(&address.sin6_addr.s6_addr[12], 4, peer.bytes.begin());
  } else {
    peer.family = PeerAddress::Family::kIpV6;
    std::ranges::copy(address.sin6_addr.s6_addr, peer.bytes.begin());
  }
  return peer;
}

void TcpTransport::ReadSome(std::span<char> space, OnBytes on_read) {
  space_ = space;
  on_read_ = std::move(on_read);
  if (readable_) ContinueSoon();
}

std::optional<std::size_t> TcpTransport::WriteNow(std::string_view bytes) {
  const ssize_t written = Send(socket_.number(), bytes);
  if (written >= 0) return static_cast<std::size_t>(written);
  if (!WouldWait()) return std::nullopt;
  return 0;
}

void TcpTransport::WriteSome(std::string_view bytes, OnBytes on_written) {
  bytes_ = bytes;
  on_written_ = std::move(on_written);
  writable_ = true;  // until the kernel says that it is not
  ContinueSoon();
}

void TcpTransport::AwaitInput(OnInput on_input) {
  on_input_ = std::move(on_input);
  if (readable_) ContinueSoon();
}

void TcpTransport::ContinueSoon() {
  if (!std::exchange(continues_, true)) loop_.Resume(*this);
}

void TcpTransport::OnReady(EventLoop::Readiness ready) {
  continues_ = false;
  readable_ |= ready.readable;
  writable_ |= ready.writable;
  ends_ |= ready.ended;
  // A report may be older than the read that took its bytes. Read notices that by itself.
  if (on_input_ && readable_) readable_ = CanRead(socket_.number());
  if (on_input_ && readable_) {
    const bool reads = static_cast<bool>(on_read_);
    const bool writes = static_cast<bool>(on_written_);
    if (reads || writes) ContinueSoon();
    return std::exchange(on_input_, nullptr)();
  }
  if (on_written_ && writable_) {
    if (on_read_ && readable_) ContinueSoon();
    return Write();
  }
  if (on_read_ && readable_) Read();
}

/// Reads once. Bytes that do not fill the space were all there were: the loop will report the next.
void TcpTransport::Read() {
  const ssize_t got = ::recv(socket_.number(), space_.data(), space_.size(), 0);
  if (got < 0 && WouldWait()) {
    readable_ = false;
    return;
  }
  const auto bytes = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  readable_ = ends_ || bytes == space_.size();
  const Outcome outcome = got > 0 ? Outcome::kDone : got == 0 ? Outcome::kEnd : Outcome::kFailed;
  std::exchange(on_read_, nullptr)(outcome, bytes);
}

void TcpTransport::Write() {
  const std::optional<std::size_t> written = WriteNow(bytes_);
  if (written == 0) {
    writable_ = false;
    return;
  }
  std::exchange(on_written_, nullptr)(written ? Outcome::kDone : Outcome::kFailed,
                                      written.value_or(0));
}

bool TcpTransport::HasInput() {
  int bytes = 0;
  return ::ioctl(socket_.number(), FIONREAD, &bytes) == 0 && bytes > 0;
}

bool TcpTransport::HasPeerClosed() {
  pollfd end{.fd = socket_.number(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&end, 1, 0) > 0;
}

bool TcpTransport::ShutDownSend() { return ::shutdown(socket_.number(), SHUT_WR) == 0; }

void TcpTransport::Close() {
  loop_.Forget(*this);
  socket_.Close();
  // Destroyed last: they may own what owns this.
  const OnBytes read = std::exchange(on_read_, nullptr);
  const OnBytes written = std::exchange(on_written_, nullptr);
  const OnInput input = std::exchange(on_input_, nullptr);
}

void TcpTransport::Reset() {
  const linger abort{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_.number(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  Close();
}

void SetConnectionOptions(int socket) {
  Set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  Set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  Set(socket, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(kProbeAfter.count()));
  Set(socket, IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(kProbeInterval.count()));
  Set(socket, IPPROTO_TCP, TCP_KEEPCNT, kProbes);
  // TCP sends no probes while sent data is unacknowledged; this limits that time.
  Set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT,
      static_cast<int>(std::chrono::milliseconds(kVanishedAfter).count()));
}

}  // namespace coupond::http
