#include "rpc/http/tls_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "rpc/http/tcp_transport.h"
#include "rpc/http/tls_files.h"
#include "rpc/http/transport_fixture.h"
#include "support/tls_client.h"

namespace coupond::http {
namespace {

using test::TlsClient;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

/// The server's side of a connection whose handshake is done and whose other end the test holds.
class TlsTransportTest : public TransportFixture {
 protected:
  TlsTransportTest() {
    auto client = std::async(std::launch::async, [port = port()] {
      auto made = std::make_unique<TlsClient>(port);
      EXPECT_TRUE(made->ready()) << made->error();
      EXPECT_TRUE(made->Send("hello"));
      return made;
    });
    transport_ = std::make_unique<TlsTransport>(std::make_unique<TcpTransport>(Accept(), loop_),
                                                *tls_.Load(), loop_);
    EXPECT_TRUE(transport_->IsOpening());
    Read();
    TurnUntil(reads_, 1);
    EXPECT_THAT(reads_, ElementsAre(Pair(Outcome::kDone, "hello")));
    EXPECT_FALSE(transport_->IsOpening());
    reads_.clear();
    client_ = client.get();
  }

  /// Reports whether bytes have arrived that the transport has not taken yet, and waits for them so
  /// long.
  [[nodiscard]] bool HasArrivedWithin(std::chrono::milliseconds patience) const {
    pollfd arrived{.fd = socket_, .events = POLLIN, .revents = 0};
    return ::poll(&arrived, 1, static_cast<int>(patience.count())) == 1;
  }

