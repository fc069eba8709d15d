#include "rpc/http/tcp_transport.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "rpc/http/limits.h"

namespace coupond::http {
namespace {

using boost::asio::ip::tcp;

/// Returns an option of the socket, or -1 if it cannot be read.
int OptionOf(int socket, int level, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(socket, level, option, &value, &size) == 0 ? value : -1;
}

TEST(TcpTransport, AVanishedHostIsNoticedIn90Seconds) {
  boost::asio::io_context io;
  tcp::acceptor acceptor(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  tcp::socket client(io);
  client.connect(acceptor.local_endpoint());
  tcp::socket accepted = acceptor.accept();

  SetConnectionOptions(accepted.native_handle());
  const auto option = [&](int level, int name) {
    return OptionOf(accepted.native_handle(), level, name);
  };
  EXPECT_EQ(option(IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPIDLE), 60);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPINTVL), 10);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPCNT), 3);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_USER_TIMEOUT), 90'000);
  EXPECT_EQ(kVanishedAfter, std::chrono::seconds(90));
}

TEST(TcpTransport, AClosedSocketIsIgnored) { SetConnectionOptions(-1); }

}  // namespace
}  // namespace coupond::http
