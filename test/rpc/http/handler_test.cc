#include "rpc/http/handler.h"

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>

#include "running_server.h"

namespace coupond::http {
namespace {

namespace asio = boost::asio;

TEST(PeerAddress, HasATextForEachFamily) {
  EXPECT_EQ(PeerAddress().Text(), "");
  PeerAddress peer{.family = PeerAddress::Family::kIpV4, .bytes = {127, 0, 0, 1}, .port = 80};
  EXPECT_EQ(peer.Text(), "127.0.0.1:80");
  peer = {.family = PeerAddress::Family::kIpV6, .bytes = {}, .port = 443};
  peer.bytes.back() = 1;
  EXPECT_EQ(peer.Text(), "[::1]:443");
}

TEST(PeerAddress, IsTheOtherEndOfTheConnection) {
  RunningServer server([](const Request& request, const std::shared_ptr<Exchange>& exchange,
                          Executor&) { exchange->Respond(Text(request.peer.Text())); });
  asio::io_context context;
  asio::ip::tcp::socket socket(context);
  socket.connect({asio::ip::make_address("127.0.0.1"), server.port()});
  asio::write(socket, asio::buffer(std::string("GET / HTTP/1.1\r\nHost: x\r\n"
                                               "Connection: close\r\n\r\n")));
  std::string response;
  boost::system::error_code end;
  asio::read(socket, asio::dynamic_buffer(response), end);
  EXPECT_EQ(end, asio::error::eof);
  const std::string own = "127.0.0.1:" + std::to_string(socket.local_endpoint().port());
  EXPECT_TRUE(response.ends_with("\r\n\r\n" + own)) << response;
}

}  // namespace
}  // namespace coupond::http
