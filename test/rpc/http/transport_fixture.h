#ifndef COUPOND_TEST_RPC_HTTP_TRANSPORT_FIXTURE_H_
#define COUPOND_TEST_RPC_HTTP_TRANSPORT_FIXTURE_H_

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "rpc/http/event_loop.h"
#include "rpc/http/transport.h"

namespace coupond::http {

/// What the tests of every transport over TCP need: a loopback connection, and a loop. The derived
/// fixture connects to port(), and makes the transport of what Accept returns.
class TransportFixture : public testing::Test {
 protected:
  using Outcome = Transport::Outcome;

  TransportFixture() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* general = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_.number(), general, size), 0);
    EXPECT_EQ(::listen(listener_.number(), 1), 0);
    EXPECT_EQ(::getsockname(listener_.number(), general, &size), 0);
    port_ = ntohs(address.sin_port);
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Waits for the one connection, and returns the server's end.
  [[nodiscard]] FileDescriptor Accept() {
    FileDescriptor accepted(::accept4(listener_.number(), nullptr, nullptr, SOCK_NONBLOCK));
    socket_ = accepted.number();
    listener_.Close();
    return accepted;
  }

  /// Starts a read that notes what it got.
  void Read() {
    transport_->ReadSome(space_, [this](Outcome outcome, std::size_t bytes) {
      reads_.emplace_back(outcome, std::string(space_.data(), bytes));
    });
  }
  /// Starts a wait that is noted.
  void Await() {
    transport_->AwaitInput([this] { inputs_.push_back(1); });
  }
  /// Turns the loop until there are that many notes, for at most a minute.
  template <typename Notes>
  void TurnUntil(const Notes& notes, std::size_t count) {
    for (int turns = 0; notes.size() < count && turns < 1'200; ++turns) TurnFor(50);
  }
  void TurnFor(int ms) { loop_.Turn(EventLoop::Clock::now() + std::chrono::milliseconds(ms)); }
  void TurnSomeTimes() {
    for (int turns = 0; turns < 10; ++turns) TurnFor(5);
  }

  EventLoop loop_;
  int socket_ = -1;  ///< the server's end, which the transport owns
  std::unique_ptr<Transport> transport_;
  std::array<char, 8> space_{};
  std::vector<std::pair<Outcome, std::string>> reads_;
  std::vector<int> inputs_;

 private:
  FileDescriptor listener_;
  std::uint16_t port_ = 0;
};

}  // namespace coupond::http

#endif  // COUPOND_TEST_RPC_HTTP_TRANSPORT_FIXTURE_H_
