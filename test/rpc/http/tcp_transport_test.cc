#include "rpc/http/tcp_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "rpc/http/limits.h"
#include "rpc/http/transport_fixture.h"

namespace coupond::http {
namespace {

/// Returns an option of the socket, or -1 if it cannot be read.
int OptionOf(int socket, int level, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(socket, level, option, &value, &size) == 0 ? value : -1;
}

/// A transport over a loopback connection, whose other end the test holds.
class TcpTransportTest : public TransportFixture {
 protected:
  TcpTransportTest() : client_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(client_.number(), reinterpret_cast<sockaddr*>(&address), sizeof address),
              0);
    transport_ = std::make_unique<TcpTransport>(Accept(), loop_);
  }

  void ClientSends(std::string_view bytes) {
    ASSERT_EQ(::send(client_.number(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }

  FileDescriptor client_;
};

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST_F(TcpTransportTest, AVanishedHostIsNoticedIn90Seconds) {
  const auto option = [this](int level, int name) { return OptionOf(socket_, level, name); };
  EXPECT_EQ(option(IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPIDLE), 60);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPINTVL), 10);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPCNT), 3);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_USER_TIMEOUT), 90'000);
  EXPECT_EQ(kVanishedAfter, std::chrono::seconds(90));
}

TEST(TcpTransport, AClosedSocketIsIgnored) { SetConnectionOptions(-1); }

TEST_F(TcpTransportTest, ReadsWhatArrivesLater) {
  Read();
  TurnFor(0);
  EXPECT_THAT(reads_, IsEmpty());
  ClientSends("hello");
  TurnUntil(reads_, 1);
  EXPECT_THAT(reads_, ElementsAre(Pair(Outcome::kDone, "hello")));
}

// The kernel reports bytes once, when they arrive.
TEST_F(TcpTransportTest, ReadsWhatArrivedBeforeItWasAskedFor) {
  ClientSends("early");
  TurnFor(50);
  Read();
  TurnUntil(reads_, 1);
  EXPECT_THAT(reads_, ElementsAre(Pair(Outcome::kDone, "early")));
}

TEST_F(TcpTransportTest, ReadsOnWhenThereWasMoreThanFitted) {
  ClientSends("0123456789abcdefgh");
  for (std::size_t count = 1; count <= 3; ++count) {
    Read();
    TurnUntil(reads_, count);
  }
  EXPECT_THAT(reads_, ElementsAre(Pair(Outcome::kDone, "01234567"),
                                  Pair(Outcome::kDone, "89abcdef"), Pair(Outcome::kDone, "gh")));
}

TEST_F(TcpTransportTest, ReportsTheEndBehindTheLastBytes) {
  ClientSends("bye");
  client_.Close();
  TurnFor(50);  // both are known before anything is read
  for (std::size_t count = 1; count <= 2; ++count) {
    Read();
    TurnUntil(reads_, count);
  }
  EXPECT_THAT(reads_, ElementsAre(Pair(Outcome::kDone, "bye"), Pair(Outcome::kEnd, "")));
}