  TestTlsFiles tls_;
  std::unique_ptr<TlsClient> client_;
};

TEST_F(TlsTransportTest, ReadsOnWhatIsDecryptedAlready) {
  ASSERT_TRUE(client_->Send("0123456789abcdefgh"));
  for (std::size_t count = 1; count <= 3; ++count) {
    Read();
    TurnUntil(reads_, count);
  }
  EXPECT_THAT(reads_, ElementsAre(Pair(Outcome::kDone, "01234567"),
                                  Pair(Outcome::kDone, "89abcdef"), Pair(Outcome::kDone, "gh")));
}

TEST_F(TlsTransportTest, WhatIsDecryptedAndUnreadIsInput) {
  ASSERT_TRUE(client_->Send("0123456789"));
  Read();
  TurnUntil(reads_, 1);
  EXPECT_TRUE(transport_->HasInput());
  Await();
  EXPECT_THAT(inputs_, IsEmpty()) << "not within AwaitInput";
  TurnUntil(inputs_, 1);
  EXPECT_EQ(inputs_.size(), 1U);
  Read();
  TurnUntil(reads_, 2);
  EXPECT_THAT(reads_, ElementsAre(Pair(Outcome::kDone, "01234567"), Pair(Outcome::kDone, "89")));
  EXPECT_FALSE(transport_->HasInput());
}

// Only what a request could be made of is input.
TEST_F(TlsTransportTest, NewKeysAreNoInput) {
  Await();
  ASSERT_TRUE(client_->UpdateKeys());
  ASSERT_TRUE(HasArrivedWithin(std::chrono::minutes(1)));
  TurnSomeTimes();
  ASSERT_FALSE(HasArrivedWithin(std::chrono::seconds(0))) << "the new keys are not looked at yet";
  EXPECT_THAT(inputs_, IsEmpty());
  ASSERT_TRUE(client_->Send("more"));
  TurnUntil(inputs_, 1);
  EXPECT_EQ(inputs_.size(), 1U);
  EXPECT_TRUE(transport_->HasInput());
  EXPECT_FALSE(transport_->HasPeerClosed());
  Read();
  TurnUntil(reads_, 1);
  EXPECT_THAT(reads_, ElementsAre(Pair(Outcome::kDone, "more")));
}

TEST_F(TlsTransportTest, AnEndIsNoInputButAwaited) {
  Await();
  client_->SendEnd();
  TurnUntil(inputs_, 1);
  ASSERT_EQ(inputs_.size(), 1U);
  EXPECT_FALSE(transport_->HasInput());
  EXPECT_TRUE(transport_->HasPeerClosed());
  Read();
  TurnUntil(reads_, 1);
  EXPECT_THAT(reads_, ElementsAre(Pair(Outcome::kEnd, "")));
  EXPECT_EQ(transport_->WriteNow("bye"), 3U) << "the other half is open";
}

TEST_F(TlsTransportTest, ACutConnectionIsNoInputButAwaited) {
  Await();
  client_->Cut();
  TurnUntil(inputs_, 1);
  ASSERT_EQ(inputs_.size(), 1U);
  EXPECT_FALSE(transport_->HasInput());
  EXPECT_TRUE(transport_->HasPeerClosed());
}

TEST_F(TlsTransportTest, AnEndBehindUnreadBytesIsSeen) {
  ASSERT_TRUE(client_->Send("unread"));
  client_->SendEnd();
  client_->Cut();
  TurnSomeTimes();
  EXPECT_TRUE(transport_->HasInput());
  EXPECT_TRUE(transport_->HasPeerClosed());
}

TEST_F(TlsTransportTest, AnEndWithoutCloseNotifyIsAFailure) {
  client_->Cut();
  Read();
  TurnUntil(reads_, 1);
  EXPECT_THAT(reads_, ElementsAre(Pair(Outcome::kFailed, "")));
  EXPECT_EQ(transport_->WriteNow("too late"), std::nullopt);
}

TEST_F(TlsTransportTest, WritesTheRestWhenTheClientReads) {
  std::string much;
  for (int i = 0; much.size() < (8U << 20U); ++i) much += std::to_string(i) + ",";
  std::size_t sent = *transport_->WriteNow(much);
  ASSERT_LT(sent, much.size()) << "the kernel's buffers hold everything";
  auto reader = std::async(std::launch::async, [this, size = much.size()] {
    std::string received;
    while (received.size() < size) {
      const auto more = client_->Receive();
      if (!more) break;
      received += *more;
    }
    return received;
  });
  std::vector<Outcome> writes;
  while (sent < much.size()) {
    const std::size_t before = writes.size();
    transport_->WriteSome(std::string_view(much).substr(sent),
                          [&](Outcome outcome, std::size_t bytes) {
                            writes.push_back(outcome);
                            sent += bytes;
                          });
    TurnUntil(writes, before + 1);
    ASSERT_EQ(writes.size(), before + 1);
    ASSERT_EQ(writes.back(), Outcome::kDone);
  }
  EXPECT_TRUE(transport_->ShutDownSend());
  EXPECT_TRUE(reader.get() == much);
  EXPECT_EQ(client_->Receive(), std::nullopt);
  EXPECT_EQ(client_->end(), TlsClient::End::kOrderly);
}

TEST_F(TlsTransportTest, ReadsWhileAWriteWaits) {
  const std::string much(8U << 20U, 'x');
  const std::size_t sent = *transport_->WriteNow(much);
  ASSERT_LT(sent, much.size());
  std::vector<Outcome> writes;
  transport_->WriteSome(std::string_view(much).substr(sent),
                        [&writes](Outcome outcome, std::size_t) { writes.push_back(outcome); });
  TurnSomeTimes();
  EXPECT_THAT(writes, IsEmpty());
  ASSERT_TRUE(client_->Send("still"));
  Read();
  TurnUntil(reads_, 1);
  EXPECT_THAT(reads_, ElementsAre(Pair(Outcome::kDone, "still")));
}

TEST_F(TlsTransportTest, AResetIsNoOrderlyEnd) {
  ASSERT_EQ(transport_->WriteNow("part"), 4U);
  transport_->Reset();
  while (client_->Receive()) continue;
  EXPECT_NE(client_->end(), TlsClient::End::kOrderly);
}

TEST_F(TlsTransportTest, CloseDropsWhatIsPending) {
  const auto held = std::make_shared<int>();
  transport_->ReadSome(space_, [held](Outcome, std::size_t) { FAIL() << "called after Close"; });
  transport_->AwaitInput([held] { FAIL() << "called after Close"; });
  ASSERT_TRUE(client_->Send("unread"));
  transport_->Close();
  EXPECT_EQ(held.use_count(), 1);
  TurnFor(10);
}

TEST_F(TlsTransportTest, ACallbackMayDestroyItsTransport) {
  ASSERT_TRUE(client_->Send("once"));
  std::vector<int> calls;
  transport_->ReadSome(space_, [this, &calls](Outcome, std::size_t) {
    calls.push_back(1);
    transport_.reset();
  });
  TurnUntil(calls, 1);
  EXPECT_EQ(calls.size(), 1U);
  EXPECT_EQ(transport_, nullptr);
}

}  // namespace
}  // namespace coupond::http
