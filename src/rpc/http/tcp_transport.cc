#include "rpc/http/tcp_transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <chrono>
#include <utility>

#include "rpc/http/limits.h"

namespace coupond::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

void Set(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

}  // namespace

TcpTransport::TcpTransport(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
  error_code ignored;  // the connection may be gone already, which the first read will report
  SetConnectionOptions(socket_.native_handle());
  socket_.non_blocking(true, ignored);
}

PeerAddress TcpTransport::Peer() const {
  error_code error;
  const asio::ip::tcp::endpoint endpoint = socket_.remote_endpoint(error);
  if (error) return {};
  PeerAddress peer{.port = endpoint.port()};
  const auto keep = [&peer](PeerAddress::Family family, const auto& bytes) {
    peer.family = family;
    std::ranges::copy(bytes, peer.bytes.begin());
  };
  const asio::ip::address address = endpoint.address();
  if (address.is_v4()) {
    keep(PeerAddress::Family::kIpV4, address.to_v4().to_bytes());
  } else if (address.to_v6().is_v4_mapped()) {
    keep(PeerAddress::Family::kIpV4,
         asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_bytes());
  } else {
    keep(PeerAddress::Family::kIpV6, address.to_v6().to_bytes());
  }
  return peer;
}

void TcpTransport::ReadSome(std::span<char> space, OnBytes on_read) {
  socket_.async_read_some(asio::buffer(space.data(), space.size()), std::move(on_read));
}

void TcpTransport::CancelRead() {
  error_code ignored;
  socket_.cancel(ignored);
}

std::size_t TcpTransport::WriteNow(std::string_view bytes, error_code& error) {
  const std::size_t written = socket_.write_some(asio::buffer(bytes), error);
  if (error == asio::error::would_block) error.clear();
  return written;
}

void TcpTransport::WriteSome(std::string_view bytes, OnBytes on_written) {
  socket_.async_write_some(asio::buffer(bytes), std::move(on_written));
}

void TcpTransport::AwaitInput(OnInput on_input) {
  socket_.async_wait(asio::socket_base::wait_read, std::move(on_input));
}

bool TcpTransport::HasInput() {
  error_code error;
  return socket_.available(error) != 0 && !error;
}

bool TcpTransport::HasPeerClosed() {
  pollfd end{.fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&end, 1, 0) > 0;
}

error_code TcpTransport::ShutDownSend() {
  error_code error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  return error;
}

void TcpTransport::Close() {
  error_code ignored;
  socket_.close(ignored);
}

void TcpTransport::Reset() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
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