TEST_F(TcpTransportTest, ReportsAConnectionThatTheClientReset) {
  const linger abort{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(client_.number(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  Read();
  client_.Close();
  TurnUntil(reads_, 1);
  EXPECT_THAT(reads_, ElementsAre(Pair(Outcome::kFailed, "")));
  EXPECT_EQ(transport_->WriteNow("too late"), std::nullopt);
}

TEST_F(TcpTransportTest, ASocketThatCannotBeWatchedFailsItsFirstRead) {
  transport_ = std::make_unique<TcpTransport>(FileDescriptor(), loop_);
  Read();
  TurnUntil(reads_, 1);
  EXPECT_THAT(reads_, ElementsAre(Pair(Outcome::kFailed, "")));
}

TEST_F(TcpTransportTest, WritesTheRestWhenTheClientReads) {
  const std::string much(8 << 20, 'x');
  std::size_t sent = *transport_->WriteNow(much);
  ASSERT_LT(sent, much.size()) << "the kernel's buffers hold everything";
  std::vector<Outcome> writes;
  std::string space(1 << 20, ' ');
  std::size_t received = 0;
  while (received < much.size()) {
    const std::size_t before = writes.size();
    if (sent < much.size()) {
      transport_->WriteSome(std::string_view(much).substr(sent),
                            [&](Outcome outcome, std::size_t bytes) {
                              writes.push_back(outcome);
                              sent += bytes;
                            });
    }
    TurnFor(0);
    while (received < much.size()) {
      const ssize_t got = ::recv(client_.number(), space.data(), space.size(), MSG_DONTWAIT);
      if (got <= 0) break;
      received += static_cast<std::size_t>(got);
    }
    if (sent < much.size()) TurnUntil(writes, before + 1);
  }
  EXPECT_EQ(sent, much.size());
  EXPECT_THAT(writes, testing::Each(Outcome::kDone));
}

TEST_F(TcpTransportTest, WaitingForInputReadsNothing) {
  Await();
  TurnFor(0);
  EXPECT_THAT(inputs_, IsEmpty());
  ClientSends("hi");
  TurnUntil(inputs_, 1);
  ASSERT_EQ(inputs_.size(), 1U);
  EXPECT_TRUE(transport_->HasInput());
  EXPECT_FALSE(transport_->HasPeerClosed());
  Read();
  TurnUntil(reads_, 1);
  EXPECT_THAT(reads_, ElementsAre(Pair(Outcome::kDone, "hi")));
  EXPECT_FALSE(transport_->HasInput());
  client_.Close();
  TurnFor(50);
  EXPECT_TRUE(transport_->HasPeerClosed());
}

// The loop asks the kernel once for each turn, and what it was told may have been read since.
TEST_F(TcpTransportTest, AnOutdatedReportIsNoInput) {
  ClientSends("0123456789");
  Read();
  TurnUntil(reads_, 1);  // fills the space, so the next read is resumed
  transport_->ReadSome(space_, [&](Outcome outcome, std::size_t bytes) {
    reads_.emplace_back(outcome, std::string(space_.data(), bytes));
    Await();
  });
  ClientSends("x");  // reported in the turn in which the resumed read takes it
  TurnUntil(reads_, 2);
  ASSERT_THAT(reads_, ElementsAre(Pair(Outcome::kDone, "01234567"), Pair(Outcome::kDone, "89x")));
  TurnFor(10);
  EXPECT_THAT(inputs_, IsEmpty());
  ClientSends("y");
  TurnUntil(inputs_, 1);
  EXPECT_EQ(inputs_.size(), 1U);
}

TEST_F(TcpTransportTest, AReadAndAWaitAreBothServedByTheSameBytes) {
  Await();
  Read();
  ClientSends("both");
  TurnUntil(inputs_, 1);
  TurnUntil(reads_, 1);
  EXPECT_EQ(inputs_.size(), 1U);
  EXPECT_THAT(reads_, ElementsAre(Pair(Outcome::kDone, "both")));
}

TEST_F(TcpTransportTest, CloseDropsWhatIsPending) {
  const auto held = std::make_shared<int>();
  transport_->ReadSome(space_, [held](Outcome, std::size_t) { FAIL() << "called after Close"; });
  transport_->AwaitInput([held] { FAIL() << "called after Close"; });
  ClientSends("unread");
  transport_->Close();
  EXPECT_EQ(held.use_count(), 1);
  TurnFor(10);
}

TEST_F(TcpTransportTest, ACallbackMayDestroyItsTransport) {
  ClientSends("once");
  std::vector<int> calls;
  transport_->ReadSome(space_, [this, &calls](Outcome, std::size_t) {
    calls.push_back(1);
    transport_.reset();
  });
  TurnUntil(calls, 1);
  EXPECT_EQ(calls.size(), 1U);
  EXPECT_EQ(transport_, nullptr);
}

TEST_F(TcpTransportTest, KnowsItsPeer) {
  sockaddr_in own{};
  socklen_t size = sizeof own;
  ASSERT_EQ(::getsockname(client_.number(), reinterpret_cast<sockaddr*>(&own), &size), 0);
  EXPECT_EQ(transport_->Peer().Text(), "127.0.0.1:" + std::to_string(ntohs(own.sin_port)));
  transport_->Close();
  EXPECT_EQ(transport_->Peer().Text(), "");
}

}  // namespace
}  // namespace coupond::http
